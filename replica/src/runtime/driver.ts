// Moves a network: collects what arrives, makes a round of it, records the round, and lets answers leave only when the
// record is on disk. Rounds go on while earlier ones are being flushed.
import type { IngressCall } from '../http/core.ts';
import { hasWork, type RoundInput } from '../scheduler/round.ts';
import type { RoundChanges } from '../scheduler/scheduler.ts';
import { nextWakeUpNs } from '../scheduler/tasks.ts';
import type { RequestId } from '../state/message.ts';
import type { Store } from '../store/store.ts';
import type { Checkpointer } from './checkpoint.ts';
import type { Network } from './network.ts';
import type { Replay } from './recovery.ts';
import { replicaClosed } from './replica-error.ts';
import { encodeRound } from './round-record.ts';
import { withStoreWords } from './store-folder.ts';
import type { Time } from './time.ts';

export interface Driver {
  /** Takes a call into the next round; resolves when it is answered and durable. A known id is not taken twice. */
  enqueue(call: IngressCall): Promise<void>;
  /** One round now, even if nothing waits. */
  tick(): Promise<void>;
  /** Makes a round when the last one is long ago: certificates show its time, and clients refuse what looks old. */
  freshen(): void;
  /** Resolves when everything executed so far is on disk. */
  durable(): Promise<void>;
  /** Nothing executed so far waits for the disk: what the state says may be told at once. */
  isDurable(): boolean;
  checkpoint(): Promise<void>;
  /** Why the replica can take no more calls, or null. */
  failure(): Error | null;
  /** Ends the rounds, writes a checkpoint. */
  stop(): Promise<void>;
}

export interface DriverParts {
  readonly network: Network;
  readonly store: Store;
  readonly checkpointer: Checkpointer;
  readonly time: Time;
  /** Instructions executed since the last checkpoint that call for another one. */
  readonly checkpointInstructions: bigint;
  /** Executed since the newest checkpoint already, when the store was opened. */
  readonly replayed: Replay;
  /** Called once. */
  readonly onFailure: (error: Error) => void;
}

/** So many rounds call for a checkpoint too, however little they execute: each takes its time when they are replayed. */
const roundsPerCheckpoint = 20_000;

/** Calls taken up in one round; what is more waits for the next. Memory can be let go between rounds only, and an update
 * of an Azle canister touches a third of a megabyte, so a thousand canisters should not be touched in one. */
const ingressPerRound = 256;

/** Some twenty milliseconds, in which nobody was heard. */
const longRoundInstructions = 100_000_000n;
/** After such a round others are heard first, also who needs an answer before they can ask: else a call waits some rounds, not one. */
const pauseMs = 4;

/** Clients take a certificate's time for the network's, within minutes; a second keeps idle networks from making rounds. */
const certificateAgeNsMax = 1_000_000_000n;

interface Running extends DriverParts {
  waiting: IngressCall[];
  readonly waiters: Map<RequestId, { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void }>;
  flushed: Promise<void>;
  flushedRound: number;
  /** Since the newest checkpoint. */
  instructions: bigint;
  rounds: number;
  checkpointing: Promise<void> | null;
  failure: Error | null;
  stopped: boolean;
  scheduled: boolean;
}

export function createDriver(parts: DriverParts): Driver {
  const running: Running = {
    ...parts,
    waiting: [],
    waiters: new Map(),
    flushed: Promise.resolve(),
    flushedRound: parts.network.state.round,
    instructions: parts.replayed.instructions,
    rounds: parts.replayed.rounds,
    checkpointing: null,
    failure: null,
    stopped: false,
    scheduled: false,
  };
  parts.time.onWakeUp(() => schedule(running));
  // What was executed again need not be a second time, and may have filled the memory.
  if (isCheckpointDue(running)) void saveCheckpoint(running).catch(() => {});
  if (hasWork(parts.network.scheduler)) schedule(running);
  else planWakeUp(running);
  return {
    enqueue: (call) => enqueue(running, call),
    tick: () => {
      if (!running.stopped && running.failure === null) runOneRound(running);
      return durable(running);
    },
    freshen: () => {
      const ageNs = running.time.nowNs() - running.network.state.timeNs;
      if (ageNs > certificateAgeNsMax && !running.stopped && running.failure === null) runOneRound(running);
    },
    durable: () => durable(running),
    isDurable: () => running.flushedRound === running.network.state.round && running.failure === null,
    checkpoint: () => saveCheckpoint(running),
    failure: () => running.failure,
    stop: () => stop(running),
  };
}

function durable({ failure, stopped, flushed }: Running): Promise<void> {
  if (failure !== null) return Promise.reject(failure);
  return stopped ? Promise.reject(replicaClosed()) : flushed;
}

function enqueue(running: Running, call: IngressCall): Promise<void> {
  if (running.failure !== null) return Promise.reject(running.failure);
  if (running.stopped) return Promise.reject(replicaClosed());
  const known = running.waiters.get(call.requestId);
  if (known !== undefined) return known.promise;
  const status = running.network.state.requests.get(call.requestId)?.status.kind;
  if (status === 'replied' || status === 'rejected' || status === 'done') return running.flushed;
  const waiter = createWaiter();
  running.waiters.set(call.requestId, waiter);
  if (status === undefined) running.waiting.push(call);
  schedule(running);
  return waiter.promise;
}

