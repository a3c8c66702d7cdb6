// What a measured figure is, and how it is told. These machines are noisy: medians of several rounds, measured and
// baseline in turn within the same run, and the ratio of the two is what counts.

export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** Of the thing it is compared with, in the same unit; null where the figure stands alone. */
  readonly baseline: number | null;
  readonly value: number;
  /** value ÷ baseline. */
  readonly ratio: number | null;
  /** What it should reach, in words; null where it is only reported. */
  readonly reach: string | null;
  readonly met: boolean | null;
}

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  run(say: (line: string) => void): Promise<Figure[]>;
}

export interface Goal {
  readonly kind: 'ratioAtLeast' | 'ratioAtMost' | 'valueAtMost';
  readonly bound: number;
}

export function createFigure(
  name: string,
  unit: string,
  value: number,
  baseline: number | null,
  goal: Goal | null,
): Figure {
  const ratio = baseline === null ? null : value / baseline;
  return {
    name,
    unit,
    value,
    baseline,
    ratio,
    reach: goal === null ? null : reachText(goal, unit),
    met: goal === null ? null : isMet(goal, value, ratio),
  };
}

function reachText({ kind, bound }: Goal, unit: string): string {
  if (kind === 'ratioAtLeast') return `≥ ${bound} × baseline`;
  return kind === 'ratioAtMost' ? `≤ ${bound} × baseline` : `≤ ${bound} ${unit}`;
}

function isMet({ kind, bound }: Goal, value: number, ratio: number | null): boolean {
  if (kind === 'valueAtMost') return value <= bound;
  if (ratio === null) return false;
  return kind === 'ratioAtLeast' ? ratio >= bound : ratio <= bound;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Runs `a` and `b` in turn, `rounds` times each after one warm-up; the medians of what they return. */
export async function inTurn(
  rounds: number,
  a: () => Promise<number>,
  b: () => Promise<number>,
): Promise<[number, number]> {
  const results: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    const pair = [await a(), await b()] as const;
    if (round < 0) continue;
    results[0].push(pair[0]);
    results[1].push(pair[1]);
  }
  return [median(results[0]), median(results[1])];
}
