// Tariffs and orders. What an order was decided on is copied into it: a receipt must not change when a price does.
import { added, count, list, nat, optional, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { principal, timeNs } from '@tamc/protocol/principal-codec';
import { orderTerms, refundReason, tariffTerms } from '@tamc/protocol/use';
import { defineCell, defineList, defineTable, principalKey } from '@tamc/shared/tables/index';

/** A part of the hold that is to be moved: `total` is amount and fee. */
const part = record({
  total: nat,
  transfer: optional(count),
  paid: optional(record({ amount: nat, block: nat })),
  /** Not before, after the ledger refused. */
  nextNs: timeNs,
});

const order = record({
  terms: orderTerms,
  placedNs: timeNs,
  refused: optional(record({ code: text, message: text })),
  held: optional(record({ block: nat, deadlineNs: timeNs })),
  command: optional(count),
  ended: optional(
    variant({
      used: record({ used: nat, evidence: optional(text) }),
      unused: record({ reason: refundReason, evidence: optional(text) }),
    }),
  ),
  capture: optional(part),
  refund: optional(part),
  settledNs: optional(timeNs),
});

/** Who ordered without being able to pay, since the first of them in this hour. */
const unpaid = record({ sinceNs: timeNs, callers: list(principal), lastNs: added(timeNs, 0n) });

export type Unpaid = ValueOf<typeof unpaid>;
export type Order = ValueOf<typeof order>;
export type Part = ValueOf<typeof part>;

export const useTables = {
  tariffs: defineList({ number: 90, name: 'tariffs', value: tariffTerms }),
  /** Null: no orders are taken. */
  tariffNow: defineCell({ number: 91, name: 'tariffNow', value: optional(count), default: null }),
  orders: defineList({ number: 92, name: 'orders', value: order }),
  /** Orders that are not settled, with what is looked at before every message. */
  openOrders: defineCell({
    number: 93,
    name: 'openOrders',
    value: list(record({ order: count, customer: principal, nextNs: optional(timeNs) })),
    default: [],
  }),
  /** Who has paid for an order: grows by a row for each customer, who has paid for it. */
  customers: defineTable({ number: 94, name: 'customers', key: principalKey, value: unpaid }),
  strangersUnpaid: defineCell({
    number: 95,
    name: 'strangersUnpaid',
    value: unpaid,
    default: { sinceNs: 0n, callers: [], lastNs: 0n },
  }),
  /** Strangers who may try once more, whatever others of them do; the oldest first. */
  allowed: defineCell({ number: 96, name: 'allowed', value: list(principal), default: [] }),
};
