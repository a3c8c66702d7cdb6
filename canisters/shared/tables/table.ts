// Single entries by key, and single values: each access is one access of the store.
import { decode, encode } from '@tamc/base/codec';
import type { CellDefinition, TableDefinition } from './definition.ts';
import type { Store } from './port.ts';

export interface Table<K, V> {
  get(key: K): V | null;
  set(key: K, value: V): void;
  delete(key: K): void;
}

export interface Cell<V> {
  get(): V;
  set(value: V): void;
}

export function openTable<K, V>(store: Store, definition: TableDefinition<K, V>): Table<K, V> {
  const { number, key: keyCodec, value: codec } = definition;
  const keyOf = (key: K) => storeKey(number, keyCodec.toBytes(key));
  return {
    get: (key) => {
      const bytes = store.get(keyOf(key));
      return bytes === null ? null : decode(codec, bytes);
    },
    set: (key, value) => store.set(keyOf(key), encode(codec, value)),
    delete: (key) => store.delete(keyOf(key)),
  };
}

export function openCell<V>(store: Store, definition: CellDefinition<V>): Cell<V> {
  const key = Uint8Array.of(definition.number);
  return {
    get: () => {
      const bytes = store.get(key);
      return bytes === null ? definition.default : decode(definition.value, bytes);
    },
    set: (value) => store.set(key, encode(definition.value, value)),
  };
}

/** The table's number, then the rest. */
export function storeKey(number: number, rest: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + rest.length);
  key[0] = number;
  key.set(rest, 1);
  return key;
}
