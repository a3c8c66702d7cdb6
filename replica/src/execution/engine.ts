// Runs one entry point of a canister and keeps or drops what it did to memory. It changes nothing else of the state:
// balances, calls and answers are effects that the scheduler applies.
import { assert } from '@tamc/base/assert';
import { textToBytes } from '@tamc/base/bytes';
import { dropPendingCall } from '../system-api/call.ts';
import { appendLog } from '../system-api/debug.ts';
import { type Again, type Batches, createBatches } from './batch.ts';
import { createDeepGuest, type DeepGuest } from './deep-guest.ts';
import { type Execution, Trap } from './execution.ts';
import { createHostEnds, type HostEnd, type HostEnds, isHostEnd } from './host-ends.ts';
import { createHotSet, type HotSet } from './hot-set.ts';
import type { Guest, LiveInstance } from './instance.ts';
import { errorToTrap, isHostStackOverflow, type Outcome } from './outcome.ts';
import { createEffects, type Prepared, prepareExecution } from './prepare-execution.ts';
import type { EngineWorld, ExecuteRequest } from './request.ts';
import { createStableOverlay, type StableOverlay } from './stable.ts';

export interface Engine {
  readonly hot: HotSet;
  readonly hostEnds: HostEnds;
  /** Runs it and keeps or drops what it did to memory, as asked; after a trap everything is dropped. */
  execute(request: ExecuteRequest): Outcome;
  /** Makes what was kept so far part of the images. Nobody reads a canister's memory before this. */
  settle(): void;
}

export interface EngineOptions {
  /** Bytes of memory that live instances may hold; beyond it the longest unused ones give way. */
  readonly hotBytesMax: number;
}

export function createEngine(world: EngineWorld, options: EngineOptions): Engine {
  const hot = createHotSet(world, options.hotBytesMax);
  const batches = createBatches(hot);
  const hostEnds = createHostEnds();
  return {
    hot,
    hostEnds,
    settle: batches.settle,
    execute: (request) => {
      const attempts = attemptsFor(hostEnds);
      return request.keep
        ? executeKept(world, batches, attempts, request)
        : executeDropped(world, hot, batches, attempts, request);
    },
  };
}

/** Null when V8's stack ended: then nothing is known of how the execution ends, and all that it did must be undone. */
type Attempt = (live: LiveInstance, stable: StableOverlay, prepared: Prepared) => Outcome | null;

interface Attempts {
  readonly first: Attempt;
  readonly deep: Attempt;
}

function attemptsFor(hostEnds: HostEnds): Attempts {
  const recorded = hostEnds.next();
  if (recorded !== null) return { first: (live, _, prepared) => endedOutcome(live, prepared, recorded), deep: runDeep };
  if (!hostEnds.mayEnd()) return { first: run, deep: runDeep };
  return { first: run, deep: (live, stable, prepared) => runDeepOrEnd(hostEnds, live, stable, prepared) };
}

function executeDropped(
  world: EngineWorld,
  hot: HotSet,
  batches: Batches,
  { first, deep }: Attempts,
  request: ExecuteRequest,
): Outcome {
  batches.settle();
  const { code, stable } = request.canister;
  assert(code !== null, 'only a canister with code executes');
  const attempt = (how: Attempt): Outcome | null => {
    const live = hot.acquire(code);
    const overlay = createStableOverlay(stable);
    const outcome = how(live, overlay, prepareExecution(world, live, request));
    overlay.rollback();
    if (live.rollback()) hot.release(live);
    else hot.discard(live);
    return outcome;
  };
  return attempt(first) ?? attempt(deep)!;
}

function executeKept(
  world: EngineWorld,
  batches: Batches,
  { first, deep }: Attempts,
  request: ExecuteRequest,
): Outcome {
  const batch = batches.of(request.canister);
  const prepared = prepareExecution(world, batch.live, request);
  const outcome = first(batch.live, batch.stable, prepared);
  if (outcome === null) return executeKeptDeep(batches, deep, prepared);
  if (outcome.trap === null) batches.add(createAgain(prepared, run));
  else batches.undoLast();
  return outcome;
}

