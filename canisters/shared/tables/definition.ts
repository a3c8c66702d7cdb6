// Tables as data: what each is called, where it lies and what it holds. One definition opens it, on any store, and yields its layout.
import { assert } from '@tamc/base/assert';
import type { Codec } from '@tamc/base/codec';
import type { KeyCodec } from './key.ts';

/** The first byte of every key in the store; what is above belongs to no table. */
export const tableNumberMax = 250;

interface Named {
  readonly number: number;
  readonly name: string;
}

export interface TableDefinition<K, V> extends Named {
  readonly kind: 'table';
  readonly key: KeyCodec<K>;
  readonly value: Codec<V>;
}

export interface CellDefinition<V> extends Named {
  readonly kind: 'cell';
  readonly value: Codec<V>;
  /** What is there before anything was set. */
  readonly default: V;
}

export interface ListDefinition<V> extends Named {
  readonly kind: 'list';
  readonly value: Codec<V>;
}

export interface OrderedDefinition<K, V> extends Named {
  readonly kind: 'ordered';
  readonly key: KeyCodec<K>;
  readonly value: Codec<V>;
}

type Given<D> = Omit<D, 'kind'>;

/** Single entries by key, in no order. */
export function defineTable<K, V>(given: Given<TableDefinition<K, V>>): TableDefinition<K, V> {
  return checked({ kind: 'table', ...given });
}

/** One value. */
export function defineCell<V>(given: Given<CellDefinition<V>>): CellDefinition<V> {
  return checked({ kind: 'cell', ...given });
}

/** Values numbered one after the other. */
export function defineList<V>(given: Given<ListDefinition<V>>): ListDefinition<V> {
  return checked({ kind: 'list', ...given });
}

/** Entries by key that can also be read in the order of their keys. */
export function defineOrdered<K, V>(given: Given<OrderedDefinition<K, V>>): OrderedDefinition<K, V> {
  return checked({ kind: 'ordered', ...given });
}

function checked<D extends Named>(definition: D): D {
  const { number, name } = definition;
  const isNumber = Number.isInteger(number) && number >= 0 && number <= tableNumberMax;
  assert(isNumber, `table ${name} has number ${number}, which is not within 0 and ${tableNumberMax}`);
  assert(name.length > 0, `table ${number} has no name`);
  return definition;
}
