// The freezing limit: what a canister must keep so that it can pay for standing idle through its freezing threshold.
import { largerOf, subtractCycles } from './balance.ts';
import { computeAllocationFee, type PricedSubnet, storageFee } from './fees.ts';

/** What an idle canister pays for. */
export interface IdleCanister {
  readonly memoryBytes: bigint;
  readonly memoryAllocation: bigint;
  readonly computeAllocation: bigint;
  readonly freezingThresholdSeconds: bigint;
}

export const secondsPerDay = 86_400n;

/** Memory is paid for whether allocated or used. */
export function allocatedBytes(memoryAllocation: bigint, usedBytes: bigint): bigint {
  return largerOf(usedBytes, memoryAllocation);
}

export interface IdleBurn {
  readonly memory: bigint;
  readonly computeAllocation: bigint;
}

export function idleBurnPerDay(subnet: PricedSubnet, canister: IdleCanister): IdleBurn {
  const bytes = allocatedBytes(canister.memoryAllocation, canister.memoryBytes);
  return {
    memory: storageFee(subnet, bytes, secondsPerDay),
    computeAllocation: computeAllocationFee(subnet, canister.computeAllocation, secondsPerDay),
  };
}

export function idleCyclesPerDay(subnet: PricedSubnet, canister: IdleCanister): bigint {
  const burn = idleBurnPerDay(subnet, canister);
  return burn.memory + burn.computeAllocation;
}

/** `freezing_limit` of the specification. */
export function freezingLimit(subnet: PricedSubnet, canister: IdleCanister): bigint {
  return (idleCyclesPerDay(subnet, canister) * canister.freezingThresholdSeconds) / secondsPerDay;
}

/** What the main balance must not fall below: reserved cycles already stand for their part of the limit. */
export function freezingThreshold(subnet: PricedSubnet, canister: IdleCanister, reservedCycles: bigint): bigint {
  return subtractCycles(freezingLimit(subnet, canister), reservedCycles);
}

/** `liquid_balance` of the specification, never below 0. */
export function liquidBalance(
  subnet: PricedSubnet,
  canister: IdleCanister,
  cycles: bigint,
  reservedCycles: bigint,
): bigint {
  return subtractCycles(cycles, freezingThreshold(subnet, canister, reservedCycles));
}
