// Checks a change of settings against the canister and the subnet, and applies it. A check that passes is the only way
// to apply, so nothing is changed by halves.
import { ok, type Result, refuse } from '@tamc/base/result';
import { createReject, type Reject } from '../errors.ts';
import type { Canister } from '../state/canister.ts';
import type { World } from '../state/world.ts';
import { subnetComputeAllocationMax } from './limits.ts';
import { trimLogs } from './log-store.ts';
import { balanceNeeded, computeAllocated, type Growth, growthOf, thresholdOf, usedBytes } from './memory.ts';
import { bytesToText, overSubscribedMemory } from './refusals.ts';
import type { SettingsChange } from './settings.ts';

const wasmPageBytes = 65_536n;

/** A change that was found to be possible, and the cycles it sets aside. */
export interface CheckedSettings {
  readonly change: SettingsChange;
  readonly reservation: bigint;
}

export function checkSettings(
  world: World,
  canister: Canister,
  change: SettingsChange,
): Result<CheckedSettings, Reject> {
  const growth = allocationGrowth(world, canister, change);
  const refusal =
    refusalOfCapacity(world, canister, change, growth) ??
    refusalOfFreezing(world, canister, change, growth) ??
    refusalOfReservation(canister, change, growth) ??
    refusalOfHeapLimit(canister, change);
  return refusal === null ? ok({ change, reservation: growth.reservation }) : refuse(refusal);
}

export function applySettings(canister: Canister, { change, reservation }: CheckedSettings): void {
  const { controllers, ...settings } = change;
  if (controllers !== null) canister.controllers = controllers;
  const given = Object.entries(settings).filter(([, value]) => value !== null);
  Object.assign(canister.settings, Object.fromEntries(given));
  canister.cycles -= reservation;
  canister.reservedCycles += reservation;
  trimLogs(canister);
}

function allocationGrowth(world: World, canister: Canister, change: SettingsChange): Growth {
  const before = canister.settings.memoryAllocation;
  const after = change.memoryAllocation ?? before;
  if (after <= before) return { bytes: 0n, reservation: 0n, missingOf: null };
  const used = usedBytes(world, canister);
  return growthOf(world, { used, allocation: before }, { used, allocation: after });
}

function refusalOfCapacity(world: World, canister: Canister, change: SettingsChange, growth: Growth): Reject | null {
  if (growth.missingOf !== null) return overSubscribedMemory(change.memoryAllocation ?? 0n, growth.missingOf);
  const percent = change.computeAllocation ?? 0n;
  if (percent <= canister.settings.computeAllocation) return null;
  const others = computeAllocated(world, canister);
  const available = others >= subnetComputeAllocationMax ? 0n : subnetComputeAllocationMax - others;
  if (percent <= available) return null;
  return createReject(
    'subnetOversubscribed',
    `Canister requested a compute allocation of ${percent}% which cannot be satisfied because the Subnet's ` +
      `remaining compute capacity is ${available}%.`,
  );
}

/** Only growing allocations are refused: a higher freezing threshold may freeze the canister, as its owner wishes. */
function refusalOfFreezing(world: World, canister: Canister, change: SettingsChange, growth: Growth): Reject | null {
  const { settings } = canister;
  const compute = change.computeAllocation ?? settings.computeAllocation;
  const memory = change.memoryAllocation ?? settings.memoryAllocation;
  if (compute <= settings.computeAllocation && memory <= settings.memoryAllocation) return null;
  const threshold = thresholdOf(world, canister, {
    computeAllocation: compute,
    memoryAllocation: memory,
    freezingThresholdSeconds: change.freezingThresholdSeconds ?? settings.freezingThresholdSeconds,
  });
  const needed = balanceNeeded(threshold, growth.reservation);
  if (canister.cycles >= needed) return null;
  const missing = `due to insufficient cycles. At least ${needed - canister.cycles} additional cycles are required.`;
  return compute > settings.computeAllocation
    ? createReject(
        'insufficientCyclesInComputeAllocation',
        `Cannot increase compute allocation to ${compute}% ${missing}`,
      )
    : createReject(
        'insufficientCyclesInMemoryAllocation',
        `Cannot increase memory allocation to ${bytesToText(memory)} ${missing}`,
      );
}

function refusalOfReservation(canister: Canister, change: SettingsChange, growth: Growth): Reject | null {
  const limit = change.reservedCyclesLimit ?? canister.settings.reservedCyclesLimit;
  const reserved = canister.reservedCycles;
  if (change.reservedCyclesLimit !== null && reserved > limit) {
    return createReject(
      'reservedCyclesLimitIsTooLow',
      `Cannot set the reserved cycles limit ${limit} below the reserved cycles balance of the canister ${reserved}.`,
    );
  }
  if (growth.reservation === 0n || reserved + growth.reservation <= limit) return null;
  return createReject(
    'reservedCyclesLimitExceededInMemoryAllocation',
    `Cannot increase memory allocation to ${bytesToText(change.memoryAllocation ?? 0n)} due to its reserved cycles limit. ` +
      `The current limit (${limit}) would be exceeded by ${reserved + growth.reservation - limit}.`,
  );
}

/** Specification, update_settings: a limit that is set must hold what the heap uses already. */
function refusalOfHeapLimit(canister: Canister, { wasmMemoryLimit: limit }: SettingsChange): Reject | null {
  const used = canister.code === null ? 0n : BigInt(canister.code.heap.sizePages) * wasmPageBytes;
  if (limit === null || limit === 0n || used <= limit) return null;
  return createReject(
    'canisterWasmMemoryLimitExceeded',
    `Cannot set the Wasm memory limit to ${limit} bytes because the canister uses ${used} bytes of Wasm memory.`,
  );
}
