// What the running canister owns and owes at this moment of its execution.
import { subtractCycles } from '../cycles/balance.ts';
import { freezingThreshold, type IdleCanister } from '../cycles/freezing.ts';
import type { Execution } from '../execution/execution.ts';
import { wasmPageBytes } from './limits.ts';

/** Heap, stable memory and everything else, with what this execution has grown so far. */
export function usedBytes({ memory, stable, environment }: Execution): bigint {
  return (
    BigInt(memory.sizeBytes()) + BigInt(stable.sizePages()) * BigInt(wasmPageBytes) + environment.otherMemoryBytes()
  );
}

function idleCanister({ environment }: Execution, memoryBytes: bigint): IdleCanister {
  const { memoryAllocation, computeAllocation, freezingThresholdSeconds } = environment.settings;
  return { memoryBytes, memoryAllocation, computeAllocation, freezingThresholdSeconds };
}

/** What the main balance must keep if the canister uses `memoryBytes`. */
export function thresholdAt(execution: Execution, memoryBytes: bigint): bigint {
  const canister = idleCanister(execution, memoryBytes);
  return freezingThreshold(execution.environment.subnet, canister, execution.effects.reservedCycles);
}

/** What can be spent without freezing. */
export function liquidCycles(execution: Execution): bigint {
  return subtractCycles(execution.effects.cycles, thresholdAt(execution, usedBytes(execution)));
}

export function isCallerController({ environment, input }: Execution): boolean {
  return environment.controllers.includes(input.caller);
}
