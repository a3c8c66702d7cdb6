// One round: take the inputs, execute until nothing is left or the round is full, settle. The whole replica is this
// function repeated; with the same inputs it does the same, to the last bit.
import { assert } from '@tamc/base/assert';
import type { HostEnd } from '../execution/host-ends.ts';
import type { IngressCall } from '../http/core.ts';
import { settleStops } from '../management/lifecycle.ts';
import type { Canister } from '../state/canister.ts';
import { chargeCanister, chargeIdleCanisters } from './charges.ts';
import { executeNextMessage } from './execute-message.ts';
import { inductIngress } from './ingress.ts';
import { executeManagementCalls } from './management-calls.ts';
import { forgetOldRequests } from './requests.ts';
import { type Scheduler, touch } from './scheduler.ts';
import { enqueueDueTimers, enqueueHeartbeats, enqueueLowMemoryHook, expireDeadlines } from './tasks.ts';

export interface RoundInput {
  readonly timeNs: bigint;
  readonly ingress: readonly IngressCall[];
  /** Only of a round that is executed again: which of its executions were ended, and how. */
  readonly hostEnds?: readonly HostEnd[];
}

/** Turns of one canister before others get theirs: waking a cold canister should pay for itself. */
const messagesPerTurn = 64;
/** A round ends here at the latest, so that answers leave while more is waiting. */
const messagesPerRound = 1_000;

export function runRound(scheduler: Scheduler, input: RoundInput): void {
  const { state } = scheduler.world;
  assert(input.timeNs > state.timeNs, 'time moves on from round to round');
  state.round++;
  state.timeNs = input.timeNs;
  scheduler.instructions = 0n;
  scheduler.engine.hostEnds.beginRound(input.hostEnds ?? null);
  chargeIdleCanisters(scheduler);
  expireDeadlines(scheduler);
  enqueueDueTimers(scheduler);
  enqueueHeartbeats(scheduler, input.ingress);
  for (const call of input.ingress) inductIngress(scheduler, call);
  executeManagementCalls(scheduler);
  executeReady(scheduler);
  for (const id of settleStops(scheduler.world)) touch(scheduler, id);
  forgetOldRequests(scheduler);
  scheduler.changed.hostEnds = scheduler.engine.hostEnds.endRound();
}

/** True while a further round has something to execute. */
export function hasWork(scheduler: Scheduler): boolean {
  return scheduler.ready.size > 0;
}

function executeReady(scheduler: Scheduler): void {
  let left = messagesPerRound;
  for (const id of scheduler.ready) {
    if (left <= 0 || scheduler.instructions >= scheduler.world.limits.round) return;
    scheduler.ready.delete(id);
    const canister = scheduler.world.state.canisters.get(id);
    if (canister !== undefined) left -= executeTurn(scheduler, canister, left);
  }
}

function executeTurn(scheduler: Scheduler, canister: Canister, most: number): number {
  let executed = 0;
  chargeCanister(scheduler, canister);
  while (canister.inbox.length > 0 && executed < Math.min(messagesPerTurn, most)) {
    if (scheduler.instructions >= scheduler.world.limits.round) break;
    executeNextMessage(scheduler, canister);
    enqueueLowMemoryHook(scheduler, canister);
    executed++;
    if (scheduler.managementInbox.length > 0) executeManagementCalls(scheduler);
  }
  scheduler.engine.settle();
  if (canister.inbox.length > 0) scheduler.ready.add(canister.id);
  return executed;
}
