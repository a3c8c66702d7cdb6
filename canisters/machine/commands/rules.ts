// Who may tell the device what to do.
import { refuse } from '@tamc/base/result';
import { isSafetyAction } from '@tamc/protocol/commands';
import type { Refusal } from '@tamc/protocol/refusal';
import type { Context } from '@tamc/shared/rule';
import { leaseNow } from '../control/lease.ts';
import { decided, type MachineDecision } from '../decision.ts';
import { requirePower } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { rightEndsNs } from '../wallet/powerless.ts';
import { type CommandWanted, requestDeviceCommand } from './request.ts';

/**
 * Replies the subject, `command/12`. The operator, whoever holds the remote control, and delegates with the power `command` while
 * nobody else holds it: theirs expires with their right at the latest, unless it is for safety.
 */
export function command(
  tables: MachineTables,
  context: Context,
  wanted: Omit<CommandWanted, 'cause'>,
): MachineDecision<string> {
  const refusal = callerFault(tables, context);
  if (refusal !== null) return refuse(refusal);
  const endsNs = isSafetyAction(wanted.action) ? null : rightEndsNs(tables, context);
  const isShortened = endsNs !== null && endsNs < wanted.expiresNs;
  const expiresNs = isShortened ? endsNs : wanted.expiresNs;
  const requested = requestDeviceCommand(tables, context, { ...wanted, expiresNs, cause: null });
  return requested.ok ? decided(`command/${requested.value.command}`, requested.value.events) : requested;
}

function callerFault(tables: MachineTables, context: Context): Refusal | null {
  const isHolder = leaseNow(tables, context.nowNs)?.holder === context.caller;
  return isHolder ? null : requirePower(tables, context, 'command');
}

export function subjectToCommand(subject: string): number {
  return Number(subject.slice('command/'.length));
}
