import { added, type Codec, choice, count, list, nat, optional, raw, record, text, variant } from '@tamc/base/codec';
import { describe, expect, it } from 'vitest';
import { defineCell, defineList, defineTable, natKey, textKey } from './index.ts';
import { compareLayouts, layoutOf } from './layout.ts';

const withValue = (value: Codec<unknown>) => layoutOf([defineTable({ number: 1, name: 'orders', key: natKey, value })]);
const problems = (before: Codec<unknown>, after: Codec<unknown>) => {
  const compared = compareLayouts(withValue(before), withValue(after));
  return compared.ok ? [] : compared.error.map(({ table, field, problem }) => `${table}/${field}: ${problem}`);
};

const written = (value: Codec<unknown>) => ({ ...raw, shape: { encoded: value.shape } });
const order = { buyer: text, price: nat };

describe('new code can read old bytes', () => {
  it.each([
    ['nothing changed', record(order), record(order)],
    ['a field with a default was added at the end', record(order), record({ ...order, tip: added(nat, 0n) })],
    ['an added field got a sister', record({ a: added(nat, 0n) }), record({ a: added(nat, 0n), b: added(text, '') })],
    ['a kind was added', variant({ a: record({}) }), variant({ b: record({}), a: record({}) })],
    ['a word was added', choice('use'), choice('kWh', 'use')],
    ['a kind was added to what lies in bytes', written(variant({ a: text })), written(variant({ a: text, b: nat }))],
    ['it tells what lies in bytes, and the old one did not', raw, written(record(order))],
    [
      'a field was added to a record within a list',
      list(record(order)),
      list(record({ ...order, tip: added(optional(nat), null) })),
    ],
  ])('when %s', (_, before, after) => expect(problems(before, after)).toEqual([]));
});

describe('a change that would lose or misread data is named with its field', () => {
  it.each([
    ['removed', record(order), record({ buyer: text }), ['price: field removed or renamed']],
    [
      'removed from what lies in bytes',
      written(variant({ TransferPaid: text, TransferRefused: text })),
      written(variant({ TransferDone: text, TransferRefused: text })),
      ['TransferPaid: kind removed'],
    ],
    [
      'renamed',
      record(order),
      record({ buyer: text, cost: nat }),
      ['price: field removed or renamed', 'cost: field inserted before others'],
    ],
    [
      'reordered',
      record(order),
      record({ price: nat, buyer: text }),
      ['buyer: field moved from place 1 to 2', 'price: field moved from place 2 to 1'],
    ],
    ['retyped', record(order), record({ buyer: text, price: count }), ['price: type changed from "nat" to "count"']],
    [
      'inserted',
      record(order),
      record({ buyer: text, tip: nat, price: nat }),
      ['price: field moved from place 2 to 3', 'tip: field inserted before others'],
    ],
    ['added without a default', record(order), record({ ...order, tip: nat }), ['tip: field added without a default']],
    [
      'left without its default',
      record({ a: nat, b: added(nat, 0n) }),
      record({ a: nat, b: nat }),
      ['b: default of an added field removed'],
    ],
    [
      'made optional',
      record(order),
      record({ buyer: optional(text), price: nat }),
      ['buyer: type changed from "text" to {"optional":"text"}'],
    ],
    [
      'nested',
      record({ lines: list(record(order)) }),
      record({ lines: list(record({ buyer: text })) }),
      ['lines[].price: field removed or renamed'],
    ],
    ['a kind, removed', variant({ a: record({}), b: record({}) }), variant({ a: record({}) }), ['b: kind removed']],
    [
      'in a kind',
      variant({ a: record(order) }),
      variant({ a: record({ buyer: nat, price: nat }) }),
      ['a.buyer: type changed from "text" to "nat"'],
    ],
    [
      'a word, removed',
      record({ unit: choice('use', 'kWh') }),
      record({ unit: choice('kWh') }),
      ['unit: word use removed'],
    ],
  ] as const)('%s', (_, before, after, expected) => {
    expect(problems(before, after)).toEqual(expected.map((text) => `orders/${text}`));
  });
});

describe('a table', () => {
  const orders = { number: 1, name: 'orders', value: record(order) };
  const before = layoutOf([defineTable({ ...orders, key: natKey })]);
  const compared = (...after: Parameters<typeof layoutOf>[0]) => compareLayouts(before, layoutOf(after));
  const whole = (table: string, problem: string) => ({ ok: false, error: [{ table, field: '', problem }] });

  it('may be added', () => {
    const more = defineCell({ number: 2, name: 'tariff', value: nat, default: 0n });
    expect(compared(defineTable({ ...orders, key: natKey }), more).ok).toBe(true);
  });

  it('may not be removed, changed in its key, its kind or its number', () => {
    expect(compared()).toEqual(whole('orders', 'table removed'));
    expect(compared(defineTable({ ...orders, key: textKey }))).toEqual(whole('orders', 'key changed'));
    expect(compared(defineList(orders))).toEqual(whole('orders', 'kind changed from table to list'));
    expect(compared(defineTable({ ...orders, key: natKey, number: 5 }))).toEqual(
      whole('orders', 'number changed from 1 to 5'),
    );
  });

  it('may not take the number of a removed one', () => {
    const other = defineTable({ ...orders, name: 'sales', key: natKey });
    expect(compared(other)).toEqual({
      ok: false,
      error: [
        { table: 'orders', field: '', problem: 'table removed' },
        { table: 'sales', field: '', problem: 'has number 1, which belongs to orders' },
      ],
    });
  });

  it('is the same after the layout went as JSON', () => {
    const layout = JSON.parse(JSON.stringify(before)) as typeof before;
    expect(compareLayouts(layout, before).ok).toBe(true);
  });
});
