// What an execution starts from: its input, the facts around it, and its effects while there are none. With the memory
// it runs on, this is all it depends on, so it can be run again.
import { noBytes } from '@tamc/base/bytes';
import type { Principal } from '../codec/principal.ts';
import { subtractCycles } from '../cycles/balance.ts';
import { executionFee } from '../cycles/fees.ts';
import { otherMemoryBytes } from '../cycles/storage.ts';
import type { Canister } from '../state/canister.ts';
import { metricsOf, otherCanistersBytes } from './accounting.ts';
import type { Effects, EntryPoint, Environment, ExecutionInput } from './execution.ts';
import type { LiveInstance } from './instance.ts';
import type { EngineWorld, ExecuteRequest } from './request.ts';

export interface Prepared {
  readonly request: ExecuteRequest;
  readonly input: ExecutionInput;
  readonly environment: Environment;
  /** Balance when it starts: what it may cost at most is set aside. */
  readonly cyclesAtStart: bigint;
  readonly reservedAtStart: bigint;
  readonly timerAtStart: bigint;
}

const replicatedEntryPoints: ReadonlySet<EntryPoint> = new Set(['I', 'G', 'U', 'RQ', 'Ry', 'Rt', 'C', 's', 'T']);

export function prepareExecution(world: EngineWorld, live: LiveInstance, request: ExecuteRequest): Prepared {
  const { canister, entryPoint, limit } = request;
  const isReplicated = replicatedEntryPoints.has(entryPoint);
  const prepaid = isReplicated ? executionFee(world.subnet, live.width, limit) : 0n;
  return {
    request,
    input: createInput(world, request),
    environment: createEnvironment(world, canister, live, isReplicated),
    cyclesAtStart: subtractCycles(canister.cycles, prepaid),
    reservedAtStart: canister.reservedCycles,
    timerAtStart: canister.globalTimerNs,
  };
}

export function createEffects({ request, cyclesAtStart, reservedAtStart, timerAtStart }: Prepared): Effects {
  return {
    cycles: cyclesAtStart,
    reservedCycles: reservedAtStart,
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
    globalTimerNs: timerAtStart,
    accepted: false,
    logs: [],
    logBytes: 0,
    logsDropped: 0,
  };
}

export const noCertificate = () => null;

function createInput(world: EngineWorld, request: ExecuteRequest): ExecutionInput {
  return {
    timeNs: request.timeNs ?? world.state.timeNs,
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
    // Walks over logs, history or all canisters: only for the few executions that ask. No getters, which are slow to make.
    otherMemoryBytes: () => {
      otherMemory ??= otherMemoryBytes(metricsOf(world, canister));
      return otherMemory;
    },
    otherCanistersBytes: () => {
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
