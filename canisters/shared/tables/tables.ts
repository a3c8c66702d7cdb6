// All tables of a canister together: opened at once on a store, and described as one layout.
import { assert } from '@tamc/base/assert';
import type { CellDefinition, ListDefinition, OrderedDefinition, TableDefinition } from './definition.ts';
import { type Layout, layoutOf } from './layout.ts';
import { type NumberedList, openList } from './list.ts';
import { type OrderedTable, openOrdered } from './ordered.ts';
import type { Store } from './port.ts';
import { type Cell, openCell, openTable, type Table } from './table.ts';

export type Definition<K = never, V = never> =
  | TableDefinition<K, V>
  | CellDefinition<V>
  | ListDefinition<V>
  | OrderedDefinition<K, V>;

export type Definitions = Readonly<Record<string, Definition>>;

export type OpenedOf<D> =
  D extends TableDefinition<infer K, infer V>
    ? Table<K, V>
    : D extends OrderedDefinition<infer K, infer V>
      ? OrderedTable<K, V>
      : D extends CellDefinition<infer V>
        ? Cell<V>
        : D extends ListDefinition<infer V>
          ? NumberedList<V>
          : never;

export type TablesOf<D> = { readonly [N in keyof D]: OpenedOf<D[N]> };

export interface TableSet<D> {
  readonly definitions: D;
  readonly layout: Layout;
  /** As JSON; made once, because it takes long. */
  layoutText(): string;
  open(store: Store): TablesOf<D>;
}

/** Asserts that no two tables share a number or a name. */
export function defineTables<D extends Readonly<Record<string, unknown>>>(
  definitions: D & { readonly [N in keyof D]: AnyDefinition },
): TableSet<D> {
  const all: readonly AnyDefinition[] = Object.values(definitions);
  assert(new Set(all.map(({ number }) => number)).size === all.length, 'two tables share a number');
  assert(new Set(all.map(({ name }) => name)).size === all.length, 'two tables share a name');
  const layout = layoutOf(all);
  let text: string | null = null;
  return {
    definitions,
    layout,
    layoutText: () => {
      text ??= JSON.stringify(layout);
      return text;
    },
    open: (store) => {
      const opened = Object.entries<AnyDefinition>(definitions).map(([name, definition]) => [
        name,
        open(store, definition),
      ]);
      return Object.fromEntries(opened) as TablesOf<D>;
    },
  };
}

export type AnyDefinition = Definition<unknown, unknown>;

function open(store: Store, definition: AnyDefinition) {
  if (definition.kind === 'table') return openTable(store, definition);
  if (definition.kind === 'cell') return openCell(store, definition);
  if (definition.kind === 'list') return openList(store, definition);
  return openOrdered(store, definition);
}
