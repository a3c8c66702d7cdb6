// Remote control changes hands: taken, kept alive, given back, handed over, taken from a delegate by the operator.
import { refuse } from '@tamc/base/result';
import { controlLimits as limits, controlRefusals as no } from '@tamc/protocol/control';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import type { Context } from '@tamc/shared/rule';
import { decided, joined, type MachineDecision } from '../decision.ts';
import { mayUse, operatorOf, requirePower } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { endLease } from './end.ts';
import { leaseNow } from './lease.ts';
import type { Lease } from './tables.ts';

/** By the holder itself it only sets another timeout. */
export function takeControl(tables: MachineTables, context: Context, timeoutNs: bigint): MachineDecision<number> {
  const refusal = requirePower(tables, context, 'control') ?? timeoutFault(timeoutNs);
  if (refusal !== null) return refuse(refusal);
  const holder = context.caller;
  const held = leaseNow(tables, context.nowNs);
  if (held?.holder === holder)
    return decided(held.lease, [{ kind: 'LeaseTaken', lease: held.lease, holder, timeoutNs }]);
  if (held !== null && holder !== operatorOf(tables)) return refuse(occupied(held));
  const lease = nextLease(tables);
  const taken = { events: [{ kind: 'LeaseTaken' as const, lease, holder, timeoutNs }], calls: [] };
  if (held === null) return decided(lease, taken.events);
  const { events, calls } = joined(endLease(tables, context, held, 'taken over'), taken);
  return decided(lease, events, calls);
}

/** Answers until when the lease holds without another one. */
export function keepControl(tables: MachineTables, context: Context): MachineDecision<bigint> {
  const held = leaseNow(tables, context.nowNs);
  if (held?.holder !== context.caller) return refuse(no('NotHolder'));
  return decided(context.nowNs + held.timeoutNs, [{ kind: 'LeaseKept', lease: held.lease }]);
}

export function releaseControl(tables: MachineTables, context: Context): MachineDecision<null> {
  const held = leaseNow(tables, context.nowNs);
  if (held?.holder !== context.caller) return refuse(no('NotHolder'));
  const { events, calls } = endLease(tables, context, held, 'released');
  return decided(null, events, calls);
}

/** Null takes the offer back. The holder keeps the control until the other one accepts. */
export function offerControl(tables: MachineTables, context: Context, to: PrincipalHex | null): MachineDecision<null> {
  const held = leaseNow(tables, context.nowNs);
  if (held?.holder !== context.caller) return refuse(no('NotHolder'));
  const isFit = to === null || (to !== context.caller && mayUse(tables, to, 'control', context.nowNs));
  if (!isFit) return refuse(no('HolderUnfit', { to: principalToText(to) }));
  return held.offeredTo === to ? decided(null) : decided(null, [{ kind: 'LeaseOffered', lease: held.lease, to }]);
}

export function acceptControl(tables: MachineTables, context: Context): MachineDecision<number> {
  const held = leaseNow(tables, context.nowNs);
  const holder = context.caller;
  if (held?.holder === holder) return decided(held.lease);
  if (held === null || held.offeredTo !== holder) return refuse(no('NotOfferedToCaller'));
  const refusal = requirePower(tables, context, 'control');
  if (refusal !== null) return refuse(refusal);
  const lease = nextLease(tables);
  const taken = { kind: 'LeaseTaken' as const, lease, holder, timeoutNs: held.timeoutNs };
  const { events, calls } = joined(endLease(tables, context, held, 'handed over'), { events: [taken], calls: [] });
  return decided(lease, events, calls);
}

function nextLease(tables: MachineTables): number {
  return (tables.lease.get()?.lease ?? 0) + 1;
}

function occupied({ holder }: Lease): Refusal {
  return no('LeaseOccupied', { holder: principalToText(holder) });
}

function timeoutFault(timeoutNs: bigint): Refusal | null {
  const { timeoutNsMin: min, timeoutNsMax: max } = limits;
  return timeoutNs < min || timeoutNs > max ? no('TimeoutInvalid', { min, max }) : null;
}
