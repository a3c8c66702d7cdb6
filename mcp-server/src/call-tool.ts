// One call of one tool, from what a host sent to a result: rate, read-only, arguments, the network, plan and act, audit. Knows nothing
// of MCP. What has to happen at once waits for no limit and is held up by no token.
import { randomBytes } from 'node:crypto';
import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { commandIdLengthMax } from '@tamc/protocol/guard';
import { sha256 } from '@tamc/protocol/hash';
import { type ActSettings, type Answer, type Asking, ofReading, planAndAct } from './act.ts';
import { isRecord, isTooDeep, parseArguments, type ToolArguments } from './arguments.ts';
import { toCanonicalJson } from './canonical.ts';
import { machineProblem } from './known-machine.ts';
import { isLost } from './lost.ts';
import { type ChangingMode, modeProblem, stillAllowed } from './mode.ts';
import type { RateLimiter } from './rate-limit.ts';
import { factsWithCommands, type InTerminal, problemWithCommands } from './terminal-words.ts';
import type { Problem, Tool, ToolContext } from './tool.ts';
import type { Turn, UrgentCalls } from './urgent-calls.ts';
import type { Access, AuditEntry, World } from './world.ts';

export interface CallSettings extends ActSettings, ChangingMode {
  readonly world: World;
  readonly limiter: RateLimiter;
  /** Left out: no act is urgent enough to be repeated too often. */
  readonly urgentCalls?: UrgentCalls;
  /** What cannot be told to the caller. */
  onFault(error: unknown): void;
  /** Left out: `npx tamc …`. */
  readonly inTerminal?: InTerminal;
}

/** What is around one call. */
export interface CallContext {
  progress(text: string): void;
  readonly asking: Asking;
}

/** A call without anybody who could be asked or told: a resource that is read. */
export const alone: CallContext = { progress: () => {}, asking: { canAsk: false, said: null } };

export async function callTool(
  started: CallSettings,
  tool: Tool,
  given: unknown,
  call: CallContext,
): Promise<Result<Answer, Problem>> {
  const { toolsets, isReadOnly, isSimulated } = stillAllowed(started);
  const settings = { ...started, toolsets, isReadOnly, isSimulated };
  const { world, urgentCalls = unshared } = settings;
  const commandId = commandIdOf(given) ?? randomBytes(16).toString('hex');
  const entry = { tool: tool.name, caller: world.caller, commandId, argsDigest: digestOf(given) };
  const audit = (outcome: string) => audited(settings, { atMs: world.nowMs(), ...entry, outcome });
  const urgency = isRecord(given) ? (tool.urgency?.(given) ?? null) : null;
  // A stop never waits, for a disk neither.
  const begin = () => {
    const problem = audit('begun');
    return urgency === null ? problem : null;
  };
  const run = (pace: Pace) => allowedCall({ ...settings, begin }, tool, given, commandId, pace, call);
  const found = urgency === null ? await run('limited') : await urgentCalls.share(urgency, run);
  // What happened is told, whether or not it could be written down: that it began was.
  audit(found.ok ? statusOf(found.value) : found.error.code);
  return inWords(withNews(world, found), settings.inTerminal);
}

/** Most clients ask for no progress: what was said there alone, nobody heard. */
function withNews(world: World, found: Result<Answer, Problem>): Result<Answer, Problem> {
  if (found.ok && 'question' in found.value) return found;
  const news = world.takeNews?.() ?? null;
  if (news === null) return found;
  if (!found.ok) return refuse({ ...found.error, nextStep: `${found.error.nextStep} ${news}` });
  return 'facts' in found.value ? ok({ facts: { ...found.value.facts, news } }) : found;
}

/** What is urgent is held up by nothing but, where it is done again and again, by the limit. */
type Pace = 'limited' | Turn;

const unshared: UrgentCalls = { share: (_urgency, call) => call('urgent') };

const afterWait: Readonly<Record<Exclude<Pace, 'urgent'>, string>> = {
  limited: 'read a list instead of one thing after the other',
  again: 'what you repeat was answered less than a minute ago',
  crowded:
    'more devices of this machine were named within a minute than it can have. To stop all of it at once: `stop`',
};

