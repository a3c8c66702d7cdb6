// Balances are 128-bit and saturate at both ends; nobody takes below a threshold without being told why not.
import { ok, type Result, refuse } from '@tamc/base/result';

export const cyclesMax = (1n << 128n) - 1n;

export function addCycles(balance: bigint, amount: bigint): bigint {
  return smallerOf(balance + amount, cyclesMax);
}

export function subtractCycles(balance: bigint, amount: bigint): bigint {
  return amount >= balance ? 0n : balance - amount;
}

export function smallerOf(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

export function largerOf(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

export interface OutOfCycles {
  readonly available: bigint;
  readonly requested: bigint;
  readonly threshold: bigint;
}

/** What is left after taking `amount`, if that leaves at least `threshold`. Taking nothing asks for not being frozen. */
export function withdrawCycles(balance: bigint, amount: bigint, threshold: bigint): Result<bigint, OutOfCycles> {
  if (threshold + amount > balance) return refuse({ available: balance, requested: amount, threshold });
  return ok(balance - amount);
}

/** The sentence of DFINITY's replica; how much is missing is told to controllers only. */
export function outOfCyclesText(canister: string, error: OutOfCycles, toController: boolean): string {
  const missing = error.threshold + error.requested - error.available;
  const advice = `: please top up the canister with at least ${missing} additional cycles`;
  return `Canister ${canister} is out of cycles${toController ? advice : ''}`;
}
