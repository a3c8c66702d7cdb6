import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addCycles, cyclesMax, outOfCyclesText, subtractCycles, withdrawCycles } from './balance.ts';
import { allocatedBytes, freezingLimit, freezingThreshold, idleCyclesPerDay, liquidBalance } from './freezing.ts';

const subnet = { nodeCount: 13, costSchedule: 'normal' } as const;
const gib = 1n << 30n;
const idle = { memoryBytes: gib, memoryAllocation: 0n, computeAllocation: 0n, freezingThresholdSeconds: 2_592_000n };
const amount = fc.bigInt(0n, cyclesMax);

describe('the freezing limit', () => {
  it('is what the canister burns idle through its threshold [cycles.freezing]', () => {
    expect(idleCyclesPerDay(subnet, idle)).toBe(127_000n * 86_400n);
    expect(freezingLimit(subnet, idle)).toBe(127_000n * 2_592_000n);
    expect(freezingLimit(subnet, { ...idle, freezingThresholdSeconds: 0n })).toBe(0n);
  });

  it('counts allocated memory whether used or not, and the compute allocation [cycles.freezing]', () => {
    expect(allocatedBytes(5n, 3n)).toBe(5n);
    expect(idleCyclesPerDay(subnet, { ...idle, memoryAllocation: 2n * gib })).toBe(2n * 127_000n * 86_400n);
    const computing = { ...idle, memoryBytes: 0n, computeAllocation: 3n };
    expect(idleCyclesPerDay(subnet, computing)).toBe(3n * 10_000_000n * 86_400n);
  });

  it('is lowered by the reserved cycles, and what is above it is liquid [cycles.liquid]', () => {
    const limit = freezingLimit(subnet, idle);
    expect(freezingThreshold(subnet, idle, 1_000n)).toBe(limit - 1_000n);
    expect(freezingThreshold(subnet, idle, limit + 1n)).toBe(0n);
    expect(liquidBalance(subnet, idle, limit + 5n, 0n)).toBe(5n);
    expect(liquidBalance(subnet, idle, limit - 5n, 0n)).toBe(0n);
    // liquid = balance - max(freezing_limit - reserved, 0)
    expect(liquidBalance(subnet, idle, limit, limit + 7n)).toBe(limit);
  });

  it('is 0 on the free schedule [cycles.free-schedule]', () => {
    expect(freezingLimit({ nodeCount: 13, costSchedule: 'free' }, idle)).toBe(0n);
  });
});

describe('balances', () => {
  it('saturate at 128 bits and at nothing [cycles.saturating]', () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const sum = addCycles(a, b);
        const rest = subtractCycles(a, b);
        return (sum === a + b || (a + b > cyclesMax && sum === cyclesMax)) && rest === (a > b ? a - b : 0n);
      }),
    );
  });

  it('give up exactly what is above the threshold, never more [cycles.withdraw]', () => {
    fc.assert(
      fc.property(amount, amount, amount, (balance, take, threshold) => {
        const left = withdrawCycles(balance, take, threshold);
        return left.ok ? left.value === balance - take && left.value >= threshold : balance - take < threshold;
      }),
    );
  });

  it('say how much is missing to controllers only [cycles.withdraw]', () => {
    const error = { available: 5n, requested: 10n, threshold: 2n };
    expect(outOfCyclesText('aaaaa-aa', error, false)).toBe('Canister aaaaa-aa is out of cycles');
    expect(outOfCyclesText('aaaaa-aa', error, true)).toBe(
      'Canister aaaaa-aa is out of cycles: please top up the canister with at least 7 additional cycles',
    );
  });
});
