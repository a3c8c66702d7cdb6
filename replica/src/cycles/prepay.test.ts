import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smallerOf } from './balance.ts';
import { executionFee } from './fees.ts';
import {
  callCost,
  callCostTotal,
  executionRefund,
  prepayExecution,
  transmissionRefund,
  unexecutedCallbackRefund,
} from './prepay.ts';

const subnet = { nodeCount: 13, costSchedule: 'normal' } as const;
const limit = 40_000_000_000n;

describe('prepayment', () => {
  it('of an execution covers its limit and leaves the freezing threshold [cycles.prepay]', () => {
    const needed = 5_000_000n + limit;
    expect(prepayExecution(subnet, 32, limit, needed + 10n, 10n)).toEqual({ ok: true, value: 10n });
    expect(prepayExecution(subnet, 32, limit, needed + 9n, 10n)).toMatchObject({ ok: false });
    expect(prepayExecution(subnet, 64, limit, needed + limit, 0n)).toEqual({ ok: true, value: 0n });
  });

  it('comes back except for the base fee and the instructions used [cycles.refund]', () => {
    const prepaid = executionFee(subnet, 32, limit);
    expect(prepaid - executionRefund(subnet, 32, limit, 1_234n, prepaid)).toBe(5_001_234n);
    expect(executionRefund(subnet, 32, limit, limit + 5n, prepaid)).toBe(0n);
    expect(prepaid - unexecutedCallbackRefund(subnet, 32, prepaid)).toBe(5_000_000n);
  });

  it('never comes back in part larger than it was, on any subnet [cycles.refund]', () => {
    const instructions = fc.bigInt(0n, limit);
    fc.assert(
      fc.property(instructions, instructions, fc.integer({ min: 1, max: 60 }), (most, used, nodeCount) => {
        const here = { nodeCount, costSchedule: 'normal' } as const;
        const prepaid = executionFee(here, 32, most);
        const refund = executionRefund(here, 32, most, used, prepaid);
        // The canister pays at least for what it used, up to the rounding of the refund.
        return refund >= 0n && prepaid - refund >= executionFee(here, 32, smallerOf(used, most));
      }),
    );
  });

  it('of a call sets aside the largest callback and the largest response [cycles.call]', () => {
    const cost = callCost(subnet, 32, limit, 100n);
    expect(cost).toEqual({
      request: 260_000n + 100_000n,
      prepaidExecution: 5_000_000n + limit,
      prepaidTransmission: 1_000n * 2_097_152n,
    });
    expect(callCostTotal(cost)).toBe(42_102_512_000n);
  });

  it('of a response comes back for the bytes it did not have [cycles.refund]', () => {
    expect(transmissionRefund(subnet, 152n, 2_097_152_000n)).toBe(2_097_000_000n);
    expect(transmissionRefund(subnet, 10_000_000n, 2_097_152_000n)).toBe(0n);
  });
});
