// Runs one entry point of a canister and keeps or drops what it did to memory. It changes nothing else of the state:
// balances, calls and answers are effects that the scheduler applies.
import { assert } from '@tamc/base/assert';
import { textToBytes } from '@tamc/base/bytes';
import { dropPendingCall } from '../system-api/call.ts';
import { appendLog } from '../system-api/debug.ts';
import { type Batches, createBatches } from './batch.ts';
import type { Execution, Trap } from './execution.ts';
import { createHotSet, type HotSet } from './hot-set.ts';
import type { LiveInstance } from './instance.ts';
import { errorToTrap, type Outcome } from './outcome.ts';
import { createEffects, type Prepared, prepareExecution } from './prepare-execution.ts';
import type { EngineWorld, ExecuteRequest } from './request.ts';
import { createStableOverlay, type StableOverlay } from './stable.ts';

export interface Engine {
  readonly hot: HotSet;
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
  return {
    hot,
    settle: batches.settle,
    execute: (request) =>
      request.keep ? executeKept(world, batches, request) : executeDropped(world, hot, batches, request),
  };
}

function executeDropped(world: EngineWorld, hot: HotSet, batches: Batches, request: ExecuteRequest): Outcome {
  batches.settle();
  const { code, stable } = request.canister;
  assert(code !== null, 'only a canister with code executes');
  const live = hot.acquire(code);
  const overlay = createStableOverlay(stable);
  const outcome = run(live, overlay, prepareExecution(world, live, request));
  overlay.rollback();
  if (live.rollback()) hot.release(live);
  else hot.discard(live);
  return outcome;
}

function executeKept(world: EngineWorld, batches: Batches, request: ExecuteRequest): Outcome {
  const { live, stable } = batches.of(request.canister);
  const prepared = prepareExecution(world, live, request);
  const outcome = withLessStack(() => run(live, stable, prepared), stackFramesKept);
  if (outcome.trap === null) batches.add((again, stableAgain) => runAgain(again, stableAgain, prepared));
  else batches.undoLast();
  return outcome;
}

/** So many calls of ours lie below a repetition at most; recursion that just fitted the first time must fit again. */
const stackFramesKept = 128;

function withLessStack<T>(execute: () => T, frames: number): T {
  return frames === 0 ? execute() : withLessStack(execute, frames - 1);
}

function runAgain(live: LiveInstance, stable: StableOverlay, prepared: Prepared): void {
  const { trap } = run(live, stable, prepared);
  assert(trap === null, 'what returned once returns again');
}

function run(live: LiveInstance, stable: StableOverlay, prepared: Prepared): Outcome {
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

function call(live: LiveInstance, execution: Execution, target: ExecuteRequest['target']): Trap | null {
  live.current.execution = execution;
  try {
    if (target.kind === 'export') live.callExport(target.name);
    else live.callFunction(target.reference);
    return null;
  } catch (error) {
    return errorToTrap(error);
  } finally {
    live.current.execution = null;
  }
}
