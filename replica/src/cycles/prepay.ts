// Executions and responses are paid for before they happen, at their largest; what was not used goes back afterwards.
import type { Result } from '@tamc/base/result';
import { type OutOfCycles, smallerOf, subtractCycles, withdrawCycles } from './balance.ts';
import {
  executionFee,
  instructionsFee,
  type PricedSubnet,
  requestFee,
  responseBytesReserved,
  transmissionFee,
} from './fees.ts';

/** The balance left when `limit` instructions are paid in advance. */
export function prepayExecution(
  subnet: PricedSubnet,
  width: 32 | 64,
  limit: bigint,
  balance: bigint,
  threshold: bigint,
): Result<bigint, OutOfCycles> {
  return withdrawCycles(balance, executionFee(subnet, width, limit), threshold);
}

/** What goes back after an execution for which `prepaid` was set aside for `limit` instructions. */
export function executionRefund(
  subnet: PricedSubnet,
  width: 32 | 64,
  limit: bigint,
  used: bigint,
  prepaid: bigint,
): bigint {
  return smallerOf(instructionsFee(subnet, width, subtractCycles(limit, used)), prepaid);
}

/** What goes back when a response arrives but its callback does not run (uninstalled meanwhile): all but the base fee. */
export function unexecutedCallbackRefund(subnet: PricedSubnet, width: 32 | 64, prepaid: bigint): bigint {
  return subtractCycles(prepaid, executionFee(subnet, width, 0n));
}

/** What goes back of the transmission when the response has `bytes`. */
export function transmissionRefund(subnet: PricedSubnet, bytes: bigint, prepaid: bigint): bigint {
  return subtractCycles(prepaid, transmissionFee(subnet, bytes));
}

export interface CallCost {
  /** Gone at once. */
  readonly request: bigint;
  /** Set aside for the largest callback and the largest response. */
  readonly prepaidExecution: bigint;
  readonly prepaidTransmission: bigint;
}

/** Besides the cycles attached. `bytes` of method name and argument. */
export function callCost(subnet: PricedSubnet, width: 32 | 64, callbackInstructions: bigint, bytes: bigint): CallCost {
  return {
    request: requestFee(subnet, bytes),
    prepaidExecution: executionFee(subnet, width, callbackInstructions),
    prepaidTransmission: transmissionFee(subnet, responseBytesReserved),
  };
}

export function callCostTotal(cost: CallCost): bigint {
  return cost.request + cost.prepaidExecution + cost.prepaidTransmission;
}