/** An act that cannot be written down is not begun: who fills the disk must not act unseen. */
function audited({ world, onFault }: CallSettings, entry: AuditEntry): Problem | null {
  try {
    world.audit(entry);
    return null;
  } catch (error) {
    onFault(error);
    const reason = error instanceof Error ? error.message : String(error);
    return {
      code: 'AuditFailed',
      message: `nothing was done, because the audit log cannot be written: ${reason}`,
      nextStep:
        'Ask the person to make room on the disk, or to look at the file; then call again. Reading and a stop go on.',
    };
  }
}

function inWords(found: Result<Answer, Problem>, inTerminal?: InTerminal): Result<Answer, Problem> {
  if (!found.ok) return refuse(problemWithCommands(found.error, inTerminal));
  return 'facts' in found.value ? ok({ facts: factsWithCommands(found.value.facts, inTerminal) }) : found;
}

/** Null: none was given, or none that a canister takes. */
function commandIdOf(given: unknown): string | null {
  const id = isRecord(given) ? given.command_id : null;
  return typeof id === 'string' && id !== '' && id.length <= commandIdLengthMax ? id : null;
}

function digestOf(given: unknown): string {
  return isTooDeep(given) ? 'too deep' : bytesToHex(sha256(textToBytes(toCanonicalJson(given))));
}

function statusOf(answer: Answer): string {
  if ('question' in answer) return 'person_asked';
  const { status } = answer.facts;
  return typeof status === 'string' ? status : 'answered';
}

async function allowedCall(
  settings: CallSettings & { readonly begin: () => Problem | null },
  tool: Tool,
  given: unknown,
  commandId: string,
  pace: Pace,
  { progress, asking }: CallContext,
): Promise<Result<Answer, Problem>> {
  const { world } = settings;
  const isUrgent = pace !== 'limited';
  const refused = problemBefore(settings, tool, pace);
  if (refused !== null) return refuse(refused);
  const parsed = parseArguments(tool, given, isUrgent);
  if (!parsed.ok) return parsed;
  const access = await world.open(progress);
  if (!access.ok) return access;
  const { confirm, ...args } = parsed.value;
  const stranger = isUrgent ? null : await strangerProblem(access.value, args);
  if (stranger !== null) return refuse(stranger);
  const context: ToolContext = { access: access.value, keeper: world.keeper ?? {}, commandId, progress };
  const agreed = isUrgent ? { said: null } : { confirm, said: asking.said };
  const found =
    tool.kind === 'read'
      ? await read(tool, args, context)
      : await planAndAct(settings, tool, args, world.caller, agreed.confirm, { ...asking, said: agreed.said }, context);
  if (found.ok) return found;
  if (isLost(found.error)) world.lost?.(access.value);
  return tool.kind === 'read' ? refuse(ofReading(found.error)) : found;
}

async function read(
  tool: Extract<Tool, { kind: 'read' }>,
  args: ToolArguments,
  context: ToolContext,
): Promise<Result<Answer, Problem>> {
  // The tool's own schema has parsed them.
  const found = await tool.read(args as never, context);
  return found.ok ? ok({ facts: found.value }) : found;
}

/** Every tool names a machine in the same way. */
async function strangerProblem(access: Access, { machine }: ToolArguments) {
  return typeof machine === 'string' ? await machineProblem(access, machine) : null;
}

function problemBefore(settings: CallSettings, tool: Tool, pace: Pace) {
  const { limiter } = settings;
  const { hints } = tool;
  const waitSeconds = pace === 'urgent' ? null : limiter.take(hints.readOnly ? 'read' : 'write');
  if (pace === 'urgent' || waitSeconds === null) return modeProblem(tool, settings);
  return {
    code: 'TooManyCalls',
    message: 'this connection calls faster than it may',
    nextStep: `Wait ${waitSeconds} s, then go on; ${afterWait[pace]}.`,
  };
}
