import { count, record, text } from '@tamc/base/codec';
import { createMemoryStore, defineCell, defineTable, defineTables, textKey } from '@tamc/shared/tables/index';
import { expect, it } from 'vitest';
import { firstDifference } from './difference.ts';

const set = defineTables({
  prices: defineTable({ number: 3, name: 'prices', key: textKey, value: record({ amount: count, by: text }) }),
  total: defineCell({ number: 9, name: 'total', value: count, default: 0 }),
});

function storeWith(amounts: Readonly<Record<string, number>>, total = 1) {
  const store = createMemoryStore();
  const tables = set.open(store);
  for (const [name, amount] of Object.entries(amounts)) tables.prices.set(name, { amount, by: 'ann' });
  tables.total.set(total);
  return store;
}

const difference = (wasm: ReturnType<typeof storeWith>, rules: ReturnType<typeof storeWith>) =>
  firstDifference(set.layout, wasm.entries(), rules);

it('of two stores that hold the same is none', () => {
  expect(difference(storeWith({ soap: 1, wash: 2 }), storeWith({ wash: 2, soap: 1 }))).toBeNull();
});

it('names the first table and key, and what each holds', () => {
  const found = difference(storeWith({ soap: 1, wash: 2 }, 7), storeWith({ soap: 1, wash: 3 }, 8));
  expect(found).toMatch(/^table prices, key 7761736800 \(wash·\)\nin Wasm: .*2.*\nby the rules: .*3/);
});

it('is also what only one of them holds', () => {
  const found = difference(storeWith({ soap: 1 }), storeWith({}));
  expect(found).toMatch(/^table prices, key 736f617000 .*\nin Wasm: .*ann.*\nby the rules: nothing$/);
  expect(difference(storeWith({}, 4), storeWith({}, 5))).toMatch(
    /^table total, key {2}\(\)\nin Wasm: 4\nby the rules: 5$/,
  );
});
