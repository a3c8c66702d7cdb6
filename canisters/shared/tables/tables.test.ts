import { added, count, list, nat, optional, record, text, variant } from '@tamc/base/codec';
import { expect, it } from 'vitest';
import {
  type Cell,
  createMemoryStore,
  defineCell,
  defineList,
  defineOrdered,
  defineTable,
  defineTables,
  natKey,
  stateHash,
  textKey,
  tupleKey,
} from './index.ts';

it('works', () => {
  const defs = defineTables({
    a: defineTable({
      number: 1,
      name: 'a',
      key: textKey,
      value: record({ x: nat, y: optional(text), z: added(count, 3) }),
    }),
    c: defineCell({ number: 2, name: 'c', value: nat, default: 0n }),
    l: defineList({ number: 3, name: 'l', value: variant({ p: record({ n: nat }), q: record({}) }) }),
    o: defineOrdered({ number: 4, name: 'o', key: tupleKey(natKey, textKey), value: list(text) }),
  });
  const store = createMemoryStore();
  const t = defs.open(store);
  t.a.set('k', { x: 3n, y: null, z: 4 });
  const c: Cell<bigint> = t.c;
  expect(c.get()).toBe(0n);
  expect(t.a.get('k')).toEqual({ x: 3n, y: null, z: 4 });
  const v = t.l.get(t.l.append({ kind: 'p', n: 3n }));
  expect(v).toEqual({ kind: 'p', n: 3n });
  for (let i = 0; i < 2000; i++) t.o.set([BigInt((i * 7919) % 2000), 'x'], [String(i)]);
  expect(t.o.keys({ limit: 5000 }).map(([n]) => Number(n))).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  expect(t.o.keys({ limit: 5000, isReverse: true, to: [1000n, ''] }).length).toBe(1000);
  for (let i = 0; i < 1990; i++) t.o.delete([BigInt((i * 13) % 2000), 'x']);
  expect(t.o.keys({ limit: 5000 }).length).toBe(10);
  expect(stateHash(store).length).toBe(32);
  expect([...store.entries()].length).toBeLessThan(30);
});
