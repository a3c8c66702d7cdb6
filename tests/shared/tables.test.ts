// The tables' behaviours, on each driver: the store in Node and the one in the stable memory of a canister in Wasm.
import { bytesToHex } from '@tamc/base/bytes';
import { createMemoryStore, stateHash } from '@tamc/shared/tables/index';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Operation, probeTables, runOperations } from '../canisters/tables-probe/operations.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';
import { createProbe } from './probe.ts';

interface Driver {
  run(operations: readonly Operation[]): Promise<string>;
  hash(): Promise<string>;
}

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

function createMemoryDriver(): Driver {
  const store = createMemoryStore();
  const tables = probeTables.open(store);
  return {
    run: async (operations) => runOperations(tables, operations),
    hash: async () => bytesToHex(stateHash(store)),
  };
}

const drivers: Readonly<Record<string, () => Promise<Driver>>> = {
  memory: async () => createMemoryDriver(),
  'stable memory': () => createProbe(world),
};

const key = (n: number) => `key ${String((n * 7919) % 1000).padStart(3, '0')}`;
const filled = (length: number): Operation[] =>
  Array.from({ length }, (_, n) => ({ kind: 'orderedSet', key: key(n), value: `value ${n}` }));
const range = (given: Partial<Extract<Operation, { kind: 'orderedRange' }>>): Operation => {
  return { kind: 'orderedRange', from: null, after: null, to: null, limit: 1000, isReverse: 0, ...given };
};

describe.each(Object.entries(drivers))('tables over %s', (_, create) => {
  const results = async (driver: Driver, ...operations: Operation[]) =>
    JSON.parse(await driver.run(operations)) as unknown[];
  const keysOf = async (driver: Driver, given: Parameters<typeof range>[0]) => {
    const [found] = await results(driver, range(given));
    return (found as [string, string][]).map(([name]) => name);
  };

  it('answer null for what is not there and forget what is deleted', async () => {
    const driver = await create();
    const at = { group: 3, key: 'a' };
    const got = await results(
      driver,
      { kind: 'plainGet', ...at },
      { kind: 'plainSet', ...at, value: 5n },
      { kind: 'plainGet', ...at },
      { kind: 'plainGet', group: 3, key: 'b' },
      { kind: 'plainDelete', ...at },
      { kind: 'plainDelete', ...at },
      { kind: 'plainGet', ...at },
    );
    expect(got).toEqual([null, null, '5', null, null, null, null]);
  });

  it('hold a cell that has its default until it is set', async () => {
    const got = await results(await create(), { kind: 'cellGet' }, { kind: 'cellSet', value: 0n }, { kind: 'cellGet' });
    expect(got).toEqual(['7', null, '0']);
  });

  it('number what is appended to a list, and keep the numbers when the first are dropped', async () => {
    const append = (value: string): Operation => ({ kind: 'listAppend', value });
    const got = await results(
      await create(),
      ...['a', 'b', 'c', 'd'].map(append),
      { kind: 'listDrop', count: 3 },
      { kind: 'listBounds' },
      { kind: 'listGet', number: 2 },
      { kind: 'listGet', number: 3 },
      { kind: 'listDrop', count: 100 },
      append('e'),
      { kind: 'listBounds' },
    );
    expect(got).toEqual([0, 1, 2, 3, null, [3, 4], null, 'd', null, 4, [4, 5]]);
  });

  it('give ordered keys in their order, from any key on, both ways, however they came', async () => {
    const driver = await create();
    await driver.run(filled(500));
    const sorted = Array.from({ length: 500 }, (_, n) => key(n)).sort();
    expect(await keysOf(driver, {})).toEqual(sorted);
    expect(await keysOf(driver, { isReverse: 1 })).toEqual(sorted.toReversed());
    const [low, high] = [sorted[100]!, sorted[400]!];
    expect(await keysOf(driver, { from: low, to: high })).toEqual(sorted.slice(100, 400));
    expect(await keysOf(driver, { after: low, to: high })).toEqual(sorted.slice(101, 400));
    expect(await keysOf(driver, { from: low, to: high, isReverse: 1, limit: 3 })).toEqual(
      sorted.slice(397, 400).toReversed(),
    );
    expect(await keysOf(driver, { limit: 0 })).toEqual([]);
  });

  it('are empty when every ordered key is deleted, and can be filled again', async () => {
    const driver = await create();
    await driver.run(filled(300));
    await driver.run(Array.from({ length: 300 }, (_, n) => ({ kind: 'orderedDelete', key: key(n) })));
    expect(await keysOf(driver, {})).toEqual([]);
    await driver.run(filled(3));
    expect(await keysOf(driver, {})).toEqual([key(0), key(1), key(2)].sort());
  });
});

