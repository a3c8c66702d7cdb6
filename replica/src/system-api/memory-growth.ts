// Growing heap or stable memory: what it costs and when it is refused. The rules are those of DFINITY's replica: growth
// that would freeze the canister traps with a reason instead of answering -1, so that developers can tell the two apart.

import { allocatedBytes } from '../cycles/freezing.ts';
import { storageReservation, subnetMemoryBytesMax } from '../cycles/reservation.ts';
import { type EntryPoint, type Execution, Trap } from '../execution/execution.ts';
import { isCallerController, thresholdAt, usedBytes } from './account.ts';
import { wasmPageBytes } from './limits.ts';

/** Callbacks may always finish, and queries change nothing. Installation is checked as a whole, at its end. */
const checksFreezing: ReadonlySet<EntryPoint> = new Set(['U', 'T']);
const reservesStorage: ReadonlySet<EntryPoint> = new Set(['U', 'T', 'Ry', 'Rt', 'C']);
/** The developer's limit on the heap is not enforced where it could lock a canister in. */
const checksWasmMemoryLimit: ReadonlySet<EntryPoint> = new Set(['U', 'I', 's']);

/**
 * To be called before `memory.grow` grows a heap of `oldPages` (after it is known that the engine can); traps when the
 * canister may not grow.
 */
export function growHeap(execution: Execution, oldPages: number, additionalPages: number): void {
  const limit = execution.environment.settings.wasmMemoryLimit;
  const peak = BigInt(oldPages + additionalPages) * BigInt(wasmPageBytes);
  // 0 = no limit.
  if (limit > 0n && peak > limit && checksWasmMemoryLimit.has(execution.entryPoint)) {
    throw new Trap('wasmMemoryLimit', wasmMemoryLimitText(limit, peak));
  }
  if (!allocateMemory(execution, BigInt(additionalPages) * BigInt(wasmPageBytes))) {
    throw new Trap('outOfMemory', 'Canister cannot grow its memory usage.');
  }
}

/**
 * Pays for `bytes` more memory; false when the subnet has no room. The sizes of heap and stable memory must still be the
 * old ones.
 */
export function allocateMemory(execution: Execution, bytes: bigint): boolean {
  const { entryPoint, environment } = execution;
  const before = usedBytes(execution);
  const allocation = environment.settings.memoryAllocation;
  const growth = allocatedBytes(allocation, before + bytes) - allocatedBytes(allocation, before);
  if (growth === 0n) return true;
  if (checksFreezing.has(entryPoint)) checkFreezing(execution, before + bytes, growth);
  if (!reservesStorage.has(entryPoint)) return true;
  const subnetBytes = environment.otherCanistersBytes() + allocatedBytes(allocation, before);
  if (subnetBytes + growth > subnetMemoryBytesMax) return false;
  reserve(execution, growth, storageReservation(environment.subnet, subnetBytes, growth));
  return true;
}

function checkFreezing(execution: Execution, bytesAfter: bigint, growth: bigint): void {
  const threshold = thresholdAt(execution, bytesAfter);
  if (execution.effects.cycles < threshold) throw insufficientCycles(execution, growth, threshold);
}

function reserve(execution: Execution, growth: bigint, amount: bigint): void {
  if (amount === 0n) return;
  const { effects, environment } = execution;
  const limit = environment.settings.reservedCyclesLimit;
  const reserved = effects.reservedCycles + amount;
  if (reserved > limit) {
    const text = `Canister cannot grow memory by ${growth} bytes due to its reserved cycles limit.`;
    throw new Trap(
      'reservedCyclesLimit',
      `${text} The current limit (${limit}) would be exceeded by ${reserved - limit}.`,
    );
  }
  if (effects.cycles < amount) throw insufficientCycles(execution, growth, amount);
  effects.cycles -= amount;
  effects.reservedCycles = reserved;
}

function insufficientCycles(execution: Execution, growth: bigint, threshold: bigint): Trap {
  const missing = threshold - execution.effects.cycles;
  const advice = isCallerController(execution) ? ` At least ${missing} additional cycles are required.` : '';
  return new Trap('outOfCycles', `Canister cannot grow memory by ${growth} bytes due to insufficient cycles.${advice}`);
}

export function wasmMemoryLimitText(limit: bigint, peak: bigint): string {
  return [
    `Canister exceeded its current Wasm memory limit of ${limit} bytes.`,
    `The peak Wasm memory usage was ${peak} bytes.`,
    'If the canister reaches 4GiB, then it may stop functioning and may become unrecoverable.',
    'Please reach out to the canister owner to investigate the reason for the increased memory usage.',
    'It might be necessary to move data from the Wasm memory to the stable memory.',
    'If such high Wasm memory usage is expected and safe, then the developer can increase the Wasm memory limit',
    'in the canister settings.',
  ].join(' ');
}
