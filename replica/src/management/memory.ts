// Memory and the cycles it costs, for the checks of the management canister: what is used, what one more use would do.
import { allocatedBytes, freezingThreshold, type IdleCanister } from '../cycles/freezing.ts';
import { storageReservation, subnetMemoryBytesMax } from '../cycles/reservation.ts';
import { memoryBytes } from '../cycles/storage.ts';
import { idleFacts, metricsOf } from '../execution/accounting.ts';
import type { Canister } from '../state/canister.ts';
import type { World } from '../state/world.ts';

const wasmPageBytes = 65_536;
const chunkBytes = 1_048_576;

export function usedBytes(world: World, canister: Canister): bigint {
  return memoryBytes(metricsOf(world, canister));
}

/** What the main balance must not fall below. */
export function thresholdOf(world: World, canister: Canister, changed: Partial<IdleCanister>): bigint {
  return freezingThreshold(world.subnet, { ...idleFacts(world, canister), ...changed }, canister.reservedCycles);
}

/**
 * Memory of all canisters, allocated or used. Modules, logs and histories of canisters that allocate nothing are small
 * beside the 750 GiB where this number first matters, and are left out to keep the walk short.
 */
export function subnetBytes(world: World): bigint {
  let sum = 0;
  for (const { settings, code, stable, chunks } of world.state.canisters.values()) {
    const pages = stable.sizePages + (code === null ? 0 : code.heap.sizePages);
    sum += Math.max(Number(settings.memoryAllocation), pages * wasmPageBytes + chunks.size * chunkBytes);
  }
  return BigInt(sum);
}

export interface Growth {
  /** By how much the allocated memory grows; 0 when it does not. */
  readonly bytes: bigint;
  /** Cycles that move to the reserved balance. */
  readonly reservation: bigint;
  /** More than is left on the subnet, then how much is left. */
  readonly missingOf: bigint | null;
}

/** What it takes when the canister's memory use or memory allocation changes. */
export function growthOf(
  world: World,
  before: { used: bigint; allocation: bigint },
  after: { used: bigint; allocation: bigint },
): Growth {
  const bytes = allocatedBytes(after.allocation, after.used) - allocatedBytes(before.allocation, before.used);
  if (bytes <= 0n) return { bytes: 0n, reservation: 0n, missingOf: null };
  const subnetUsed = subnetBytes(world);
  const left = subnetUsed >= subnetMemoryBytesMax ? 0n : subnetMemoryBytesMax - subnetUsed;
  const reservation = storageReservation(world.subnet, subnetUsed, bytes);
  return { bytes, reservation, missingOf: bytes > left ? left : null };
}

/** What the main balance must hold so that setting `reservation` aside does not freeze the canister. */
export function balanceNeeded(threshold: bigint, reservation: bigint): bigint {
  // What is reserved stands for as much of the threshold.
  if (reservation > threshold) return reservation;
  return threshold;
}

export function computeAllocated(world: World, without: Canister | null): bigint {
  let sum = 0n;
  for (const canister of world.state.canisters.values()) {
    if (canister !== without) sum += canister.settings.computeAllocation;
  }
  return sum;
}
