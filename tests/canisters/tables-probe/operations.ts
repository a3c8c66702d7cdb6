// Operations on tables as data, so that the same history runs on the store in Node and on the one in stable memory.
import { count, list, nat, optional, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { sharedTablesOf } from '@tamc/shared/canister';
import {
  countKey,
  defineCell,
  defineList,
  defineOrdered,
  defineTable,
  defineTables,
  type TablesOf,
  textKey,
  tupleKey,
} from '@tamc/shared/tables/index';

const range = record({
  from: optional(text),
  after: optional(text),
  to: optional(text),
  limit: count,
  isReverse: count,
});

export const operation = variant({
  plainSet: record({ group: count, key: text, value: nat }),
  plainGet: record({ group: count, key: text }),
  plainDelete: record({ group: count, key: text }),
  orderedSet: record({ key: text, value: text }),
  orderedGet: record({ key: text }),
  orderedDelete: record({ key: text }),
  orderedRange: range,
  listAppend: record({ value: text }),
  listGet: record({ number: count }),
  listDrop: record({ count }),
  listBounds: record({}),
  cellSet: record({ value: nat }),
  cellGet: record({}),
});
export type Operation = ValueOf<typeof operation>;
export const operationsCodec = list(operation);

/** Its events. */
export const noted = record({ id: text, word: text });

const plain = record({ value: nat, note: optional(text) });

export const probeTables = defineTables({
  plain: defineTable({ number: 1, name: 'plain', key: tupleKey(countKey, textKey), value: plain }),
  ordered: defineOrdered({ number: 2, name: 'ordered', key: textKey, value: text }),
  list: defineList({ number: 3, name: 'list', value: record({ value: text }) }),
  cell: defineCell({ number: 4, name: 'cell', value: nat, default: 7n }),
  /** What the outcome rule has seen, per call. */
  settled: defineTable({ number: 5, name: 'settled', key: textKey, value: record({ times: count, outcome: text }) }),
  faults: defineCell({ number: 6, name: 'faults', value: text, default: '' }),
  ...sharedTablesOf(noted),
});
export type ProbeTables = TablesOf<typeof probeTables.definitions>;

type Handlers = {
  readonly [K in Operation['kind']]: (tables: ProbeTables, operation: Extract<Operation, { kind: K }>) => unknown;
};

const handlers: Handlers = {
  plainSet: ({ plain }, { group, key, value }) => plain.set([group, key], { value, note: null }),
  plainGet: ({ plain }, { group, key }) => plain.get([group, key])?.value ?? null,
  plainDelete: ({ plain }, { group, key }) => plain.delete([group, key]),
  orderedSet: ({ ordered }, { key, value }) => ordered.set(key, value),
  orderedGet: ({ ordered }, { key }) => ordered.get(key),
  orderedDelete: ({ ordered }, { key }) => ordered.delete(key),
  orderedRange: ({ ordered }, { from, after, to, limit, isReverse }) => {
    const bounds = { ...(from !== null && { from }), ...(after !== null && { after }), ...(to !== null && { to }) };
    return ordered.range({ ...bounds, limit, isReverse: isReverse === 1 });
  },
  listAppend: ({ list }, { value }) => list.append({ value }),
  listGet: ({ list }, { number }) => list.get(number)?.value ?? null,
  listDrop: ({ list }, { count }) => list.dropFirst(count),
  listBounds: ({ list }) => [list.first(), list.end()],
  cellSet: ({ cell }, { value }) => cell.set(value),
  cellGet: ({ cell }) => cell.get(),
};

/** What each operation answered, as JSON text; big integers as text. */
export function runOperations(tables: ProbeTables, operations: readonly Operation[]): string {
  const results = operations.map((given) => handlers[given.kind](tables, given as never) ?? null);
  return JSON.stringify(results, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
