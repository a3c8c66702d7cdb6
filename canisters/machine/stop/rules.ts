// The stop. It asks for no power, no lease, no cycles and no quiet; only who has nothing to do with the machine may not use it.
import { refuse } from '@tamc/base/result';
import { isSafetyAction } from '@tamc/protocol/commands';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { cleanedLine } from '@tamc/protocol/printable';
import { stopRefusals as no, stopLimits } from '@tamc/protocol/stop';
import type { Context } from '@tamc/shared/rule';
import { cancelCommands, isUntouched } from '../commands/cancel.ts';
import { tellAllDevices } from '../commands/request.ts';
import { leaseNow } from '../control/lease.ts';
import { decided, joined, type MachineDecision } from '../decision.ts';
import { isDevice, isStopped, operatorOf, operatorText, requireOperator } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { isRunningCustomer } from '../use/ended.ts';
import { isDelegate } from '../wallet/mandates.ts';

/**
 * What no device has begun is taken back for good: a release must not bring it to life again. What is under way ends by the
 * device's own report. A stopped machine stays as it is.
 */
export function stop(tables: MachineTables, context: Context, reason: string): MachineDecision<null> {
  if (!mayStop(tables, context.caller, context.nowNs))
    return refuse(no('MayNotStop', { operator: operatorText(tables) }));
  if (isStopped(tables)) return decided(null);
  const stopped = { kind: 'MachineStopped' as const, reason: cleanedLine(reason, stopLimits.reasonCharsMax) };
  const cancelled = cancelCommands(tables, context, 'stopped', ({ action }, command) => {
    return !isSafetyAction(action) && isUntouched(command);
  });
  const told = { events: tellAllDevices(tables, context, 'stop', 'stop'), calls: [] };
  const { events, calls } = joined({ events: [stopped], calls: [] }, told, cancelled);
  return decided(null, events, calls);
}

export function releaseStop(tables: MachineTables, context: Context): MachineDecision<null> {
  const refusal = requireOperator(tables, context);
  if (refusal !== null) return refuse(refusal);
  return isStopped(tables) ? decided(null, [{ kind: 'StopReleased' }]) : decided(null);
}

/** Of the stop that was looked at: a later one, which nobody has seen, stays in force. */
export function releaseStopOf(tables: MachineTables, context: Context, sinceNs: bigint): MachineDecision<null> {
  const released = releaseStop(tables, context);
  const stop = tables.stop.get();
  const isOther = stop !== null && stop.sinceNs !== sinceNs;
  return released.ok && isOther ? refuse(no('StopChanged', { reason: stop.reason })) : released;
}

export function mayStop(tables: MachineTables, caller: PrincipalHex, nowNs: bigint): boolean {
  return (
    caller === operatorOf(tables) ||
    isDevice(tables, caller) ||
    leaseNow(tables, nowNs)?.holder === caller ||
    isDelegate(tables, caller, nowNs) ||
    isRunningCustomer(tables, caller, nowNs)
  );
}
