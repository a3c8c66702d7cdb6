// One round: take the inputs, execute until nothing is left or the round is full, settle. The whole replica is this
// function repeated; with the same inputs it does the same, to the last bit.
import { assert } from '@tamc/base/assert';
import type { Principal } from '../codec/principal.ts';
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

/** What is executed at most before somebody else is looked at. The message that goes beyond it is the last. */
interface Budget {
  readonly messages: number;
  readonly instructions: bigint;
}

/**
 * One turn of a canister, before others get theirs: waking a cold canister should pay for itself, and some hundred updates of an Azle
 * canister, but not two installs of one, have room.
 */
const turn: Budget = { messages: 64, instructions: 500_000_000n };
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
  executeReady(scheduler, input.ingress);
  for (const id of settleStops(scheduler.world)) touch(scheduler, id);
  forgetOldRequests(scheduler);
  scheduler.changed.hostEnds = scheduler.engine.hostEnds.endRound();
}

/** True while a further round has something to execute. */
export function hasWork(scheduler: Scheduler): boolean {
  return scheduler.ready.size > 0;
}

/**
 * Who is called from outside comes first: a person waits, and what canisters say to each other may go on for hours. It takes half of a
 * round at most, so that they go on also while calls pour in. One message may be longer than a round; after it, too, whoever has waited
 * longest has a turn, so nobody waits for ever behind one who is called again and again.
 */
function executeReady(scheduler: Scheduler, ingress: readonly IngressCall[]): void {
  const { ready, world } = scheduler;
  const round: Budget = { messages: messagesPerRound, instructions: world.limits.round };
  const called = [...new Set(ingress.map(({ canisterId }) => canisterId))].filter((id) => ready.has(id));
  const first = executeTurns(scheduler, called, half(round));
  const left = { ...round, messages: round.messages - first.messages };
  if (executeTurns(scheduler, ready, left).had.size > 0) return;
  const longest = [...ready].find((id) => !first.had.has(id));
  const oneTurn = { ...turn, instructions: scheduler.instructions + turn.instructions };
  if (longest !== undefined) executeTurns(scheduler, [longest], oneTurn);
}

function half({ messages, instructions }: Budget): Budget {
  return { messages: messages / 2, instructions: (instructions + 1n) / 2n };
}

/** Who had a turn, and how many messages were executed. Instructions are counted from the beginning of the round. */
function executeTurns(scheduler: Scheduler, ids: Iterable<Principal>, { messages, instructions }: Budget) {
  const had = new Set<Principal>();
  let executed = 0;
  for (const id of ids) {
    if (executed >= messages || scheduler.instructions >= instructions) break;
    scheduler.ready.delete(id);
    const canister = scheduler.world.state.canisters.get(id);
    if (canister === undefined) continue;
    executed += executeTurn(scheduler, canister, { messages: messages - executed, instructions });
    had.add(id);
  }
  return { had, messages: executed };
}

function executeTurn(scheduler: Scheduler, canister: Canister, round: Budget): number {
  const messages = Math.min(turn.messages, round.messages);
  const untilTurnEnds = scheduler.instructions + turn.instructions;
  const instructions = untilTurnEnds < round.instructions ? untilTurnEnds : round.instructions;
  let executed = 0;
  chargeCanister(scheduler, canister);
  while (canister.inbox.length > 0 && executed < messages && scheduler.instructions < instructions) {
    executeNextMessage(scheduler, canister);
    enqueueLowMemoryHook(scheduler, canister);
    executed++;
    if (scheduler.managementInbox.length > 0) executeManagementCalls(scheduler);
  }
  scheduler.engine.settle();
  if (canister.inbox.length > 0) scheduler.ready.add(canister.id);
  return executed;
}
