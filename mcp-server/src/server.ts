// The MCP server as a factory: the same tools for both revisions of the protocol and for both ways to reach it. Making one opens
// nothing; only a call does.
import {
  type CallToolResult,
  type InputRequiredResult,
  type Tool as ListedTool,
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
import { isOffered, stillAllowed } from './mode.ts';
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

/** What is said of the server may be kept for an hour: it only changes with the program. */
const discoverHint = { ttlMs: 3_600_000, cacheScope: 'public' } as const;
/** Each assistant has its own, and a person may take something from it at any time: it is not kept. */
const listHint = { ttlMs: 0, cacheScope: 'private' } as const;

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
    const server = createServer({ ...settings, ...settings.modeNow?.() }, isServingSubscriptions(factory));
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
      // Nobody is told of a change: tools are only taken away, and who calls one hears of it then.
      capabilities: {
        tools: { listChanged: false },
        prompts: { listChanged: false },
        resources: { listChanged: false, ...(canSubscribe ? { subscribe: true } : {}) },
      },
      // A person has as long as the token that they decide about.
      inputRequired: { roundTimeoutMs: tokenLifeMs },
      cacheHints: { 'tools/list': listHint, 'server/discover': discoverHint },
    },
  );
  const shown = new Set(shownTools(settings));
  for (const tool of settings.tools) registerTool(server, settings, tool, shown.has(tool));
  listTools(server, settings);
  registerPrompts(server, settings.texts.prompts);
  registerResources(server, settings, shownTools(settings));
  registerSkills(server, settings.texts.skills);
  return server;
}

/** What was there at the start and was not taken away since. Never more: no host looks again for what came meanwhile. */
export function shownTools(settings: ServerSettings): readonly Tool[] {
  const mode = stillAllowed(settings);
  return settings.tools.filter((tool) => isOffered(tool, mode));
}

/** All of them, because one that is not listed is answered too: with why it is not to be had, and who decides that. */
function registerTool(server: McpServer, settings: ServerSettings, tool: Tool, isShown: boolean): void {
  server.registerTool(
    tool.name,
    // The library renders what it is given here at once, and a host waits for it.
    isShown ? describe(tool) : { inputSchema: anything },
    async (given: unknown, context: ServerContext) => await answer(server, settings, tool, given, context),
  );
}

/** In place of the library's list, which has all that are registered. */
function listTools(server: McpServer, settings: ServerSettings): void {
  server.server.setRequestHandler('tools/list', () => ({ tools: shownTools(settings).map(listed) }));
}

const target = { target: 'draft-2020-12' } as const;

function listed(tool: Tool): ListedTool {
  const { inputSchema, outputSchema, ...described } = describe(tool);
  return {
    name: tool.name,
    ...described,
    inputSchema: { type: 'object', ...inputSchema['~standard'].jsonSchema.input(target) },
    outputSchema: { type: 'object', ...outputSchema['~standard'].jsonSchema.output(target) },
  };
}

const anything = listedOnly(z.looseObject({}));

/** Made once: over HTTP every request has a server of its own. */
const descriptions = new WeakMap<Tool, ReturnType<typeof describeAnew>>();

function describe(tool: Tool) {
  const known = descriptions.get(tool) ?? describeAnew(tool);
  descriptions.set(tool, known);
  return known;
}

function describeAnew(tool: Tool) {
  const { title, description, hints } = tool;
  const annotations = {
    readOnlyHint: hints.readOnly,
    destructiveHint: hints.destructive,
    idempotentHint: hints.idempotent,
    openWorldHint: hints.openWorld,
  };
  const inputSchema = listedOnly(inputOf(tool));
  const outputSchema = withoutDialect(z.looseObject(tool.output.shape));
  return { title, description, inputSchema, outputSchema, annotations };
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