function executeKeptDeep(batches: Batches, deep: Attempt, prepared: Prepared): Outcome {
  batches.undoLast();
  const { live, stable } = batches.of(prepared.request.canister);
  const outcome = deep(live, stable, prepared);
  assert(outcome !== null, 'this stack suffices');
  if (outcome.trap === null) batches.add(createAgain(prepared, runDeep));
  else batches.undoLast();
  return outcome;
}

/** A stack that sufficed the first time may not the second: we are called from elsewhere, or code was compiled anew. */
function createAgain(prepared: Prepared, first: Attempt): Again {
  let how = first;
  return (live, stable) => {
    const outcome = how(live, stable, prepared);
    assert(outcome === null || outcome.trap === null, 'what returned once returns again');
    if (outcome === null) how = runDeep;
    return outcome !== null;
  };
}

/** As often as it calls the system: for what is known to have an end of its own. */
function runDeep(live: LiveInstance, stable: StableOverlay, prepared: Prepared): Outcome {
  return runGuest(createDeepGuest(live, false), stable, prepared);
}

function runDeepOrEnd(hostEnds: HostEnds, live: LiveInstance, stable: StableOverlay, prepared: Prepared): Outcome {
  const outcome = runGuest(createDeepGuest(live, true), stable, prepared);
  const kind = outcome.trap?.kind;
  if (kind === undefined || !isHostEnd(kind)) return outcome;
  hostEnds.note(kind, outcome.instructions);
  return endedOutcome(live, prepared, { kind, instructions: outcome.instructions });
}

/** Nothing of what it did is known to whoever executes the round again, so nothing of it stays: not even its logs. */
function endedOutcome({ width }: LiveInstance, prepared: Prepared, end: Omit<HostEnd, 'execution'>): Outcome {
  const { cyclesAtStart, reservedAtStart, environment } = prepared;
  const { isReplicated } = environment;
  const trap = new Trap(end.kind, '');
  const { instructions } = end;
  const effects = createEffects(prepared);
  return { trap, effects, cyclesAtStart, reservedAtStart, instructions, width, isReplicated };
}

function runGuest(guest: DeepGuest, stable: StableOverlay, prepared: Prepared): Outcome {
  const outcome = run(guest, stable, prepared);
  assert(outcome !== null, 'this stack suffices');
  if (outcome.trap === null) guest.giveBack();
  return outcome;
}

function run(live: Guest, stable: StableOverlay, prepared: Prepared): Outcome | null {
  const { request, input, environment, cyclesAtStart, reservedAtStart } = prepared;
  const { limit, entryPoint, target } = request;
  const { width } = live;
  const effects = createEffects(prepared);
  const execution: Execution = {
    entryPoint,
    width,
    input,
    environment,
    effects,
    memory: live.memory,
    stable,
    instructionsUsed: () => limit - live.fuel(),
    charge: live.burn,
  };
  stable.startExecution();
  live.refuel(limit);
  const trap = call(live, execution, target);
  if (trap === 'hostStack') return null;
  const left = live.fuel();
  dropPendingCall(effects);
  const { isReplicated } = environment;
  if (trap !== null && isReplicated) logTrap(execution, trap);
  const instructions = left < 0n ? limit : limit - left;
  return { trap, effects, cyclesAtStart, reservedAtStart, instructions, width, isReplicated };
}

/** Only the traps that developers cause show in the log. */
function logTrap(execution: Execution, trap: Trap): void {
  if (trap.kind !== 'calledTrap' && trap.kind !== 'wasmTrap') return;
  appendLog(execution, textToBytes(`[TRAP]: ${trap.message === '' ? '(no message)' : trap.message}`));
}

function call(live: Guest, execution: Execution, target: ExecuteRequest['target']): Trap | 'hostStack' | null {
  live.current.execution = execution;
  try {
    if (target.kind === 'export') live.callExport(target.name);
    else live.callFunction(target.reference);
    return null;
  } catch (error) {
    return isHostStackOverflow(error) ? 'hostStack' : errorToTrap(error);
  } finally {
    live.current.execution = null;
  }
}