function createWaiter() {
  let resolve = () => {};
  let reject = (_: Error) => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** Soon, but after whatever else has arrived already: calls that come together share a round. */
function schedule(running: Running): void {
  if (running.scheduled || running.stopped || running.failure !== null) return;
  running.scheduled = true;
  const next = () => takeTurn(running);
  if (running.checkpointing !== null && running.checkpointer.isOverfull()) {
    // Memory grows faster than the disk takes it: rounds wait for the checkpoint after which some of it can go.
    void running.checkpointing.catch(() => {}).then(() => setImmediate(next));
  } else if (running.network.scheduler.instructions >= longRoundInstructions) pause(next);
  else setImmediate(next);
}

/** What arrives is read in one turn of the event loop and worked on in the next; a timer alone would come between the two. */
function pause(next: () => void): void {
  setTimeout(() => setImmediate(() => setImmediate(next)), pauseMs);
}

function takeTurn(running: Running): void {
  running.scheduled = false;
  if (running.stopped || running.failure !== null) return;
  runOneRound(running);
  if (running.waiting.length > 0 || hasWork(running.network.scheduler)) schedule(running);
  else planWakeUp(running);
}

function planWakeUp(running: Running): void {
  running.time.wakeUpAt(nextWakeUpNs(running.network.scheduler));
}

function runOneRound(running: Running): void {
  const { network } = running;
  const ingress = running.waiting.splice(0, ingressPerRound);
  const input: RoundInput = { timeNs: running.time.nextRoundNs(network.state.timeNs), ingress };
  const changed = stepOrFail(running, input);
  if (changed === null) return;
  const flushed = record(running, { ...input, hostEnds: changed.hostEnds });
  running.checkpointer.note(changed);
  settleWaiters(running, flushed, [...changed.settled, ...dropped(running, ingress)]);
  running.instructions += network.scheduler.instructions;
  running.rounds++;
  if (isCheckpointDue(running)) void saveCheckpoint(running).catch(() => {});
}

/** Recorded after it was executed: an input that trips over a bug of ours must not be met again at every start. */
function record(running: Running, input: RoundInput): Promise<void> {
  const { network, store } = running;
  const { round } = network.state;
  running.flushed = appendRound(store, round, input);
  running.flushed.then(
    () => {
      running.flushedRound = round;
    },
    (error: unknown) => fail(running, error),
  );
  return running.flushed;
}

/** Async, so that a store that refuses at once (its blobs can) is told like one that fails later. */
async function appendRound(store: Store, round: number, input: RoundInput): Promise<void> {
  await store.appendRound(round, encodeRound(input, store));
}

function isCheckpointDue({ instructions, checkpointInstructions, rounds, checkpointer }: Running): boolean {
  return instructions >= checkpointInstructions || rounds >= roundsPerCheckpoint || checkpointer.isCrowded();
}

function stepOrFail(running: Running, input: RoundInput): RoundChanges | null {
  try {
    return running.network.step(input);
  } catch (error) {
    fail(running, error);
    return null;
  }
}

/** Calls that the round did not take in (expired on the way) get no answer, but nobody should wait for one. */
function dropped(running: Running, ingress: readonly IngressCall[]): RequestId[] {
  return ingress
    .filter(({ requestId }) => !running.network.state.requests.has(requestId))
    .map(({ requestId }) => requestId);
}

function settleWaiters(running: Running, flushed: Promise<void>, settled: readonly RequestId[]): void {
  const waiters = settled.map((id) => take(running, id)).filter((waiter) => waiter !== undefined);
  if (waiters.length === 0) return;
  flushed.then(
    () => {
      for (const { resolve } of waiters) resolve();
    },
    (error: unknown) => {
      for (const { reject } of waiters) reject(told(error));
    },
  );
}

function told(error: unknown): Error {
  const told = withStoreWords(error);
  return told instanceof Error ? told : new Error(String(told));
}

function take(running: Running, id: RequestId) {
  const waiter = running.waiters.get(id);
  running.waiters.delete(id);
  return waiter;
}

/** Nothing that was not flushed was told to anybody: memory is ahead of the disk now, so it must not be used any more. */
function fail(running: Running, error: unknown): void {
  if (running.failure !== null) return;
  running.failure = told(error);
  running.time.wakeUpAt(null);
  rejectWaiters(running, running.failure);
  running.onFailure(running.failure);
}

function rejectWaiters(running: Running, error: Error): void {
  for (const { reject } of running.waiters.values()) reject(error);
  running.waiters.clear();
}

function saveCheckpoint(running: Running): Promise<void> {
  if (running.checkpointing !== null) return running.checkpointing;
  running.instructions = 0n;
  running.rounds = 0;
  running.checkpointing = running.checkpointer
    .save(running.network)
    .catch((error: unknown) => {
      fail(running, error);
      throw told(error);
    })
    .finally(() => {
      running.checkpointing = null;
    });
  return running.checkpointing;
}

async function stop(running: Running): Promise<void> {
  if (running.stopped) return;
  running.stopped = true;
  running.time.wakeUpAt(null);
  if (running.failure !== null) return;
  await running.flushed.catch((error: unknown) => Promise.reject(told(error)));
  await running.checkpointing;
  rejectWaiters(running, replicaClosed());
  if (running.rounds > 0) await saveCheckpoint(running);
}
