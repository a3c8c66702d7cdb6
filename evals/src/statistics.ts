// What can be said from a few trials. Pure: numbers in, numbers out; draws are seeded, so that a result can be computed again.
import { assert } from '@tamc/base/assert';
import { createRandom } from '@tamc/base/random';

/** That at least one of `k` trials passes, from `passed` of `trials`: 1 − C(n−c, k) / C(n, k). Null: there are fewer than k. */
export function passAtK(trials: number, passed: number, k: number): number | null {
  const allFail = shareOfChoices(trials, trials - passed, k);
  return allFail === null ? null : 1 - allFail;
}

/** That all of `k` trials pass: C(c, k) / C(n, k). (c/n)^k would say too much. Null: there are fewer than k. */
export function passAllK(trials: number, passed: number, k: number): number | null {
  return shareOfChoices(trials, passed, k);
}

/** C(part, k) / C(whole, k), as a product, because the binomials themselves soon exceed what a number holds. */
function shareOfChoices(whole: number, part: number, k: number): number | null {
  assert(part >= 0 && part <= whole && k >= 1, 'a part is at most the whole, and somebody is chosen');
  if (k > whole) return null;
  let share = 1;
  for (let i = 0; i < k; i++) share *= Math.max(0, part - i) / (whole - i);
  return share;
}

export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Of a share, 95 %; also useful at 0 and at 1, where nothing was ever seen to vary. */
export function wilson(trials: number, passed: number): Interval | null {
  if (trials === 0) return null;
  const z = 1.959_964;
  const share = passed / trials;
  const middle = share + (z * z) / (2 * trials);
  const half = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const whole = 1 + (z * z) / trials;
  return { low: Math.max(0, (middle - half) / whole), high: Math.min(1, (middle + half) / whole) };
}

/** Two-sided, exact: how surprising it is that of the pairs that differ so many fall on one side. */
export function mcnemar(onlyA: number, onlyB: number): number {
  const differing = onlyA + onlyB;
  let tail = 0;
  // C(n, i) / 2^n, from one to the next.
  let term = 2 ** -differing;
  for (let i = 0; i <= Math.min(onlyA, onlyB); i++) {
    tail += term;
    term = (term * (differing - i)) / (i + 1);
  }
  return Math.min(1, 2 * tail);
}

/** Enough that the interval's ends are still in their second digit. */
export const bootstrapDraws = 10_000;
export const bootstrapSeed = 20_261_121;

/**
 * 95 % percentile interval of the mean of differences, resampling whole clusters: what is alike (a scenario and its twin) is drawn
 * together, because it does not vary independently.
 */
export function bootstrapMean(clusters: readonly (readonly number[])[], seed = bootstrapSeed): Interval | null {
  if (clusters.length === 0) return null;
  const random = createRandom(seed);
  const sums = clusters.map((values) => ({ sum: values.reduce((a, b) => a + b, 0), count: values.length }));
  const means = Array.from({ length: bootstrapDraws }, () => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < sums.length; i++) {
      const drawn = random.pick(sums);
      sum += drawn.sum;
      count += drawn.count;
    }
    return sum / count;
  }).sort((a, b) => a - b);
  const at = (share: number) => means[Math.min(means.length - 1, Math.floor(share * means.length))]!;
  return { low: at(0.025), high: at(0.975) };
}

/** The smallest mean difference that so many pairs would show in four of five runs (α 0.05, power 0.8). Null: too few to say. */
export function detectableDifference(differences: readonly number[]): number | null {
  const middle = mean(differences);
  if (middle === null || differences.length < 2) return null;
  const squares = differences.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return (2.8 * Math.sqrt(squares / (differences.length - 1))) / Math.sqrt(differences.length);
}
