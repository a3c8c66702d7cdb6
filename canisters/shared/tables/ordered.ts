// Entries by key that can also be read in the order of their keys. Reading or changing an entry is one access of the store, as in
// a plain table; only a new or a deleted key touches the index.
import { decode, encode } from '@tamc/base/codec';
import { bytesToLatin1 } from '@tamc/base/utf8';
import type { OrderedDefinition } from './definition.ts';
import { type IndexTree, openIndexTree } from './index-tree.ts';
import type { KeyCodec } from './key.ts';
import type { Store } from './port.ts';
import type { Table } from './table.ts';

export interface Range<K> {
  /** The lowest key that belongs to the range. */
  readonly from?: K;
  /** Like `from`, but this key itself does not belong: to go on behind the last one seen. */
  readonly after?: K;
  /** The lowest key that no longer belongs to it; backwards, to go on below the last one seen. */
  readonly to?: K;
  readonly limit: number;
  readonly isReverse?: boolean;
}

export interface OrderedTable<K, V> extends Table<K, V> {
  /** Costs what it returns. */
  range(range: Range<K>): readonly (readonly [key: K, value: V])[];
  /** As `range`, without reading values. */
  keys(range: Range<K>): readonly K[];
}

export function openOrdered<K, V>(store: Store, definition: OrderedDefinition<K, V>): OrderedTable<K, V> {
  const { number, key: keyCodec, value: codec } = definition;
  const index = openIndexTree(store, number);
  const valueAt = (keyBytes: Uint8Array): V | null => {
    const bytes = store.get(valueKey(number, keyBytes));
    return bytes === null ? null : decode(codec, bytes);
  };
  const keyBytesIn = (range: Range<K>) => walkRange(index, keyCodec, range);
  const keyOf = (bytes: Uint8Array) => keyCodec.fromBytes(bytes, 0)[0];
  return {
    get: (key) => valueAt(keyCodec.toBytes(key)),
    set: (key, value) => {
      const keyBytes = keyCodec.toBytes(key);
      const at = valueKey(number, keyBytes);
      if (store.get(at) === null) index.insert(keyBytes);
      store.set(at, encode(codec, value));
    },
    delete: (key) => {
      const keyBytes = keyCodec.toBytes(key);
      const at = valueKey(number, keyBytes);
      if (store.get(at) === null) return;
      index.delete(keyBytes);
      store.delete(at);
    },
    range: (range) => keyBytesIn(range).map((bytes) => [keyOf(bytes), valueAt(bytes)!] as const),
    keys: (range) => keyBytesIn(range).map(keyOf),
  };
}

function walkRange<K>(index: IndexTree, codec: KeyCodec<K>, range: Range<K>): readonly Uint8Array[] {
  const { limit, isReverse = false } = range;
  const textOf = (key: K | undefined) => (key === undefined ? null : bytesToLatin1(codec.toBytes(key)));
  const [from, after, to] = [textOf(range.from), textOf(range.after), textOf(range.to)];
  const found: Uint8Array[] = [];
  if (limit <= 0) return found;
  const isBounded = after !== null || (isReverse ? from : to) !== null;
  index.walk(isReverse ? to : highest(from, after), isReverse, (key) => {
    // Text only where there is something to compare with.
    const keyAsText = isBounded ? bytesToLatin1(key) : '';
    if (isBounded && (isReverse ? isBelow(keyAsText, from, after) : to !== null && keyAsText >= to)) return false;
    if (!isBounded || keyAsText !== after) found.push(key);
    return found.length < limit;
  });
  return found;
}

function highest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function isBelow(text: string, from: string | null, after: string | null): boolean {
  return (from !== null && text < from) || (after !== null && text <= after);
}

/** Table, a zero for values (pages have a one there), the key. */
function valueKey(table: number, keyBytes: Uint8Array): Uint8Array {
  const key = new Uint8Array(2 + keyBytes.length);
  key[0] = table;
  key.set(keyBytes, 2);
  return key;
}
