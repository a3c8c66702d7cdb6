// Values numbered one after the other: appended at the end, dropped at the start. An access costs the same however long it is.
import { assert } from '@tamc/base/assert';
import { decode, encode } from '@tamc/base/codec';
import type { ListDefinition } from './definition.ts';
import type { Store } from './port.ts';

export interface NumberedList<V> {
  /** Number of the oldest value that is still here. */
  first(): number;
  /** Number that the next value will get. */
  end(): number;
  /** Null when there is none of this number, or no longer. */
  get(number: number): V | null;
  /** Returns the number it got. */
  append(value: V): number;
  /** Only for a number that is here. */
  set(number: number, value: V): void;
  /** Forgets the oldest; costs what it drops. */
  dropFirst(count: number): void;
}

export function openList<V>(store: Store, definition: ListDefinition<V>): NumberedList<V> {
  const { number: table, value: codec } = definition;
  const boundsKey = Uint8Array.of(table);
  const keyOf = (number: number) => {
    const key = new Uint8Array(9);
    key[0] = table;
    new DataView(key.buffer).setBigUint64(1, BigInt(number));
    return key;
  };
  const bounds = () => bytesToBounds(store.get(boundsKey));
  const isHere = (number: number) => {
    const { first, end } = bounds();
    return Number.isSafeInteger(number) && number >= first && number < end;
  };
  return {
    first: () => bounds().first,
    end: () => bounds().end,
    get: (number) => {
      if (!Number.isSafeInteger(number) || number < 0) return null;
      const bytes = store.get(keyOf(number));
      return bytes === null ? null : decode(codec, bytes);
    },
    append: (value) => {
      const { first, end } = bounds();
      store.set(keyOf(end), encode(codec, value));
      store.set(boundsKey, boundsToBytes(first, end + 1));
      return end;
    },
    set: (number, value) => {
      assert(isHere(number), `list ${definition.name} has no number ${number}`);
      store.set(keyOf(number), encode(codec, value));
    },
    dropFirst: (count) => {
      const { first, end } = bounds();
      const next = Math.min(end, first + Math.max(0, count));
      for (let number = first; number < next; number++) store.delete(keyOf(number));
      if (next > first) store.set(boundsKey, boundsToBytes(next, end));
    },
  };
}

function bytesToBounds(bytes: Uint8Array | null): { first: number; end: number } {
  if (bytes === null) return { first: 0, end: 0 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { first: Number(view.getBigUint64(0)), end: Number(view.getBigUint64(8)) };
}

function boundsToBytes(first: number, end: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(first));
  view.setBigUint64(8, BigInt(end));
  return bytes;
}
