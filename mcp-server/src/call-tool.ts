// One call of one tool, from parsed arguments to a result: rate, read-only, plan and confirmation, act, audit. Knows nothing of MCP.
import { randomBytes } from 'node:crypto';
import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import { ok, refuse } from '@tamc/base/result';
import { sha256 } from '@tamc/protocol/hash';
import { planToFacts } from './answer.ts';
import { toCanonicalJson } from './canonical.ts';
import type { Confirmations, ConfirmProblem } from './confirm.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { Facts, Found, Problem, Tool, ToolContext, WriteTool } from './tool.ts';
import type { World } from './world.ts';

export interface CallSettings {
  readonly world: World;
  readonly confirmations: Confirmations;
  readonly limiter: RateLimiter;
  readonly isReadOnly: boolean;
  /** Plans are made and shown, never carried out. */
  readonly isSimulated: boolean;
}

export interface ToolArguments {
  readonly confirm?: string | undefined;
  readonly command_id?: string | undefined;
  readonly [name: string]: unknown;
}

export async function callTool(
  settings: CallSettings,
  tool: Tool,
  args: ToolArguments,
  progress: (text: string) => void,
): Found {
  const { world } = settings;
  const commandId = args.command_id ?? randomBytes(16).toString('hex');
  const entry = {
    atMs: world.nowMs(),
    tool: tool.name,
    caller: world.caller,
    commandId,
    argsDigest: bytesToHex(sha256(textToBytes(toCanonicalJson(args)))),
  };
  const found = await allowedCall(settings, tool, args, commandId, progress);
  world.audit({ ...entry, outcome: found.ok ? statusOf(found.value) : found.error.code });
  return found;
}

function statusOf({ status }: Facts): string {
  return typeof status === 'string' ? status : 'answered';
}

async function allowedCall(
  settings: CallSettings,
  tool: Tool,
  args: ToolArguments,
  commandId: string,
  progress: (text: string) => void,
): Found {
  const refused = problemBefore(settings, tool);
  if (refused !== null) return refuse(refused);
  const access = await settings.world.open(progress);
  if (!access.ok) return access;
  const context: ToolContext = { access: access.value, commandId, progress };
  // The tool's own schema has parsed them.
  return tool.kind === 'read' ? await tool.read(args as never, context) : await write(settings, tool, args, context);
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

async function write(
  settings: CallSettings,
  tool: WriteTool,
  { confirm, ...args }: ToolArguments,
  context: ToolContext,
): Found {
  const plan = await tool.plan(args as never, context);
  if (!plan.ok) return plan;
  if (settings.isSimulated) return ok(simulated(plan.value.summary, plan.value.facts));
  const subject = { tool: tool.name, args, caller: settings.world.caller };
  if (confirm !== undefined) {
    const redeemed = settings.confirmations.redeem(confirm, subject);
    if (!redeemed.ok) return refuse(confirmProblem(redeemed.error));
  } else if (plan.value.needsConfirmation) {
    const { token, expiresMs } = settings.confirmations.issue(subject);
    return ok(planToFacts(plan.value, token, expiresMs));
  }
  return await tool.act(plan.value.prepared as never, context);
}

function simulated(summary: string, facts: Facts): Facts {
  return { ...facts, status: 'simulated', plan: summary, next: 'Nothing happened: this server only simulates.' };
}

const confirmTexts: Readonly<Record<ConfirmProblem, string>> = {
  malformed: 'this is no confirm token',
  other: 'this token belongs to another plan: another tool, other arguments, or another connection',
  expired: 'this token has expired',
  used: 'this token was used already',
};

function confirmProblem(problem: ConfirmProblem): Problem {
  const nextStep = 'Call the tool without `confirm` to get a new plan, and confirm that one.';
  return { code: 'ConfirmInvalid', message: confirmTexts[problem], nextStep };
}
