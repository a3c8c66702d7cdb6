// One call of one tool, from parsed arguments to a result: rate, read-only, the network, plan and act, audit. Knows nothing of MCP.
import { randomBytes } from 'node:crypto';
import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { sha256 } from '@tamc/protocol/hash';
import { type ActSettings, type Answer, type Asking, isLost, planAndAct } from './act.ts';
import { toCanonicalJson } from './canonical.ts';
import { machineProblem } from './known-machine.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { Problem, Tool, ToolContext } from './tool.ts';
import type { Access, World } from './world.ts';

export interface CallSettings extends ActSettings {
  readonly world: World;
  readonly limiter: RateLimiter;
  readonly isReadOnly: boolean;
}

export interface ToolArguments {
  readonly confirm?: string | undefined;
  readonly command_id?: string | undefined;
  readonly [name: string]: unknown;
}

/** What is around one call. */
export interface CallContext {
  progress(text: string): void;
  readonly asking: Asking;
}

/** A call without anybody who could be asked or told: a resource that is read. */
export const alone: CallContext = { progress: () => {}, asking: { canAsk: false, said: null } };

export async function callTool(
  settings: CallSettings,
  tool: Tool,
  args: ToolArguments,
  call: CallContext,
): Promise<Result<Answer, Problem>> {
  const { world } = settings;
  const commandId = args.command_id ?? randomBytes(16).toString('hex');
  const entry = {
    atMs: world.nowMs(),
    tool: tool.name,
    caller: world.caller,
    commandId,
    argsDigest: bytesToHex(sha256(textToBytes(toCanonicalJson(args)))),
  };
  const found = await allowedCall(settings, tool, args, commandId, call);
  world.audit({ ...entry, outcome: found.ok ? statusOf(found.value) : found.error.code });
  return found;
}

function statusOf(answer: Answer): string {
  if ('question' in answer) return 'person_asked';
  const { status } = answer.facts;
  return typeof status === 'string' ? status : 'answered';
}

async function allowedCall(
  settings: CallSettings,
  tool: Tool,
  args: ToolArguments,
  commandId: string,
  { progress, asking }: CallContext,
): Promise<Result<Answer, Problem>> {
  const { world } = settings;
  const refused = problemBefore(settings, tool);
  if (refused !== null) return refuse(refused);
  const access = await world.open(progress);
  if (!access.ok) return access;
  const stranger = await strangerProblem(access.value, tool, args);
  if (stranger !== null) return refuse(stranger);
  const context: ToolContext = { access: access.value, keeper: world.keeper ?? {}, commandId, progress };
  const { confirm, ...rest } = args;
  const found =
    tool.kind === 'read'
      ? await read(tool, args, context)
      : await planAndAct(settings, tool, rest, world.caller, confirm, asking, context);
  if (!found.ok && isLost(found.error)) world.lost?.(access.value);
  return found;
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
async function strangerProblem(access: Access, { isUrgent = false }: Tool, { machine }: ToolArguments) {
  return typeof machine === 'string' && !isUrgent ? await machineProblem(access, machine) : null;
}

function problemBefore({ limiter, isReadOnly }: CallSettings, { hints, name }: Tool): Problem | null {
  const waitSeconds = limiter.take(hints.readOnly ? 'read' : 'write');
  if (waitSeconds !== null) {
    return {
      code: 'TooManyCalls',
      message: 'this connection calls faster than it may',
      nextStep: `Wait ${waitSeconds} s, then go on; read a list instead of one thing after the other.`,
    };
  }
  if (!isReadOnly || hints.readOnly) return null;
  return {
    code: 'ReadOnly',
    message: `this server was started with --read-only, and ${name} would change something`,
    nextStep: 'Ask the person to connect a server without --read-only if this is wanted.',
  };
}