const text = fc.oneof(fc.constantFrom('', 'a', 'b', 'ab', '\0', '\u0001', 'é', '€', '𝒳'), fc.string({ maxLength: 12 }));
const small = fc.nat({ max: 6 });
const operationArbitrary: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant('plainSet' as const),
    group: small,
    key: text,
    value: fc.bigInt({ min: 0n, max: 1n << 128n }),
  }),
  fc.record({ kind: fc.constant('plainGet' as const), group: small, key: text }),
  fc.record({ kind: fc.constant('plainDelete' as const), group: small, key: text }),
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('orderedSet' as const),
      key: text,
      value: fc.string({ unit: 'grapheme' }),
    }),
  },
  fc.record({ kind: fc.constant('orderedGet' as const), key: text }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('orderedDelete' as const), key: text }) },
  fc.record({
    kind: fc.constant('orderedRange' as const),
    from: fc.option(text),
    after: fc.option(text),
    to: fc.option(text),
    limit: fc.nat({ max: 20 }),
    isReverse: fc.nat({ max: 1 }),
  }),
  fc.record({ kind: fc.constant('listAppend' as const), value: text }),
  fc.record({ kind: fc.constant('listGet' as const), number: small }),
  fc.record({ kind: fc.constant('listDrop' as const), count: small }),
  fc.constant({ kind: 'listBounds' as const }),
  fc.record({ kind: fc.constant('cellSet' as const), value: fc.bigInt({ min: 0n, max: 1n << 64n }) }),
  fc.constant({ kind: 'cellGet' as const }),
);

describe('both drivers', () => {
  it('answer the same and hold the same bytes after any history', async () => {
    const stable = await createProbe(world);
    const memory = createMemoryDriver();
    await fc.assert(
      fc.asyncProperty(fc.array(operationArbitrary, { minLength: 1, maxLength: 80 }), async (operations) => {
        expect(await stable.run(operations)).toBe(await memory.run(operations));
      }),
      { numRuns: 40, endOnFailure: true },
    );
    expect(await stable.hash()).toBe(await memory.hash());
  });

  it('write every text alike, although one does it by native code', async () => {
    const stable = await createProbe(world);
    const memory = createMemoryDriver();
    const long = fc.string({ unit: 'binary', minLength: 10, maxLength: 80 });
    const odd = fc.array(
      fc.constantFrom('"', '\\', '\\u{41}', '\n', '\u007f', '\u0085', '\u2028', '\ud800', '\ufeff', '𝒳', 'a'),
    );
    const texts = fc.oneof(
      long,
      odd.map((parts) => parts.join('').padEnd(20, '.')),
      fc.string({ minLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { minLength: 10, maxLength: 40 }), async (values) => {
        const operations = values.map((value): Operation => ({ kind: 'orderedSet', key: value, value }));
        expect(await stable.run(operations)).toBe(await memory.run(operations));
      }),
      { numRuns: 15, endOnFailure: true },
    );
    expect(await stable.hash()).toBe(await memory.hash());
  });

  it('keep their content over an upgrade', async () => {
    const stable = await createProbe(world);
    const memory = createMemoryDriver();
    for (const driver of [stable, memory]) await driver.run(filled(100));
    await stable.upgrade();
    expect(await stable.hash()).toBe(await memory.hash());
  });

  it('refuse operations from outside that are none, without harm', async () => {
    const stable = await createProbe(world);
    const before = await stable.hash();
    for (const text of ['', '[', '[["plainGet"]]', '[["nothing",[]]]', `${'['.repeat(20_000)}${']'.repeat(20_000)}`]) {
      expect(await stable.runRaw(Buffer.from(text))).toMatchObject({ kind: 'rejected', code: 5 });
    }
    expect(await stable.hash()).toBe(before);
  });
});
