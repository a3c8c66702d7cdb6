// Tables of a canister: what others use of this folder.
export {
  type CellDefinition,
  defineCell,
  defineList,
  defineOrdered,
  defineTable,
  type ListDefinition,
  type OrderedDefinition,
  type TableDefinition,
} from './definition.ts';
export { accountKey, countKey, type KeyCodec, natKey, principalKey, textKey, tupleKey } from './key.ts';
export { compareLayouts, type Layout, type LayoutProblem, layoutOf } from './layout.ts';
export { type NumberedList, openList } from './list.ts';
export { createMemoryStore, type MemoryStore } from './memory.ts';
export { type OrderedTable, openOrdered, type Range } from './ordered.ts';
export type { Store } from './port.ts';
export { stateHash } from './state-hash.ts';
export { type Cell, openCell, openTable, type Table } from './table.ts';
export { defineTables, type TablesOf } from './tables.ts';
