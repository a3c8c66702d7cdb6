// The MCP server as a factory: the same tools for both revisions of the protocol and for both ways to reach it. Making one opens
// nothing; only a call does.
import {
  type CallToolResult,
  McpServer,
  type McpServerFactory,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { factsToResult, problemToResult } from './answer.ts';
import { type CallSettings, callTool, type ToolArguments } from './call-tool.ts';
import { instructions } from './instructions.ts';
import { createProgress } from './progress.ts';
import { registerPrompts } from './prompts.ts';
import { registerResources } from './resources.ts';
import { withoutDialect } from './schema.ts';
import type { Tool, Toolset } from './tool.ts';

export interface ServerSettings extends CallSettings {
  readonly version: string;
  readonly tools: readonly Tool[];
  readonly toolsets: ReadonlySet<Toolset>;
  /** Faults of ours: to standard error, never to the protocol. */
  onFault(error: unknown): void;
}

/** A list may be kept for an hour: it only changes with the program. */
const listHint = { ttlMs: 3_600_000, cacheScope: 'public' } as const;

export function createServerFactory(settings: ServerSettings): McpServerFactory {
  return () => createServer(settings);
}

export function createServer(settings: ServerSettings): McpServer {
  const server = new McpServer(
    { name: 'tamc', title: 'Autonomous Machine Cloud', version: settings.version },
    {
      instructions,
      capabilities: { tools: {} },
      cacheHints: { 'tools/list': listHint, 'server/discover': listHint },
    },
  );
  for (const tool of shownTools(settings)) registerTool(server, settings, tool);
  registerPrompts(server);
  registerResources(server, settings, shownTools(settings));
  return server;
}

/** Fixed when the server starts: a list that changed under way would be against the protocol, and no host expects it. */
export function shownTools({ tools, toolsets, isReadOnly }: ServerSettings): readonly Tool[] {
  return tools.filter(({ toolset, kind }) => toolsets.has(toolset) && (kind === 'read' || !isReadOnly));
}

function registerTool(server: McpServer, settings: ServerSettings, tool: Tool): void {
  const { name, title, description, hints } = tool;
  const annotations = {
    readOnlyHint: hints.readOnly,
    destructiveHint: hints.destructive,
    idempotentHint: hints.idempotent,
    openWorldHint: hints.openWorld,
  };
  const inputSchema = withoutDialect(tool.kind === 'read' ? tool.input : tool.input.extend(actArguments));
  const outputSchema = withoutDialect(z.looseObject(tool.output.shape));
  server.registerTool(
    name,
    { title, description, inputSchema, outputSchema, annotations },
    async (args: unknown, context: ServerContext) => await answer(settings, tool, args as ToolArguments, context),
  );
}

/** Of every tool that changes something. The token's form is checked where it is redeemed, the id by the canister. */
const actArguments = {
  confirm: z.string().optional(),
  command_id: z.string().max(64).optional(),
};

async function answer(
  settings: ServerSettings,
  tool: Tool,
  args: ToolArguments,
  context: ServerContext,
): Promise<CallToolResult> {
  const progress = createProgress(context);
  try {
    const found = await callTool(settings, tool, args, progress.say);
    return found.ok ? factsToResult(found.value) : problemToResult(found.error);
  } catch (error) {
    settings.onFault(error);
    return problemToResult({
      code: 'Fault',
      message: 'the server failed in a way it should not',
      nextStep: 'Nothing is known about this call: look at the state, then repeat it with the same command_id.',
    });
  } finally {
    progress.end();
  }
}
