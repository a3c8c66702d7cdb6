// A random life: steps that are taken by their weights, after each of which the twins are told what happened.
import type { Random } from '@tamc/base/random';
import { expect } from 'vitest';
import type { Twins } from './twins.ts';

export type Steps<World> = Readonly<Record<string, (world: World, random: Random) => Promise<unknown>>>;

interface Living {
  readonly random: Random;
  readonly twins: Twins;
}

/** So many steps apart everything that they keep is compared: that takes longer than a step. */
const stepsPerComparison = 40;

/** `weights` says how often each step is taken, beside the others. */
export async function live<World extends Living>(
  world: World,
  steps: Steps<World>,
  weights: Readonly<Record<string, number>>,
  count: number,
): Promise<void> {
  const { random, twins } = world;
  const names = Object.entries(weights).flatMap(([name, weight]) => Array.from({ length: weight }, () => name));
  const taken: string[] = [];
  for (let i = 1; i <= count; i++) {
    const name = random.pick(names);
    taken.push(name);
    try {
      await steps[name]!(world, random);
      twins.follow();
      if (i % stepsPerComparison === 0) await twins.compare();
    } catch (error) {
      throw new Error(`${String(error)}\nafter ${taken.join(', ')}`, { cause: error });
    }
  }
}

/** That lives came as far as they should. */
export function expectKinds(
  worlds: readonly { readonly twin: { kinds(): ReadonlySet<string> } }[],
  wanted: readonly string[],
): void {
  const kinds = new Set(worlds.flatMap(({ twin }) => [...twin.kinds()]));
  expect(wanted.filter((kind) => !kinds.has(kind))).toEqual([]);
}
