// The MCP server as a factory: the same tools for both revisions of the protocol and for both ways to reach it. Making one opens
// nothing; only a call does.
import {
  type CallToolResult,
  type InputRequiredResult,
  McpServer,
  type McpServerFactory,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { factsToResult, problemToResult } from './answer.ts';
import { inputOf } from './arguments.ts';
import { questionToResult, readAsking } from './asking.ts';
import { type CallSettings, callTool } from './call-tool.ts';
import { tokenLifeMs } from './confirm.ts';
import { createCountedAudit } from './counted-audit.ts';
import { instructions } from './instructions.ts';
import { isOffered } from './mode.ts';
import { createProgress } from './progress.ts';
import { registerPrompts } from './prompts.ts';
import { createRepetitions } from './repetitions.ts';
import { registerResources } from './resources.ts';
import { listedOnly, withoutDialect } from './schema.ts';
import { registerSkills } from './skills.ts';
import { isServingSubscriptions, keepWatcher, registerSubscriptions } from './subscriptions.ts';
import { withCommands } from './terminal-words.ts';
import type { Texts } from './texts-folder.ts';
import type { Problem, Tool } from './tool.ts';
import { createUrgentCalls } from './urgent-calls.ts';
import { createWatcher } from './watch.ts';
import type { Access, World } from './world.ts';

export interface ServerSettings extends CallSettings {
  readonly version: string;
  readonly tools: readonly Tool[];
  readonly texts: Texts;
  /** Faults of ours: to standard error, never to the protocol. */
  onFault(error: unknown): void;
}

/** A list may be kept for an hour: it only changes with the program. */
const listHint = { ttlMs: 3_600_000, cacheScope: 'public' } as const;

export function createServerFactory(given: ServerSettings): McpServerFactory {
  let last: Access | null = null;
  const open: World['open'] = async (progress) => {
    const access = await given.world.open(progress);
    if (access.ok) last = access.value;
    return access;
  };
  // By its prototype, because nothing of a world is asked before it is needed, not even who it is.
  const audit = createCountedAudit((entry) => given.world.audit(entry));
  const world: World = Object.create(given.world, { open: { value: open }, audit: { value: audit } });
  const repetitions = createRepetitions(world.acts);
  const settings = { ...given, world, repetitions, urgentCalls: createUrgentCalls(world.nowMs) };
  const watcher = createWatcher(world, () => last);
  const factory: McpServerFactory = ({ era }) => {
    const server = createServer(settings, isServingSubscriptions(factory));
    if (era === 'legacy' && isServingSubscriptions(factory)) registerSubscriptions(server, watcher);
    return server;
  };
  keepWatcher(factory, watcher);
  return factory;
}

function createServer(settings: ServerSettings, canSubscribe: boolean): McpServer {
  const server = new McpServer(
    { name: 'tamc', title: 'Autonomous Machine Cloud', version: settings.version },
    {
      instructions: withCommands(instructions, settings.inTerminal),
      // The lists change with the program only.
      capabilities: {
        tools: { listChanged: false },
        prompts: { listChanged: false },
        resources: { listChanged: false, ...(canSubscribe ? { subscribe: true } : {}) },
      },
      // A person has as long as the token that they decide about.
      inputRequired: { roundTimeoutMs: tokenLifeMs },
      cacheHints: { 'tools/list': listHint, 'server/discover': listHint },
    },
  );
  for (const tool of shownTools(settings)) registerTool(server, settings, tool);
  registerPrompts(server, settings.texts.prompts);
  registerResources(server, settings, shownTools(settings));
  registerSkills(server, settings.texts.skills);
  return server;
}

/** Fixed when the server starts: a list that changed under way would be against the protocol, and no host expects it. */
export function shownTools({ tools, ...mode }: ServerSettings): readonly Tool[] {
  return tools.filter((tool) => isOffered(tool, mode));
}

function registerTool(server: McpServer, settings: ServerSettings, tool: Tool): void {
  const { name, title, description, hints } = tool;
  const annotations = {
    readOnlyHint: hints.readOnly,
    destructiveHint: hints.destructive,
    idempotentHint: hints.idempotent,
    openWorldHint: hints.openWorld,
  };
  const inputSchema = listedOnly(inputOf(tool));
  const outputSchema = withoutDialect(z.looseObject(tool.output.shape));
  server.registerTool(
    name,
    { title, description, inputSchema, outputSchema, annotations },
    async (given: unknown, context: ServerContext) => await answer(server, settings, tool, given, context),
  );
}

const fault: Problem = {
  code: 'Fault',
  message: 'the server failed in a way it should not',
  nextStep:
    'Nothing is known about this call: look at the state before you repeat it; with the same command_id, if you gave one, it is done once.',
};

/** What a shell throws with a next step is no fault of ours: a file that is damaged, a disk that is full. */
function explained(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('nextStep' in error) || typeof error.nextStep !== 'string') return null;
  return { code: error.name, message: error.message, nextStep: error.nextStep };
}

async function answer(
  server: McpServer,
  settings: ServerSettings,
  tool: Tool,
  given: unknown,
  context: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  const progress = createProgress(context);
  let isPersonAsked = false;
  try {
    const asking = readAsking(server, context);
    const found = await callTool(settings, tool, given, { progress: progress.say, asking });
    if (!found.ok) return problemToResult(found.error);
    if ('facts' in found.value) return factsToResult(found.value.facts);
    isPersonAsked = true;
    return questionToResult(found.value.question);
  } catch (error) {
    settings.onFault(error);
    return problemToResult(explained(error) ?? fault);
  } finally {
    // In the older revision the call stays open while the person thinks.
    if (isPersonAsked) progress.waitForPerson(tokenLifeMs);
    else progress.end();
  }
}
