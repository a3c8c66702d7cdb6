// A small seeded generator (xoshiro128**) for simulations and tests. Not for secrets.

export interface Random {
  /** 0 <= value < bound */
  below(bound: number): number;
  /** 0 <= value < 1 */
  fraction(): number;
  bytes(length: number): Uint8Array;
  pick<T>(items: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  const next = createXoshiro(seed);
  const fraction = () => next() / 2 ** 32;
  const below = (bound: number) => Math.floor(fraction() * bound);
  return {
    fraction,
    below,
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    pick: (items) => items[below(items.length)]!,
  };
}

function createXoshiro(seed: number): () => number {
  const state = new Uint32Array(4);
  let mix = seed >>> 0;
  for (let i = 0; i < 4; i++) {
    // splitmix32 spreads a small seed over the whole state.
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    state[i] = z ^ (z >>> 15);
  }
  const rotate = (value: number, by: number) => (value << by) | (value >>> (32 - by));
  return () => {
    const result = Math.imul(rotate(Math.imul(state[1]!, 5), 7), 9) >>> 0;
    const shifted = state[1]! << 9;
    state[2] = state[2]! ^ state[0]!;
    state[3] = state[3]! ^ state[1]!;
    state[1] = state[1]! ^ state[2]!;
    state[0] = state[0]! ^ state[3]!;
    state[2] = state[2]! ^ shifted;
    state[3] = rotate(state[3]!, 11);
    return result;
  };
}
