// Random programs run as written and as rewritten: same results, same memory, same count, and no change that the dirty
// map does not show; then again with less fuel than they need.

import { createRandom, type Random } from '@tamc/base/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectFeatures } from './features.ts';
import { createRandomModule } from './random-module.ts';
import {
  findMissedPages,
  instantiateOriginal,
  instantiateRewritten,
  OutOfFuel,
  parseWat,
  prepareBytes,
  type RewrittenInstance,
  testOverhead,
  trapText,
} from './testing.ts';

const runCount = 150;
const method = 'canister_update run';

async function createBoth(random: Random, width: 32 | 64) {
  const { plain, counted } = createRandomModule(random, width);
  const prepared = prepareBytes(await parseWat(plain));
  if (!prepared.ok) throw new Error(`${prepared.error.message}\n${plain}`);
  return { plain, prepared: prepared.value, original: instantiateOriginal(await parseWat(counted)) };
}

function globalBits(rewritten: RewrittenInstance): (number | bigint)[] {
  return [0, 1, 2].map((index) => rewritten.global(index).value as number | bigint);
}

function restore(rewritten: RewrittenInstance, heap: Uint8Array, globals: (number | bigint)[]): void {
  rewritten.heap().set(heap);
  rewritten.map().fill(0);
  for (const [index, value] of globals.entries()) rewritten.global(index).value = value;
}

const widths = detectFeatures().memory64 ? ([32, 64] as const) : ([32] as const);

describe.each(widths)('a random program with addresses of %i bits', (width) => {
  it('[module.rewriting] [metering.blocks] [memory.dirty-map] does after rewriting what it did before, counted to the instruction', async () => {
    let trapped = 0;
    let returned = 0;
    const property = fc.asyncProperty(fc.integer(), async (seed) => {
      const { prepared, original } = await createBoth(createRandom(seed), width);
      const rewritten = instantiateRewritten(prepared);
      const before = rewritten.heap().slice();
      const expected = original.run(method);
      const actual = rewritten.run(method);
      expect(trapText(actual.trap)).toBe(trapText(expected.trap));
      expect(actual.notes.map(({ value }) => value)).toEqual(expected.notes.map(({ value }) => value));
      expect(Buffer.compare(rewritten.heap(), original.heap())).toBe(0);
      expect(globalBits(rewritten)).toEqual(['budget', 'g32', 'g64'].map((name) => original.global(name).value));
      expect(findMissedPages(before, rewritten.heap(), rewritten.map())).toEqual([]);
      if (expected.trap === null) returned++;
      else trapped++;
    });
    await fc.assert(property, { numRuns: runCount });
    expect(returned).toBeGreaterThan(runCount / 4);
    expect(trapped).toBeGreaterThan(0);
  });

  it('[metering.blocks] [metering.overhead] uses exactly what charging every block at its entry uses, at each call and at the end', async () => {
    let compared = 0;
    const property = fc.asyncProperty(fc.integer(), async (seed) => {
      const { prepared, original } = await createBoth(createRandom(seed), width);
      const counts: bigint[] = [];
      const rewritten = instantiateRewritten(prepared);
      const expected = original.run(method, undefined, () => counts.push(original.global('count').value as bigint));
      const actual = rewritten.run(method);
      const answers = BigInt(actual.apiCalls.filter((name) => name === 'answer').length);
      const notes = BigInt(actual.notes.length);
      if (expected.trap === null) {
        const overhead = notes * BigInt(testOverhead) + answers * 1500n;
        expect(actual.used).toBe((original.global('count').value as bigint) + overhead);
        compared++;
      }
      expect(actual.notes.map(({ used }) => used)).toEqual(
        counts.map((count, i) => count + overheadBefore(actual.apiCalls, i)),
      );
    });
    await fc.assert(property, { numRuns: runCount });
    expect(compared).toBeGreaterThan(runCount / 4);
  });

  it('[metering.out-of-fuel] stops when its fuel is spent, and ends the same after a rollback and enough fuel', async () => {
    let stopped = 0;
    const property = fc.asyncProperty(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), async (seed, part) => {
      const { prepared } = await createBoth(createRandom(seed), width);
      const whole = instantiateRewritten(prepared);
      whole.allowGrowth = false;
      const complete = whole.run(method);
      const rewritten = instantiateRewritten(prepared);
      rewritten.allowGrowth = false;
      const heap = rewritten.heap().slice();
      const globals = prepared.mutableGlobals.map((_, index) => rewritten.global(index).value as number | bigint);
      const fuel = BigInt(Math.floor(Number(complete.used) * part));
      const partial = rewritten.run(method, fuel);
      if (partial.trap instanceof OutOfFuel) {
        stopped++;
        expect(rewritten.fuel().value).toBeLessThan(0n);
      } else expect(trapText(partial.trap)).toBe(trapText(complete.trap));
      expect(findMissedPages(heap, rewritten.heap(), rewritten.map())).toEqual([]);
      restore(rewritten, heap, globals);
      const again = rewritten.run(method);
      expect(trapText(again.trap)).toBe(trapText(complete.trap));
      expect(again.used).toBe(complete.used);
      expect(Buffer.compare(rewritten.heap(), whole.heap())).toBe(0);
    });
    await fc.assert(property, { numRuns: runCount });
    expect(stopped).toBeGreaterThan(runCount / 4);
  });

  it('[module.deterministic] is rewritten to the same bytes every time', async () => {
    const { plain } = createRandomModule(createRandom(7), width);
    const bytes = await parseWat(plain);
    const [first, second] = [prepareBytes(bytes), prepareBytes(bytes.slice())];
    if (!first.ok || !second.ok) throw new Error('refused');
    expect(Buffer.compare(first.value.rewritten, second.value.rewritten)).toBe(0);
    expect(first.value.key).toBe(second.value.key);
    expect(first.value.width).toBe(width);
  });
});

/** Price of the System API calls up to and with the note of number `index`. */
function overheadBefore(calls: readonly string[], index: number): bigint {
  let notes = -1;
  let overhead = 0n;
  for (const name of calls) {
    overhead += name === 'note' ? BigInt(testOverhead) : 1500n;
    if (name === 'note' && ++notes === index) return overhead;
  }
  return overhead;
}
