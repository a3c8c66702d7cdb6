// Worked examples: what pencil and paper give.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapMean, detectableDifference, mcnemar, mean, passAllK, passAtK, wilson } from './statistics.ts';

describe('pass@k and pass^k', () => {
  it('are what counting the choices gives: 3 of 4 passed', () => {
    // Of the six pairs out of four, three are of passed ones only, and each holds at least one that passed.
    expect(passAllK(4, 3, 2)).toBeCloseTo(3 / 6, 12);
    expect(passAtK(4, 3, 2)).toBe(1);
    expect(passAllK(4, 3, 1)).toBe(0.75);
    expect(passAtK(4, 3, 1)).toBe(0.75);
    expect(passAllK(4, 3, 4)).toBe(0);
  });

  it('are what counting the choices gives: 2 of 5 passed', () => {
    // C(2,2)/C(5,2) = 1/10; 1 − C(3,2)/C(5,2) = 1 − 3/10; 1 − C(3,3)/C(5,3) = 1 − 1/10.
    expect(passAllK(5, 2, 2)).toBeCloseTo(0.1, 12);
    expect(passAtK(5, 2, 2)).toBeCloseTo(0.7, 12);
    expect(passAtK(5, 2, 3)).toBeCloseTo(0.9, 12);
  });

  it('are not told of more trials than there were', () => {
    expect(passAllK(2, 2, 3)).toBeNull();
    expect(passAtK(2, 2, 3)).toBeNull();
  });

  it('hold for many trials, and pass^k is never above the biased power of the share', () => {
    const cases = fc
      .integer({ min: 1, max: 400 })
      .chain((n) => fc.tuple(fc.constant(n), fc.nat(n), fc.integer({ min: 1, max: n })));
    fc.assert(
      fc.property(cases, ([n, c, k]) => {
        const [all, any] = [passAllK(n, c, k)!, passAtK(n, c, k)!];
        expect(all).toBeLessThanOrEqual((c / n) ** k + 1e-12);
        expect(any).toBeGreaterThanOrEqual(c / n - 1e-12);
        expect(any).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the interval of a share', () => {
  it('is Wilson’s: 8 of 10 lie between 0.4902 and 0.9433', () => {
    const { low, high } = wilson(10, 8)!;
    expect(low).toBeCloseTo(0.4902, 3);
    expect(high).toBeCloseTo(0.9433, 3);
  });

  it('is no point where nothing varied, and nothing where nothing was tried', () => {
    // z² / (n + z²) with n = 4.
    expect(wilson(4, 0)!.high).toBeCloseTo(0.4899, 3);
    expect(wilson(4, 4)!.low).toBeCloseTo(0.5101, 3);
    expect(wilson(0, 0)).toBeNull();
  });
});

describe('a comparison of pairs', () => {
  it('by McNemar, exact: 1 against 7 is 2 · (1 + 8) / 256', () => {
    expect(mcnemar(1, 7)).toBeCloseTo(18 / 256, 12);
    expect(mcnemar(7, 1)).toBeCloseTo(18 / 256, 12);
    expect(mcnemar(0, 5)).toBeCloseTo(2 / 32, 12);
    expect(mcnemar(0, 0)).toBe(1);
    expect(mcnemar(3, 3)).toBe(1);
  });

  it('by bootstrap: without variation the interval is the difference itself', () => {
    expect(bootstrapMean([[0.5], [0.5, 0.5]])).toEqual({ low: 0.5, high: 0.5 });
    expect(bootstrapMean([])).toBeNull();
  });

  it('by bootstrap: near the interval of the normal distribution for many clusters, and the same again', () => {
    const clusters = Array.from({ length: 400 }, (_, i) => [i % 2]);
    const { low, high } = bootstrapMean(clusters)!;
    // 0.5 ± 1.96 · 0.5 / √400.
    expect(low).toBeCloseTo(0.451, 2);
    expect(high).toBeCloseTo(0.549, 2);
    expect(bootstrapMean(clusters)).toEqual({ low, high });
    expect(bootstrapMean(clusters, 1)).not.toEqual({ low, high });
  });

  it('by bootstrap: what is alike is drawn together, so twins do not count twice', () => {
    const alone = bootstrapMean(Array.from({ length: 20 }, (_, i) => [i % 2]))!;
    const twins = bootstrapMean(Array.from({ length: 20 }, (_, i) => [i % 2, i % 2]))!;
    expect(twins).toEqual(alone);
    const apart = bootstrapMean(Array.from({ length: 40 }, (_, i) => [i % 2]))!;
    expect(apart.high - apart.low).toBeLessThan(alone.high - alone.low);
  });

  it('tells what it could have seen: 2.8 · s / √n', () => {
    // 0, 1, 0, 1: s² = 1/3.
    expect(detectableDifference([0, 1, 0, 1])).toBeCloseTo((2.8 * Math.sqrt(1 / 3)) / 2, 12);
    expect(detectableDifference([1])).toBeNull();
    expect(mean([])).toBeNull();
  });
});
