// Work that nobody sends: due timers, heartbeats, and calls whose best-effort deadline has passed.
import type { Principal } from '../codec/principal.ts';
import type { IngressCall } from '../http/core.ts';
import { nextStopTimeoutNs } from '../management/lifecycle.ts';
import { updateLowMemoryHook } from '../management/low-memory.ts';
import type { Canister } from '../state/canister.ts';
import type { SystemTask } from '../state/message.ts';
import { enqueue } from './calls.ts';
import { deadlineExpired, isDue } from './execute-message.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * The specification leaves the interval open ("within a few seconds"). The main network beats in every round, about once a
 * second; rounds here follow each other much faster, and hundreds of beats a second would serve nobody.
 */
export const heartbeatIntervalNs = 1_000_000_000n;

export function enqueueDueTimers(scheduler: Scheduler): void {
  const { state } = scheduler.world;
  const due = [...scheduler.timers].filter((id) => timerOf(scheduler, id) <= state.timeNs).sort();
  for (const id of due) {
    const canister = state.canisters.get(id)!;
    if (canister.status.kind !== 'running') continue;
    enqueueTask(scheduler, canister, 'globalTimer');
  }
}

/** All beat in a round that has nothing else to do, as a tick of virtual time is, and otherwise when it is time. */
export function enqueueHeartbeats(scheduler: Scheduler, ingress: readonly IngressCall[]): void {
  const { state } = scheduler.world;
  const isIdle = ingress.length === 0 && scheduler.ready.size === 0;
  const isTime = isIdle || state.timeNs >= state.heartbeatAtNs + heartbeatIntervalNs;
  if (isTime) state.heartbeatAtNs = state.timeNs;
  const beating = isTime ? scheduler.heartbeats : calledAndBeating(scheduler, ingress);
  for (const id of [...beating].sort()) enqueueTask(scheduler, state.canisters.get(id)!, 'heartbeat');
}

/** As on the main network, whoever was called has had a heartbeat when the answer comes. */
function calledAndBeating({ heartbeats }: Scheduler, ingress: readonly IngressCall[]): ReadonlySet<Principal> {
  if (heartbeats.size === 0) return heartbeats;
  return new Set(ingress.map(({ canisterId }) => canisterId).filter((id) => heartbeats.has(id)));
}

/** The hook runs once when memory becomes low, before anything else but callbacks. */
export function enqueueLowMemoryHook(scheduler: Scheduler, canister: Canister): void {
  updateLowMemoryHook(scheduler.world, canister);
  if (canister.lowMemoryHook !== 'ready') return;
  if (isQueued(canister, 'lowMemory') || !isDue(scheduler, canister, 'lowMemory')) return;
  const firstRequest = canister.inbox.findIndex((message) => message.kind !== 'response');
  canister.inbox.splice(firstRequest === -1 ? canister.inbox.length : firstRequest, 0, {
    kind: 'task',
    task: 'lowMemory',
  });
  scheduler.ready.add(canister.id);
}

/** A task that is still waiting is not queued again: a slow canister must not pile them up. */
export function enqueueTask(scheduler: Scheduler, canister: Canister, task: SystemTask): void {
  if (!isQueued(canister, task)) enqueue(scheduler, canister, { kind: 'task', task });
}

function isQueued({ inbox }: Canister, task: SystemTask): boolean {
  return inbox.some((message) => message.kind === 'task' && message.task === task);
}

export function expireDeadlines(scheduler: Scheduler): void {
  const { state } = scheduler.world;
  const late = [...scheduler.deadlines].filter(([callback]) => callback.deadlineNs < state.timeNs);
  // Sorted, because the order of the answers must not depend on what was open when the network was started.
  late.sort(([a, idOfA], [b, idOfB]) => compare(a.deadlineNs, b.deadlineNs) || compare(idOfA, idOfB) || a.id - b.id);
  for (const [callback, id] of late) {
    callback.answered = true;
    scheduler.deadlines.delete(callback);
    const payload = { kind: 'reject', reject: deadlineExpired } as const;
    enqueue(scheduler, state.canisters.get(id)!, { kind: 'response', callbackId: callback.id, refund: 0n, payload });
  }
}

function compare<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** When a round is needed although nobody asks for one: the earliest timer, deadline or heartbeat. Null = never. */
export function nextWakeUpNs(scheduler: Scheduler): bigint | null {
  const { state } = scheduler.world;
  let earliest: bigint | null = isAnyBeating(scheduler) ? state.heartbeatAtNs + heartbeatIntervalNs : null;
  const consider = (timeNs: bigint) => {
    if (earliest === null || timeNs < earliest) earliest = timeNs;
  };
  for (const id of scheduler.timers) {
    if (state.canisters.get(id)!.status.kind !== 'running') continue;
    const timerNs = timerOf(scheduler, id);
    // A timer that is past was tried: its canister is out of cycles. It is tried again, but not at once.
    consider(timerNs > state.timeNs ? timerNs : state.timeNs + heartbeatIntervalNs);
  }
  for (const callback of scheduler.deadlines.keys()) consider(callback.deadlineNs + 1n);
  const stopTimeoutNs = nextStopTimeoutNs(scheduler.world);
  if (stopTimeoutNs !== null) consider(stopTimeoutNs);
  return earliest;
}

function isAnyBeating({ heartbeats, world }: Scheduler): boolean {
  for (const id of heartbeats) if (world.state.canisters.get(id)!.status.kind === 'running') return true;
  return false;
}

function timerOf(scheduler: Scheduler, id: Principal): bigint {
  return scheduler.world.state.canisters.get(id)!.globalTimerNs;
}
