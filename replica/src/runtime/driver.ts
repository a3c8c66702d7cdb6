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
import { encodeRound } from './round-record.ts';
import type { Time } from './time.ts';

export interface Driver {
  /** Takes a call into the next round; resolves when it is answered and durable. A known id is not taken twice. */
  enqueue(call: IngressCall): Promise<void>;
  /** One round now, even if nothing waits. */
  tick(): Promise<void>;
  /** Resolves when everything executed so far is on disk. */
  durable(): Promise<void>;
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
}

/** Calls taken up in one round; what is more waits for the next. */
const ingressPerRound = 1_000;

interface Running extends DriverParts {
  waiting: IngressCall[];
  readonly waiters: Map<RequestId, { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void }>;
  flushed: Promise<void>;
  instructions: bigint;
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
    instructions: 0n,
    checkpointing: null,
    failure: null,
    stopped: false,
    scheduled: false,
  };
  parts.time.onWakeUp(() => schedule(running));
  if (hasWork(parts.network.scheduler)) schedule(running);
  else planWakeUp(running);
  return {
    enqueue: (call) => enqueue(running, call),
    tick: () => {
      runOneRound(running);
      return running.flushed;
    },
    durable: () => running.flushed,
    checkpoint: () => saveCheckpoint(running),
    failure: () => running.failure,
    stop: () => stop(running),
  };
}

function enqueue(running: Running, call: IngressCall): Promise<void> {
  if (running.failure !== null) return Promise.reject(running.failure);
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
  setImmediate(() => {
    running.scheduled = false;
    if (running.stopped || running.failure !== null) return;
    runOneRound(running);
    if (running.waiting.length > 0 || hasWork(running.network.scheduler)) schedule(running);
    else planWakeUp(running);
  });
}

function planWakeUp(running: Running): void {
  running.time.wakeUpAt(nextWakeUpNs(running.network.scheduler));
}

function runOneRound(running: Running): void {
  const { network, store } = running;
  const ingress = running.waiting.splice(0, ingressPerRound);
  const input: RoundInput = { timeNs: running.time.nextRoundNs(network.state.timeNs), ingress };
  const changed = stepOrFail(running, input);
  if (changed === null) return;
  // Recorded after it was executed: an input that trips over a bug of ours must not be met again at every start.
  const flushed = store.appendRound(network.state.round, encodeRound(input, store));
  running.checkpointer.note(changed);
  settleWaiters(running, flushed, [...changed.settled, ...dropped(running, ingress)]);
  running.flushed = flushed;
  flushed.catch((error: Error) => fail(running, error));
  running.instructions += network.scheduler.instructions;
  if (running.instructions >= running.checkpointInstructions) void saveCheckpoint(running).catch(() => {});
}

function stepOrFail(running: Running, input: RoundInput): RoundChanges | null {
  try {
    return running.network.step(input);
  } catch (error) {
    fail(running, error instanceof Error ? error : new Error(String(error)));
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
    (error: Error) => {
      for (const { reject } of waiters) reject(error);
    },
  );
}

function take(running: Running, id: RequestId) {
  const waiter = running.waiters.get(id);
  running.waiters.delete(id);
  return waiter;
}

/** Nothing that was not flushed was told to anybody: memory is ahead of the disk now, so it must not be used any more. */
function fail(running: Running, error: Error): void {
  if (running.failure !== null) return;
  running.failure = error;
  running.time.wakeUpAt(null);
  for (const { reject } of running.waiters.values()) reject(error);
  running.waiters.clear();
}

function saveCheckpoint(running: Running): Promise<void> {
  if (running.checkpointing !== null) return running.checkpointing;
  running.instructions = 0n;
  const { network, checkpointer } = running;
  running.checkpointing = checkpointer
    .save(network.state, network.modules, network.genesis)
    .catch((error: Error) => {
      fail(running, error);
      throw error;
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
  await running.flushed;
  await running.checkpointing;
  await saveCheckpoint(running);
}
