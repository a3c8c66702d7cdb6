// A test double of Execution: a plain byte array as heap, another as stable memory, counters for what was charged.
// Only tests use it; the real one belongs to the execution layer.
import { canisterIdOfIndex, selfAuthenticatingPrincipal } from '../codec/principal.ts';
import {
  type Effects,
  type EntryPoint,
  type Environment,
  type Execution,
  type ExecutionInput,
  type GuestMemory,
  type StableAccess,
  Trap,
} from '../execution/execution.ts';
import { createImports, type ImportFunction } from './imports.ts';

const pageBytes = 65_536;

export interface DoubleOptions {
  readonly entryPoint?: EntryPoint;
  readonly width?: 32 | 64;
  readonly heapPages?: number;
  readonly stablePages?: number;
  readonly input?: Partial<ExecutionInput>;
  readonly environment?: Partial<Environment>;
  readonly settings?: Partial<Environment['settings']>;
  readonly effects?: Partial<Effects>;
}

export interface ExecutionDouble {
  readonly execution: Execution;
  readonly effects: Effects;
  readonly heap: Uint8Array;
  readonly stable: Uint8Array;
  readonly charged: { total: number; fuel: number };
  /** Calls an import by name, the way WebAssembly does. */
  call(name: string, ...args: (number | bigint)[]): unknown;
}

const replicated: ReadonlySet<EntryPoint> = new Set(['I', 'G', 'U', 'RQ', 'Ry', 'Rt', 'C', 's', 'T']);

export const selfId = canisterIdOfIndex(7n);
export const calleeId = canisterIdOfIndex(8n);
export const userId = selfAuthenticatingPrincipal(Uint8Array.of(1, 2, 3));
export const subnetId = selfAuthenticatingPrincipal(Uint8Array.of(9));

export function createExecutionDouble(options: DoubleOptions = {}): ExecutionDouble {
  const { entryPoint = 'U', width = 32 } = options;
  const heap = new Uint8Array((options.heapPages ?? 1) * pageBytes);
  const stable = createStableDouble(options.stablePages ?? 0);
  const charged = { total: 0, fuel: Number.POSITIVE_INFINITY };
  const effects = createEffects(options.effects);
  const execution: Execution = {
    entryPoint,
    width,
    input: createInput(options.input),
    environment: createEnvironment(entryPoint, options),
    effects,
    memory: createHeapDouble(heap),
    stable: stable.access,
    instructionsUsed: () => BigInt(charged.total),
    charge: (count) => {
      charged.total += count;
      if (charged.total > charged.fuel) throw new Trap('instructionLimit', 'out of instructions');
    },
  };
  const imports = new Map<string, ImportFunction>();
  return {
    execution,
    effects,
    heap,
    stable: stable.bytes,
    charged,
    call: (name, ...args) => {
      const known = imports.get(name) ?? createImports([name], width, { execution })[name]!;
      imports.set(name, known);
      return known(...(args as never[]));
    },
  };
}

function createInput(given: Partial<ExecutionInput> = {}): ExecutionInput {
  return {
    timeNs: 1_700_000_000_000_000_000n,
    caller: userId,
    senderInfo: null,
    arg: Uint8Array.of(1, 2, 3, 4, 5),
    answer: null,
    cyclesRefunded: 0n,
    methodName: '',
    deadlineNs: 0n,
    callContextInstructions: 0n,
    dataCertificate: () => null,
    ...given,
  };
}

function createEnvironment(entryPoint: EntryPoint, options: DoubleOptions): Environment {
  return {
    canisterId: selfId,
    controllers: [userId],
    status: 1,
    canisterVersion: 3n,
    environmentVariables: [],
    settings: {
      freezingThresholdSeconds: 2_592_000n,
      memoryAllocation: 0n,
      computeAllocation: 0n,
      reservedCyclesLimit: 5_000_000_000_000n,
      wasmMemoryLimit: 0n,
      logMemoryLimit: 4_096n,
      ...options.settings,
    },
    reservedCycles: 0n,
    otherMemoryBytes: () => 0n,
    heapBytesAtStart: 0n,
    otherCanistersBytes: () => 0n,
    callbackInstructionLimit: 40_000_000_000n,
    subnet: { subnetId, nodeCount: 13, costSchedule: 'normal', rootKey: new Uint8Array(133).fill(7) },
    openCallsTo: () => 0,
    isReplicated: replicated.has(entryPoint),
    ...options.environment,
  };
}

function createEffects(given: Partial<Effects> = {}): Effects {
  return {
    cycles: 100_000_000_000_000n,
    reservedCycles: 0n,
    cyclesAvailable: 0n,
    cyclesAccepted: 0n,
    cyclesBurned: 0n,
    replyParts: [],
    replyBytes: 0,
    response: null,
    alreadyAnswered: false,
    pendingCall: null,
    calls: [],
    callsPerCallee: new Map(),
    certifiedData: null,
    globalTimerNs: 0n,
    accepted: false,
    logs: [],
    logBytes: 0,
    logsDropped: 0,
    ...given,
  };
}

/** Traps where a System API that checks first never comes. */
function createHeapDouble(heap: Uint8Array): GuestMemory {
  const start = (address: number | bigint, size: number): number => {
    const at = Number(address);
    if (at < 0 || at + size > heap.length) throw new Error(`unchecked heap access at ${at}, ${size} bytes`);
    return at;
  };
  return {
    read: (address, size) => heap.slice(start(address, Number(size)), start(address, Number(size)) + Number(size)),
    write: (address, bytes) => heap.set(bytes, start(address, bytes.length)),
    sizeBytes: () => heap.length,
  };
}

function createStableDouble(pages: number): { access: StableAccess; bytes: Uint8Array } {
  const bytes = new Uint8Array(Math.min(pages, 64) * pageBytes);
  const written = new Set<number>();
  let sizePages = pages;
  const access: StableAccess = {
    sizePages: () => sizePages,
    grow: (additional) => {
      sizePages += additional;
      return sizePages - additional;
    },
    read: (offset, size) => bytes.slice(Number(offset), Number(offset) + size),
    write: (offset, data) => {
      bytes.set(data, Number(offset));
      for (let page = Math.floor(Number(offset) / 4096); page * 4096 < Number(offset) + data.length; page++) {
        written.add(page);
      }
    },
    newlyWrittenPages: () => written.size,
  };
  return { access, bytes };
}
