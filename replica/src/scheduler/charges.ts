// Paying for standing there: memory and compute allocation, from the reserved balance first. A canister that cannot pay
// is uninstalled, as on the main network.
import { addCycles } from '../cycles/balance.ts';
import { idleBurnPerDay } from '../cycles/freezing.ts';
import { chargeForTime, chargeIntervalNs } from '../cycles/storage.ts';
import { idleFacts } from '../execution/accounting.ts';
import { emptyCanister } from '../management/uninstall.ts';
import type { Canister } from '../state/canister.ts';
import { type Scheduler, trackTasks } from './scheduler.ts';

/** A canister is charged when it is touched; those that nobody touches, once an hour of network time. */
const sweepIntervalNs = 3_600_000_000_000n;

export function chargeIdleCanisters(scheduler: Scheduler): void {
  const { state } = scheduler.world;
  if (state.timeNs < state.storageChargedAtNs + sweepIntervalNs) return;
  state.storageChargedAtNs = state.timeNs;
  // Sorted: who runs dry first must not depend on the order in which canisters were loaded.
  for (const id of [...state.canisters.keys()].sort()) chargeCanister(scheduler, state.canisters.get(id)!);
}

export function chargeCanister(scheduler: Scheduler, canister: Canister): void {
  const { state, subnet } = scheduler.world;
  if (state.timeNs < canister.chargedAtNs + chargeIntervalNs) return;
  scheduler.changed.canisters.add(canister.id);
  const charged = chargeForTime(canister, idleBurnPerDay(subnet, idleFacts(scheduler.world, canister)), state.timeNs);
  if (!charged.ok) {
    runDry(scheduler, canister);
    return;
  }
  const { paid, ...balances } = charged.value;
  Object.assign(canister, balances);
  canister.burnedCycles.memory = addCycles(canister.burnedCycles.memory, paid.memory);
  canister.burnedCycles.computeAllocation = addCycles(canister.burnedCycles.computeAllocation, paid.computeAllocation);
}

/** Specification, "Out of cycles": code, memory, chunks and history go; id, controllers and version stay. */
function runDry(scheduler: Scheduler, canister: Canister): void {
  const left = canister.cycles + canister.reservedCycles;
  canister.burnedCycles.uninstall = addCycles(canister.burnedCycles.uninstall, left);
  emptyCanister(scheduler.world, canister);
  canister.cycles = 0n;
  canister.reservedCycles = 0n;
  canister.history = [];
  canister.settings = { ...canister.settings, computeAllocation: 0n, memoryAllocation: 0n };
  canister.chargedAtNs = scheduler.world.state.timeNs;
  trackTasks(scheduler, canister);
}
