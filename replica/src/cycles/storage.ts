// What a canister's memory is made of, and paying for it as time passes: from the reserved balance first.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Canister, ChangeRecord } from '../state/canister.ts';
import { smallerOf } from './balance.ts';
import { type IdleBurn, secondsPerDay } from './freezing.ts';

const wasmPageBytes = 65_536n;
/** The chunk store pays for whole chunks of 1 MiB, however short they are. */
const chunkBytes = 1n << 20n;
/** A history entry with its time, version, origin and kind; controllers come on top. */
const historyEntryBytes = 96n;
const principalBytes = 30n;
/** Index, time and length beside each log line. */
const logLineOverheadBytes = 24n;

/** Facts about the installed module; null when the canister is empty. */
export interface ModuleSize {
  readonly uploadedBytes: number;
  readonly customSectionBytes: number;
  readonly globalCount: number;
}

/** As `canister_status` lists it. */
export interface MemoryMetrics {
  readonly wasmMemory: bigint;
  readonly stableMemory: bigint;
  readonly globals: bigint;
  readonly wasmBinary: bigint;
  readonly customSections: bigint;
  readonly history: bigint;
  readonly chunkStore: bigint;
  readonly logs: bigint;
}

type Measured = Pick<Canister, 'code' | 'stable' | 'history' | 'chunks' | 'logs'>;

export function memoryMetrics(canister: Measured, module: ModuleSize | null): MemoryMetrics {
  return {
    wasmMemory: canister.code === null ? 0n : BigInt(canister.code.heap.sizePages) * wasmPageBytes,
    stableMemory: BigInt(canister.stable.sizePages) * wasmPageBytes,
    globals: module === null ? 0n : 8n * BigInt(module.globalCount),
    wasmBinary: BigInt(module?.uploadedBytes ?? 0),
    customSections: BigInt(module?.customSectionBytes ?? 0),
    history: canister.history.reduce((sum, change) => sum + historyBytes(change), 0n),
    chunkStore: chunkBytes * BigInt(canister.chunks.size),
    logs: canister.logs.reduce((sum, line) => sum + logLineOverheadBytes + BigInt(line.content.length), 0n),
  };
}

function historyBytes({ details }: ChangeRecord): bigint {
  const controllers = 'controllers' in details ? details.controllers.length : 0;
  return historyEntryBytes + principalBytes * BigInt(controllers);
}

export function memoryBytes(metrics: MemoryMetrics): bigint {
  return otherMemoryBytes(metrics) + metrics.wasmMemory + metrics.stableMemory;
}

/** Everything but heap and stable memory, which may change while the canister executes. */
export function otherMemoryBytes(metrics: MemoryMetrics): bigint {
  const { globals, wasmBinary, customSections, history, chunkStore, logs } = metrics;
  return globals + wasmBinary + customSections + history + chunkStore + logs;
}

/** Canisters are charged in steps of at least this. */
export const chargeIntervalNs = 10_000_000_000n;
const nsPerSecond = 1_000_000_000n;

export interface Charged {
  readonly cycles: bigint;
  readonly reservedCycles: bigint;
  /** Only whole seconds are charged; the rest counts next time. */
  readonly chargedAtNs: bigint;
  readonly paid: IdleBurn;
}

/** The balances after paying `burn` (per day) until `nowNs`; refused when both together do not suffice. */
export function chargeForTime(
  account: Pick<Canister, 'cycles' | 'reservedCycles' | 'chargedAtNs'>,
  burn: IdleBurn,
  nowNs: bigint,
): Result<Charged, 'outOfCycles'> {
  const seconds = nowNs > account.chargedAtNs ? (nowNs - account.chargedAtNs) / nsPerSecond : 0n;
  const paid = {
    memory: (burn.memory * seconds) / secondsPerDay,
    computeAllocation: (burn.computeAllocation * seconds) / secondsPerDay,
  };
  const cost = paid.memory + paid.computeAllocation;
  if (cost > account.cycles + account.reservedCycles) return refuse('outOfCycles');
  const fromReserved = smallerOf(cost, account.reservedCycles);
  return ok({
    cycles: account.cycles - (cost - fromReserved),
    reservedCycles: account.reservedCycles - fromReserved,
    chargedAtNs: account.chargedAtNs + seconds * nsPerSecond,
    paid,
  });
}
