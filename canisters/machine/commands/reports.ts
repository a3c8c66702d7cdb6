// One report of a device. Its sequence is exactly the next one; what cannot be right is refused and the sequence stays, what
// comes too late is kept without effect, so that a device that was away can always deliver what it has.
import { type Result, refuse } from '@tamc/base/result';
import { type CommandEvent, commandRefusals as no, reportLimits } from '@tamc/protocol/commands';
import { deviceRefusals } from '@tamc/protocol/devices';
import type { Refusal } from '@tamc/protocol/refusal';
import type { Report, ReportBody } from '@tamc/protocol/report';
import type { Context } from '@tamc/shared/rule';
import { conditionEvent, conditionFault } from '../condition/rules.ts';
import { type Consequences, decided, joined, type MachineDecision } from '../decision.ts';
import { deviceOfKey } from '../devices/keys.ts';
import type { MachineTables } from '../state.ts';
import { onCommandEnded } from '../use/ended.ts';
import { commandStatus, isEnded } from './status.ts';
import type { Command } from './tables.ts';

export type ReportEffect =
  | { readonly kind: 'applied' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'ignored'; readonly why: Why };

type Why = 'expired' | 'ended' | 'backwards';

/** What every event of a report carries. */
export interface Origin {
  readonly device: number;
  readonly sequence: number;
  readonly atNs: bigint;
}

export function report(tables: MachineTables, context: Context, given: Report): MachineDecision<ReportEffect> {
  const known = deviceOfKey(tables, context.caller);
  if (known === null) return refuse(deviceRefusals('NotADevice'));
  const { lastSequence } = known.device;
  const { sequence, atNs, body } = given;
  if (sequence <= lastSequence) return decided({ kind: 'duplicate' });
  if (sequence !== lastSequence + 1) return refuse(no('SequenceGap', { sequence, expected: lastSequence + 1 }));
  if (atNs > context.nowNs + reportLimits.driftNs)
    return refuse(no('ReportFromFuture', { driftSeconds: reportLimits.driftNs / 1_000_000_000n }));
  return reportBody(tables, context, { device: known.number, sequence, atNs }, body);
}

function reportBody(
  tables: MachineTables,
  context: Context,
  origin: Origin,
  body: ReportBody,
): MachineDecision<ReportEffect> {
  switch (body.kind) {
    case 'heartbeat':
      return decided({ kind: 'applied' }, [{ kind: 'HeartbeatReported', ...origin }]);
    case 'condition':
    case 'meter': {
      const refusal = conditionFault(tables, body);
      return refusal === null ? decided({ kind: 'applied' }, [conditionEvent(origin, body)]) : refuse(refusal);
    }
    default:
      return reportCommand(tables, context, origin, body);
  }
}

type CommandReport = Exclude<ReportBody, { kind: 'condition' | 'meter' | 'heartbeat' }>;
type EndingReport = Extract<ReportBody, { kind: 'confirmed' | 'failed' }>;

function reportCommand(
  tables: MachineTables,
  context: Context,
  origin: Origin,
  body: CommandReport,
): MachineDecision<ReportEffect> {
  const found = commandOfDevice(tables, origin.device, body.command);
  if (!found.ok) return found;
  const why = found.value === null ? 'ended' : lateness(found.value, body.kind, context.nowNs);
  if (why !== null) {
    const evidence = 'evidence' in body ? body.evidence : null;
    return decided({ kind: 'ignored', why }, [
      { kind: 'ReportIgnored', ...origin, command: body.command, why, evidence },
    ]);
  }
  const { events, calls } = forward(tables, context, origin, found.value!, body);
  return decided({ kind: 'applied' }, events, calls);
}

/** Null: it was this machine's, and so long ago that its record is gone. */
function commandOfDevice(tables: MachineTables, device: number, number: number): Result<Command | null, Refusal> {
  const command = tables.commands.get(number);
  const isPast = command === null && number >= 1 && number < tables.commandQueue.get().next;
  if (isPast || command?.device === device) return { ok: true, value: command };
  return refuse(no('CommandUnknown', { command: number }));
}

function lateness(command: Command, kind: CommandReport['kind'], nowNs: bigint): Why | null {
  const status = commandStatus(command, nowNs);
  if (status === 'expired') return 'expired';
  if (isEnded(status)) return 'ended';
  const isBack = kind === status || (kind === 'accepted' && status === 'acted');
  return isBack ? 'backwards' : null;
}

function forward(
  tables: MachineTables,
  context: Context,
  origin: Origin,
  { cause }: Command,
  body: CommandReport,
): Consequences {
  if (!isEnding(body)) return { events: [stepEvent(origin, body)], calls: [] };
  const { command, kind: outcome, evidence } = body;
  const quantity = body.kind === 'confirmed' ? body.quantity : null;
  const reason = body.kind === 'failed' ? body.reason : null;
  const { device, atNs } = origin;
  const ended = { command, device, cause, outcome, quantity, evidence, reason, atNs };
  return joined({ events: [stepEvent(origin, body)], calls: [] }, onCommandEnded(tables, context, ended));
}

function isEnding(body: CommandReport): body is EndingReport {
  return body.kind === 'confirmed' || body.kind === 'failed';
}

function stepEvent(origin: Origin, body: CommandReport): CommandEvent {
  const { command } = body;
  switch (body.kind) {
    case 'accepted':
      return { kind: 'CommandAccepted', ...origin, command };
    case 'acted':
      return { kind: 'CommandActed', ...origin, command };
    case 'confirmed':
      return { kind: 'CommandConfirmed', ...origin, command, quantity: body.quantity, evidence: body.evidence };
    case 'failed':
      return { kind: 'CommandFailed', ...origin, command, reason: body.reason, evidence: body.evidence };
  }
}
