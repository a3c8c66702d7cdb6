import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAmount, parsePositive, renderAmount, renderMoney } from './amounts.ts';

const simUsd = { symbol: 'simUSD', decimals: 6 };

describe('an amount', () => {
  it('is written as people write it', () => {
    expect(renderMoney(1_500_000n, simUsd)).toBe('1.50 simUSD');
    expect(renderAmount(0n, simUsd)).toBe('0.00');
    expect(renderAmount(-1n, simUsd)).toBe('-0.000001');
    expect(renderAmount(12n, { symbol: 'X', decimals: 0 })).toBe('12');
    expect(renderAmount(1n, { symbol: 'X', decimals: 1 })).toBe('0.1');
  });

  it('is read back exactly, whatever it is', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 90n), fc.integer({ min: 0, max: 24 }), (units, decimals) => {
        const unit = { symbol: 'X', decimals };
        expect(parseAmount(renderAmount(units, unit), unit)).toEqual({ ok: true, value: units });
      }),
    );
  });

  it('is refused when it is none, or finer than the ledger', () => {
    for (const text of ['', '-1', '1e3', '1,5', '1.', '.5', '1.5 USD', '0x10', 'NaN', '9'.repeat(31), '１']) {
      expect(parseAmount(text, simUsd), text).toMatchObject({ ok: false, error: { code: 'AmountInvalid' } });
    }
    const fine = parseAmount('0.0000001', simUsd);
    expect(fine).toMatchObject({
      ok: false,
      error: { message: 'amounts in simUSD have at most 6 decimals, and 0.0000001 has 7' },
    });
  });

  it('that is paid is more than nothing, and no more than a ledger can count', () => {
    expect(parsePositive('0.000001', simUsd)).toEqual({ ok: true, value: 1n });
    for (const text of ['0', '0.000000', '9'.repeat(30)]) {
      const parsed = parsePositive(text, simUsd, 10n ** 20n);
      expect(parsed.ok ? null : parsed.error.message).toMatch(
        /at least 0\.000001 simUSD and at most [0-9]+(\.\d+)? simUSD/,
      );
    }
  });
});
