// Runs one entry point of a canister and commits or drops what it did to memory. It changes nothing else of the state:
// balances, calls and answers are effects that the scheduler applies.
import { assert } from '@tamc/base/assert';
import { noBytes, textToBytes } from '@tamc/base/bytes';
import type { Principal } from '../codec/principal.ts';
import { subtractCycles } from '../cycles/balance.ts';
import { executionFee } from '../cycles/fees.ts';
import { otherMemoryBytes } from '../cycles/storage.ts';
import type { Canister } from '../state/canister.ts';
import type { FunctionReference, Payload, SenderInfo } from '../state/message.ts';
import type { World } from '../state/world.ts';
import { dropPendingCall } from '../system-api/call.ts';
import { appendLog } from '../system-api/debug.ts';
import { metricsOf, otherCanistersBytes } from './accounting.ts';
import type { Effects, EntryPoint, Environment, Execution, ExecutionInput, Trap } from './execution.ts';
import { createHotSet, type HotSet } from './hot-set.ts';
import type { LiveInstance } from './instance.ts';
import { errorToTrap, type Outcome } from './outcome.ts';
import { createStableOverlay, type StableOverlay } from './stable.ts';

export interface Engine {
  readonly hot: HotSet;
  /** Runs it and keeps or drops what it did to memory, as asked; after a trap everything is dropped. */
  execute(request: ExecuteRequest): Outcome;
}

export interface ExecuteRequest {
  readonly canister: Canister;
  readonly entryPoint: EntryPoint;
  readonly target:
    | { readonly kind: 'export'; readonly name: string }
    | { readonly kind: 'function'; readonly reference: FunctionReference };
  readonly limit: bigint;
  readonly caller: Principal;
  /** Whether changes of memory are kept when it returns. */
  readonly keep: boolean;
  readonly senderInfo?: SenderInfo | null;
  readonly arg?: Uint8Array;
  readonly answer?: Payload | null;
  readonly cyclesAvailable?: bigint;
  readonly cyclesRefunded?: bigint;
  readonly methodName?: string;
  readonly deadlineNs?: bigint;
  readonly callContextInstructions?: bigint;
  readonly alreadyAnswered?: boolean;
  readonly dataCertificate?: () => Uint8Array | null;
}

export interface EngineOptions {
  /** Bytes of memory that live instances may hold; beyond it the longest unused ones give way. */
  readonly hotBytesMax: number;
}

export type EngineWorld = Pick<World, 'state' | 'subnet' | 'modules' | 'pool' | 'limits'>;

export function createEngine(world: EngineWorld, options: EngineOptions): Engine {
  const hot = createHotSet(world, options.hotBytesMax);
  return { hot, execute: (request) => execute(world, hot, request) };
}

function execute(world: EngineWorld, hot: HotSet, request: ExecuteRequest): Outcome {
  const { canister } = request;
  assert(canister.code !== null, 'only a canister with code executes');
  const live = hot.acquire(canister.code);
  const stable = createStableOverlay(canister.stable);
  const outcome = run(world, canister, live, stable, request);
  if (request.keep && outcome.trap === null) {
    live.commit();
    stable.commit();
    hot.release(live);
  } else {
    stable.rollback();
    if (live.rollback()) hot.release(live);
    else hot.discard(live);
  }
  return outcome;
}

const replicatedEntryPoints: ReadonlySet<EntryPoint> = new Set(['I', 'G', 'U', 'RQ', 'Ry', 'Rt', 'C', 's', 'T']);

function run(
  world: EngineWorld,
  canister: Canister,
  live: LiveInstance,
  stable: StableOverlay,
  request: ExecuteRequest,
): Outcome {
  const replicated = replicatedEntryPoints.has(request.entryPoint);
  const { width } = live;
  const prepaid = replicated ? executionFee(world.subnet, width, request.limit) : 0n;
  const cyclesAtStart = subtractCycles(canister.cycles, prepaid);
  const effects = createEffects(canister, cyclesAtStart, request);
  const execution: Execution = {
    entryPoint: request.entryPoint,
    width,
    input: createInput(world, request),
    environment: createEnvironment(world, canister, live, replicated),
    effects,
    memory: live.memory,
    stable,
    instructionsUsed: () => request.limit - live.fuel(),
    charge: (count) => live.burn(count),
  };
  live.refuel(request.limit);
  const trap = call(live, execution, request.target);
  const left = live.fuel();
  dropPendingCall(effects);
  if (trap !== null && replicated) logTrap(execution, trap);
  const instructions = left < 0n ? request.limit : request.limit - left;
  return {
    trap,
    effects,
    cyclesAtStart,
    reservedAtStart: canister.reservedCycles,
    instructions,
    width,
    isReplicated: replicated,
  };
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

function createEffects(canister: Canister, cycles: bigint, request: ExecuteRequest): Effects {
  return {
    cycles,
    reservedCycles: canister.reservedCycles,
    cyclesAvailable: request.cyclesAvailable ?? 0n,
    cyclesAccepted: 0n,
    cyclesBurned: 0n,
    replyParts: [],
    replyBytes: 0,
    response: null,
    alreadyAnswered: request.alreadyAnswered ?? false,
    pendingCall: null,
    calls: [],
    callsPerCallee: new Map(),
    certifiedData: null,
    globalTimerNs: canister.globalTimerNs,
    accepted: false,
    logs: [],
    logBytes: 0,
    logsDropped: 0,
  };
}

const noCertificate = () => null;

function createInput(world: EngineWorld, request: ExecuteRequest): ExecutionInput {
  return {
    timeNs: world.state.timeNs,
    caller: request.caller,
    senderInfo: request.senderInfo ?? null,
    arg: request.arg ?? noBytes,
    answer: request.answer ?? null,
    cyclesRefunded: request.cyclesRefunded ?? 0n,
    methodName: request.methodName ?? '',
    deadlineNs: request.deadlineNs ?? 0n,
    callContextInstructions: request.callContextInstructions ?? 0n,
    dataCertificate: request.dataCertificate ?? noCertificate,
  };
}

const statusNumbers = { running: 1, stopping: 2, stopped: 3 } as const;

function createEnvironment(
  world: EngineWorld,
  canister: Canister,
  live: LiveInstance,
  isReplicated: boolean,
): Environment {
  let otherMemory: bigint | null = null;
  let otherCanisters: bigint | null = null;
  let openCalls: Map<Principal, number> | null = null;
  return {
    canisterId: canister.id,
    controllers: canister.controllers,
    status: statusNumbers[canister.status.kind],
    canisterVersion: canister.version,
    environmentVariables: canister.settings.environmentVariables,
    settings: canister.settings,
    reservedCycles: canister.reservedCycles,
    // Walks over logs, history or all canisters: only for the few executions that ask.
    get otherMemoryBytes() {
      otherMemory ??= otherMemoryBytes(metricsOf(world, canister));
      return otherMemory;
    },
    get otherCanistersBytes() {
      otherCanisters ??= otherCanistersBytes(world.state, canister);
      return otherCanisters;
    },
    callbackInstructionLimit: world.limits.update,
    heapBytesAtStart: BigInt(live.heapBytesAtStart),
    subnet: world.subnet,
    openCallsTo: (callee) => {
      openCalls ??= countOpenCalls(canister);
      return openCalls.get(callee) ?? 0;
    },
    isReplicated,
  };
}

function countOpenCalls({ callbacks }: Canister): Map<Principal, number> {
  const counts = new Map<Principal, number>();
  for (const { callee } of callbacks.values()) counts.set(callee, (counts.get(callee) ?? 0) + 1);
  return counts;
}
