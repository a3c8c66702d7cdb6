// The desk's tables: its price, and one sale per block of the ledger.
import { added, count, flag, list, nat, optional, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { principal } from '@tamc/protocol/principal-codec';
import { type DeskEvent, deskEvent } from '@tamc/protocol/simulated-desk';
import { sharedTablesOf } from '@tamc/shared/canister';
import type { Decision } from '@tamc/shared/rule';
import { defineCell, defineTable, defineTables, natKey, type TablesOf } from '@tamc/shared/tables/index';

const sale = record({
  /** Known once the ledger has shown the block. */
  payment: optional(record({ payer: principal, amount: nat, cycles: nat })),
  state: variant({
    /** The ledger is asked. */
    asked: record({}),
    /** The cycles are on their way: they are not sent again. */
    begun: record({}),
    delivered: record({}),
    /** The cycles came back, or the ledger gave no answer: it may be asked again. */
    failed: record({ message: text }),
    rejected: record({ code: text, message: text }),
    unknown: record({}),
  }),
});
export type Sale = ValueOf<typeof sale>;

/** Why a block bought nothing. Only the latest ones, to answer who asked: anybody can ask for any block. */
const refusedSale = record({ block: nat, isFinal: flag, message: text });
export type RefusedSale = ValueOf<typeof refusedSale>;

const definitions = {
  price: defineCell({
    number: 1,
    name: 'price',
    value: optional(record({ ledger: principal, cyclesPerUnit: nat })),
    default: null,
  }),
  sales: defineTable({ number: 2, name: 'sales', key: natKey, value: sale }),
  counts: defineCell({
    number: 3,
    name: 'counts',
    value: record({ sales: count, open: list(nat), refused: added(list(refusedSale), []) }),
    default: { sales: 0, open: [], refused: [] },
  }),
  ...sharedTablesOf(deskEvent),
};

export const deskTables = defineTables(definitions);
export type DeskTables = TablesOf<typeof definitions>;
export type DeskDecision<Reply> = Decision<DeskEvent, Reply>;
