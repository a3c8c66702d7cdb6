// The wallet's tables. Whatever grows is a list that forgets its oldest, or is paid for by whoever makes it grow.
import { added, count, flag, list, nat, optional, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { mandateTerms } from '@tamc/protocol/mandate';
import { principal, timeNs } from '@tamc/protocol/principal-codec';
import { requestPayload } from '@tamc/protocol/request';
import { statementEntry, termLeft, transferOrder } from '@tamc/protocol/wallet';
import {
  countKey,
  defineCell,
  defineList,
  defineTable,
  natKey,
  principalKey,
  textKey,
  tupleKey,
} from '@tamc/shared/tables/index';

const ledger = record({
  id: principal,
  symbol: text,
  decimals: count,
  fee: nat,
  isHome: flag,
  /** Of birth, which bounds what is believed; null while no other fee was ever in use. */
  configuredFee: added(optional(nat), null),
});

/** `booked` = `carried` + the entries of the statement; `reserved` is for transfers without an outcome. */
const book = record({ booked: nat, carried: nat, reserved: nat });

const payment = record({ transfer: count, atNs: timeNs, total: nat });

/** Payments in one sum, from the first to the last of them. */
const spending = record({ sinceNs: timeNs, atNs: timeNs, total: nat, payments: count });

const mandate = record({
  delegate: principal,
  terms: mandateTerms,
  /** Those of the window that ended with the last of them. */
  payments: list(payment),
  /** Those before, which the window of a mandate in its place may reach. */
  earlier: added(list(spending), []),
});

const refused = { code: text, message: text };

const transfer = record({
  order: transferOrder,
  /** When to try again; null while a call is open, or the outcome is known. */
  nextNs: optional(timeNs),
  /** Next block to look at, once its block is searched. */
  cursor: optional(nat),
  outcome: optional(variant({ paid: record({ block: nat }), refused: record(refused) })),
  /** Its first call has ended without an outcome: whatever a later one is told, the first may have executed it. */
  isRepeated: added(flag, true),
  /** The ledger wanted less for it than its fee, and it was sent once more with that. */
  isLowered: added(flag, false),
});

const openTransfer = record({ transfer: count, ledger: principal, kind: text, amount: nat, nextNs: optional(timeNs) });

const request = record({
  payload: requestPayload,
  commandId: text,
  decision: optional(
    variant({ approved: record({ transfer: optional(count), mandate: optional(count) }), declined: record({}) }),
  ),
});

const receipt = record({
  ledger: principal,
  block: nat,
  outcome: optional(variant({ booked: record({ entry: count }), rejected: record(refused) })),
});

const watched = record({ ledger: principal, askedNs: timeNs, isOpen: flag, next: optional(nat) });

export type Watched = ValueOf<typeof watched>;
const termsTaking = record({
  taking: count,
  by: principal,
  outcome: optional(
    variant({
      taken: record({ ledgers: list(principal), left: list(termLeft) }),
      notTold: record({ reason: text }),
    }),
  ),
});

export type Ledger = ValueOf<typeof ledger>;
export type Book = ValueOf<typeof book>;
export type Mandate = ValueOf<typeof mandate>;
export type Transfer = ValueOf<typeof transfer>;
export type Request = ValueOf<typeof request>;
export type Receipt = ValueOf<typeof receipt>;
export type TermsTaking = ValueOf<typeof termsTaking>;

export const walletTables = {
  ledgers: defineCell({ number: 60, name: 'ledgers', value: list(ledger), default: [] }),
  books: defineTable({ number: 61, name: 'books', key: tupleKey(principalKey, textKey), value: book }),
  mandates: defineTable({ number: 62, name: 'mandates', key: countKey, value: mandate }),
  /** Mandates in force by delegate, one per ledger. */
  delegates: defineTable({ number: 63, name: 'delegates', key: principalKey, value: list(count) }),
  mandateIndex: defineCell({
    number: 64,
    name: 'mandateIndex',
    value: record({ next: count, live: list(count) }),
    default: { next: 1, live: [] },
  }),
  transfers: defineList({ number: 65, name: 'transfers', value: transfer }),
  openTransfers: defineCell({ number: 66, name: 'openTransfers', value: list(openTransfer), default: [] }),
  requests: defineList({ number: 67, name: 'requests', value: request }),
  /** Undecided ones; expired ones stay until the list is next written. */
  openRequests: defineCell({
    number: 68,
    name: 'openRequests',
    value: list(record({ request: count, delegate: principal, expiresNs: timeNs })),
    default: [],
  }),
  statement: defineList({ number: 69, name: 'statement', value: statementEntry }),
  receipts: defineList({ number: 70, name: 'receipts', value: receipt }),
  receiptQueue: defineCell({
    number: 71,
    name: 'receiptQueue',
    value: record({
      open: list(record({ receipt: count, ledger: principal, block: nat })),
      hourNs: timeNs,
      inHour: count,
      /** Strangers who announced within the hour, once for each time. */
      callers: added(list(principal), []),
    }),
    default: { open: [], hourNs: 0n, inHour: 0, callers: [] },
  }),
  /** Grows by a key per receipt, for ever: that a block is booked once holds for ever too. Dust is not booked. */
  bookedBlocks: defineTable({ number: 72, name: 'bookedBlocks', key: tupleKey(principalKey, natKey), value: count }),
  /** The highest block seen on each ledger: nothing decided later is before it. */
  tips: defineTable({ number: 73, name: 'tips', key: principalKey, value: nat }),
  /** Calls to ledgers within the hour that look for transfers. */
  searchHour: defineCell({
    number: 75,
    name: 'searchHour',
    value: record({ sinceNs: timeNs, calls: count }),
    default: { sinceNs: 0n, calls: 0 },
  }),
  /** Of the looks at what came in: until when they go on, the last one, where each ledger is, and whether it has answered. */
  watch: defineCell({
    number: 76,
    name: 'watch',
    value: record({ untilNs: timeNs, askedNs: timeNs, ledgers: list(watched) }),
    default: { untilNs: 0n, askedNs: 0n, ledgers: [] },
  }),
  /** Null: the terms of birth are all that was ever taken. Another asking takes the place of one without an answer. */
  termsTaking: defineCell({ number: 77, name: 'termsTaking', value: optional(termsTaking), default: null }),
  /** Transfers that the operator declared unexecuted; the oldest first. */
  declared: defineCell({ number: 78, name: 'declared', value: list(count), default: [] }),
  /** Of delegates whose mandate on the ledger was revoked: a row for each that ever paid, and the operator grants them. */
  spentBefore: defineTable({
    number: 74,
    name: 'spentBefore',
    key: tupleKey(principalKey, principalKey),
    value: list(spending),
  }),
};
