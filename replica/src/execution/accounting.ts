// What a canister weighs and what it can spend, in the terms of the cycles rules.
import { freezingThreshold, type IdleCanister, liquidBalance } from '../cycles/freezing.ts';
import { type MemoryMetrics, type ModuleSize, memoryBytes, memoryMetrics } from '../cycles/storage.ts';
import type { Canister } from '../state/canister.ts';
import type { ReplicaState } from '../state/replica-state.ts';
import type { World } from '../state/world.ts';

export function moduleSize(world: Pick<World, 'modules'>, canister: Canister): ModuleSize | null {
  if (canister.code === null) return null;
  const { moduleHash } = canister.code;
  const module = world.modules.get(moduleHash);
  return {
    uploadedBytes: world.modules.uploadedBytes(moduleHash),
    customSectionBytes: module.customSections.reduce((sum, section) => sum + section.content.length, 0),
    globalCount: module.mutableGlobals.length,
  };
}

export function metricsOf(world: Pick<World, 'modules'>, canister: Canister): MemoryMetrics {
  return memoryMetrics(canister, moduleSize(world, canister));
}

export function idleFacts(world: Pick<World, 'modules'>, canister: Canister): IdleCanister {
  const { settings } = canister;
  return {
    memoryBytes: memoryBytes(metricsOf(world, canister)),
    memoryAllocation: settings.memoryAllocation,
    computeAllocation: settings.computeAllocation,
    freezingThresholdSeconds: settings.freezingThresholdSeconds,
  };
}

export function freezingThresholdOf(world: Pick<World, 'modules' | 'subnet'>, canister: Canister): bigint {
  return freezingThreshold(world.subnet, idleFacts(world, canister), canister.reservedCycles);
}

export function liquidCycles(world: Pick<World, 'modules' | 'subnet'>, canister: Canister): bigint {
  return liquidBalance(world.subnet, idleFacts(world, canister), canister.cycles, canister.reservedCycles);
}

const wasmPageBytes = 65_536;
const chunkBytes = 1_048_576;

/** Rough where it does not matter: small things of canisters without allocation are left out to keep the walk short. */
export function otherCanistersBytes(state: ReplicaState, without: Canister): bigint {
  let sum = 0;
  for (const { id, settings, code, stable, chunks } of state.canisters.values()) {
    if (id === without.id) continue;
    const pages = stable.sizePages + (code === null ? 0 : code.heap.sizePages);
    sum += Math.max(Number(settings.memoryAllocation), pages * wasmPageBytes + chunks.size * chunkBytes);
  }
  return BigInt(sum);
}
