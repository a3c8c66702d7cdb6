// The ordered table against a model: a sorted array of entries.
import { text } from '@tamc/base/codec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createMemoryStore,
  defineOrdered,
  type OrderedTable,
  openOrdered,
  type Range,
  type Store,
  textKey,
} from './index.ts';
import { bytesToPage, keyBytesMax, pageBytesMax, pageItems } from './page.ts';

const definition = defineOrdered({ number: 9, name: 'names', key: textKey, value: text });

function openCounted() {
  const below = createMemoryStore();
  const touched = { reads: 0, writes: 0 };
  const store: Store = {
    ...below,
    get: (key) => {
      touched.reads++;
      return below.get(key);
    },
    set: (key, value) => {
      touched.writes++;
      below.set(key, value);
    },
  };
  return { table: openOrdered(store, definition), store, touched };
}

/** Long ones make pages of few keys and deep trees. */
const key = fc.oneof(
  fc.nat({ max: 300 }).map((n) => String(n).padStart(4, '0')),
  fc.tuple(fc.nat({ max: 40 }), fc.constantFrom(100, 300, 470)).map(([n, length]) => String(n).padEnd(length, '.')),
);

const command = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('set' as const), key, value: fc.string({ maxLength: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
);
const optionalKey = fc.option(key, { nil: undefined });
const range = fc
  .record({
    from: optionalKey,
    after: optionalKey,
    to: optionalKey,
    limit: fc.nat({ max: 60 }),
    isReverse: fc.boolean(),
  })
  .map(({ from, after, to, ...rest }) => {
    return {
      ...(from !== undefined && { from }),
      ...(after !== undefined && { after }),
      ...(to !== undefined && { to }),
      ...rest,
    };
  });

type Model = Map<string, string>;
type Given = typeof command extends fc.Arbitrary<infer C> ? C : never;

function modelRange(model: Model, { from, after, to, limit, isReverse }: Range<string>) {
  const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
  const inside = sorted.filter(([name]) => {
    return (
      (from === undefined || name >= from) && (after === undefined || name > after) && (to === undefined || name < to)
    );
  });
  return (isReverse ? inside.toReversed() : inside).slice(0, limit);
}

function apply(table: OrderedTable<string, string>, model: Model, given: Given) {
  if (given.kind === 'set') {
    table.set(given.key, given.value);
    model.set(given.key, given.value);
  } else {
    table.delete(given.key);
    model.delete(given.key);
  }
}

/** Every page within its limit. */
function assertPages(store: Store): void {
  for (const [at, bytes] of store.entries()) {
    if (at[1] !== 1 || bytes.length === 8) continue;
    expect(bytes.length).toBeLessThanOrEqual(pageBytesMax);
    expect(pageItems(bytesToPage(bytes)).every(({ length }) => length > 0)).toBe(true);
  }
}

describe('an ordered table', () => {
  it('holds what a sorted map holds, after any history, in every range', () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 400, size: 'max' }),
        fc.array(range, { maxLength: 10 }),
        (commands, ranges) => {
          const { table, store } = openCounted();
          const model: Model = new Map();
          for (const given of commands) apply(table, model, given);
          for (const given of ranges) {
            expect(table.range(given)).toEqual(modelRange(model, given));
            expect(table.keys(given)).toEqual(modelRange(model, given).map(([name]) => name));
          }
          const all = { limit: 10_000 };
          expect(table.range(all)).toEqual(modelRange(model, all));
          assertPages(store);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives its pages back when it empties', () => {
    const { table, store } = openCounted();
    const names = Array.from({ length: 3000 }, (_, n) => String((n * 7919) % 3000).padStart(6, '0'));
    for (const name of names) table.set(name, 'x');
    const full = [...store.entries()].length;
    for (const name of names) table.delete(name);
    expect(table.keys({ limit: 1 })).toEqual([]);
    expect(full).toBeGreaterThan(3010);
    expect([...store.entries()].length).toBeLessThan(5);
  });

  it('touches as many pages as the tree is deep, not as it is wide', () => {
    const { table, touched } = openCounted();
    for (let n = 0; n < 20_000; n++) table.set(String(n).padStart(8, '0'), 'x');
    const cost = (work: () => void) => {
      const before = { ...touched };
      work();
      return [touched.reads - before.reads, touched.writes - before.writes];
    };
    expect(cost(() => table.get('00010000'))).toEqual([1, 0]);
    expect(cost(() => table.set('00010000', 'y'))).toEqual([1, 1]);
    const [reads, writes] = cost(() => table.set('00010000a', 'x'));
    expect(reads).toBeLessThanOrEqual(6);
    expect(writes).toBeLessThanOrEqual(5);
    expect(cost(() => table.range({ from: '00010000', limit: 10 }))[0]).toBeLessThanOrEqual(16);
  });

  it('stops on a key that would leave a page with too few', () => {
    const { table } = openCounted();
    expect(() => table.set('x'.repeat(keyBytesMax), 'y')).toThrow('at most');
  });
});
