// Running, stopping, stopped: start_canister, stop_canister, and the stop calls that wait until every call context of
// the canister is closed, for five minutes at most.
import { encodeCandid } from '../codec/candid.ts';
import { type Principal, principalToText } from '../codec/principal.ts';
import { createReject, type Reject } from '../errors.ts';
import type { Canister, StopWaiter } from '../state/canister.ts';
import type { Payload } from '../state/message.ts';
import type { ReplicaState } from '../state/replica-state.ts';
import type { World } from '../state/world.ts';
import { stopTimeoutNs } from './limits.ts';
import { defineCanisterChange, reply } from './method.ts';
import { canisterIdRecord } from './types.ts';

export const startCanister = defineCanisterChange({
  name: 'start_canister',
  argument: canisterIdRecord,
  result: null,
  ingress: true,
  canisters: true,
  access: 'controllersAndAdmins',
  target: (argument) => argument.canister_id,
  apply: ({ world, canister }) => {
    const { status } = canister;
    canister.status = { kind: 'running' };
    canister.version++;
    stoppingOf(world.state).delete(canister.id);
    if (status.kind === 'stopping') for (const waiter of status.waiters) answer(world, waiter, cancelled(canister));
    return reply(null);
  },
});

export const stopCanister = defineCanisterChange({
  name: 'stop_canister',
  argument: canisterIdRecord,
  result: null,
  ingress: true,
  canisters: true,
  access: 'controllersAndAdmins',
  target: (argument) => argument.canister_id,
  apply: ({ world, canister, request }) => {
    canister.version++;
    const { status } = canister;
    if (status.kind === 'stopped') return reply(null);
    const waiter = { message: request, sinceNs: world.state.timeNs };
    if (status.kind === 'stopping') status.waiters.push(waiter);
    else canister.status = { kind: 'stopping', waiters: [waiter] };
    stoppingOf(world.state).add(canister.id);
    return { kind: 'pending' };
  },
});

/** To be called every round. Returns the canisters that it changed. */
export function settleStops(world: World): Principal[] {
  const stopping = stoppingOf(world.state);
  // Sorted, because the order of the answers must not depend on how the set came to be.
  return [...stopping].sort().filter((id) => settleStop(world, stopping, id));
}

/** When a stop call times out next; null when none waits. A round is needed then. */
export function nextStopTimeoutNs(world: World): bigint | null {
  let earliest: bigint | null = null;
  for (const id of stoppingOf(world.state)) {
    const status = world.state.canisters.get(id)?.status;
    const first = status?.kind === 'stopping' ? status.waiters[0] : undefined;
    if (first !== undefined && (earliest === null || first.sinceNs < earliest)) earliest = first.sinceNs;
  }
  return earliest === null ? null : earliest + stopTimeoutNs;
}

function settleStop(world: World, stopping: Set<Principal>, id: Principal): boolean {
  const canister = world.state.canisters.get(id);
  if (canister?.status.kind !== 'stopping') {
    stopping.delete(id);
    return false;
  }
  if (canister.callContexts.size > 0) return rejectLateWaiters(world, canister, canister.status.waiters);
  const { waiters } = canister.status;
  canister.status = { kind: 'stopped' };
  canister.version++;
  stopping.delete(id);
  for (const waiter of waiters) answer(world, waiter, stopped);
  return true;
}

/** The canister stays stopping: it may still come to rest later. */
function rejectLateWaiters(world: World, canister: Canister, waiters: StopWaiter[]): boolean {
  const isLate = (waiter: StopWaiter) => world.state.timeNs >= waiter.sinceNs + stopTimeoutNs;
  const late = waiters.filter(isLate);
  if (late.length === 0) return false;
  canister.status = { kind: 'stopping', waiters: waiters.filter((waiter) => !isLate(waiter)) };
  for (const waiter of late) answer(world, waiter, timedOut);
  return true;
}

const stopped: Payload = { kind: 'reply', data: encodeCandid([], []) };
const timedOut = toPayload(createReject('stopCanisterRequestTimeout', 'Stop canister request timed out'));

function cancelled(canister: Canister): Payload {
  const text = `Canister ${principalToText(canister.id)}'s stop request was cancelled.`;
  return toPayload(createReject('canisterStoppingCancelled', text));
}

function toPayload(reject: Reject): Payload {
  return { kind: 'reject', reject };
}

function answer(world: World, { message }: StopWaiter, payload: Payload): void {
  world.respond(message.origin, payload, message.cycles);
}

// Which canisters are stopping, so that a round need not look at all. Derived from the state; found again when missing.
const stoppingByState = new WeakMap<ReplicaState, Set<Principal>>();

function stoppingOf(state: ReplicaState): Set<Principal> {
  const known = stoppingByState.get(state);
  if (known !== undefined) return known;
  const found = new Set<Principal>();
  for (const canister of state.canisters.values()) if (canister.status.kind === 'stopping') found.add(canister.id);
  stoppingByState.set(state, found);
  return found;
}
