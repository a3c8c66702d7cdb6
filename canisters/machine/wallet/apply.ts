// What the wallet's events change. A transfer sets money aside when it starts; its end takes the money from the book or frees it.
import type { PrincipalHex } from '@tamc/protocol/principal';
import { type StatementEntry, type TransferOrder, type WalletEvent, walletLimits } from '@tamc/protocol/wallet';
import { takeEarmarked } from '../compute/reserve.ts';
import type { Envelope, MachineTables } from '../state.ts';
import { noteAllowed } from '../use/unpaid.ts';
import { bookEntry, configuredFeeOf, noteTip, setAside } from './books.ts';
import { declaredCode, forgetDeclared, noteDeclared } from './declared.ts';
import { withEarlier } from './earlier.ts';
import { dropOldest } from './kept.ts';
import { liveMandates, moveEarlier, withoutPayment, withPayment, withTotal } from './mandates.ts';
import { applyAnnounced, bookReceipt, endReceipt } from './received.ts';
import { countSearch } from './search-hour.ts';
import type { Ledger, Mandate, Request, TermsTaking, Transfer } from './tables.ts';
import { totalOf } from './transfers.ts';
import { noteAnswered, noteAsked, noteMoved } from './watched.ts';

type EventOf<K extends WalletEvent['kind']> = Extract<WalletEvent, { kind: K }>;
type Appliers = {
  readonly [K in WalletEvent['kind']]: (tables: MachineTables, event: EventOf<K>, at: Envelope) => void;
};

const appliers: Appliers = {
  MoneyTermsAsked: (tables, { taking }, { by }) => tables.termsTaking.set({ taking, by, outcome: null }),
  MoneyTermsTaken: (tables, { ledgers, left }) => endTaking(tables, { kind: 'taken', ledgers, left }),
  MoneyTermsNotTold: (tables, { reason }) => endTaking(tables, { kind: 'notTold', reason }),
  LedgerAdmitted: (tables, { ledger, isHome }) => {
    tables.ledgers.set([...tables.ledgers.get(), { ...ledger, isHome, configuredFee: null }]);
  },
  LedgerFeeChanged: (tables, { ledger, fee }) => {
    const changed = (one: Ledger) => ({ ...one, fee, configuredFee: configuredFeeOf(one) });
    tables.ledgers.set(tables.ledgers.get().map((one) => (one.id === ledger ? changed(one) : one)));
  },
  MandateGranted: applyGranted,
  MandateRevoked: applyRevoked,
  RequestOpened: (tables, { payload, commandId }, { timeNs }) => {
    const request = tables.requests.append({ payload, commandId, decision: null });
    const open = tables.openRequests.get().filter(({ expiresNs }) => timeNs < expiresNs);
    tables.openRequests.set([...open, { request, delegate: payload.delegate, expiresNs: payload.expiresNs }]);
    dropOldest(tables.requests, walletLimits.requestsKept);
  },
  RequestApproved: (tables, { request, transfer, mandate }) =>
    decide(tables, request, { kind: 'approved', transfer, mandate }),
  RequestDeclined: (tables, { request }) => decide(tables, request, { kind: 'declined' }),
  TransferStarted: applyStarted,
  TransferPaid: applyPaid,
  TransferRefused: (tables, { transfer, code, message }) => {
    const { order } = close(tables, transfer, { kind: 'refused', code, message });
    const { cause } = order;
    if (code === declaredCode) noteDeclared(tables, transfer);
    if (cause.kind !== 'payment' || cause.mandate === null) return;
    for (const { number, ...mandate } of liveMandates(tables, cause.by)) {
      tables.mandates.set(number, withoutPayment(mandate, transfer));
    }
  },
  TransferFound: applyFound,
  TransferPutOff: (tables, { transfer, untilNs, cursor }) => {
    const known = tables.transfers.get(transfer)!;
    tables.transfers.set(transfer, { ...known, nextNs: untilNs, cursor, isRepeated: true });
    setNext(tables, transfer, untilNs);
  },
  TransferTriedAgain: (tables, { transfer }, { timeNs }) => {
    const known = tables.transfers.get(transfer)!;
    if (known.cursor !== null) countSearch(tables, timeNs);
    tables.transfers.set(transfer, { ...known, nextNs: null, isRepeated: true });
    setNext(tables, transfer, null);
  },
  TransferFeeLowered: applyLowered,
  ReceiptAnnounced: applyAnnounced,
  ReceiptBooked: (tables, event, { timeNs }) =>
    endReceipt(tables, event.receipt, { kind: 'booked', entry: bookReceipt(tables, event, timeNs) }),
  ReceiptRejected: (tables, { receipt, code, message }) =>
    endReceipt(tables, receipt, { kind: 'rejected', code, message }),
  WatchAsked: (tables, { ledger }, { timeNs }) => noteAsked(tables, ledger, timeNs),
  WatchMoved: (tables, { ledger, next }) => noteMoved(tables, ledger, next),
  WatchAnswered: (tables, { ledger, next }) => noteAnswered(tables, ledger, next),
  ReceiptFound: (tables, event, { timeNs }) => {
    bookReceipt(tables, event, timeNs);
  },
  PullAllowed: (tables, { customer }) => noteAllowed(tables, customer),
};

export function applyWallet(tables: MachineTables, event: WalletEvent, at: Envelope): void {
  const apply = appliers[event.kind] as (tables: MachineTables, event: WalletEvent, at: Envelope) => void;
  apply(tables, event, at);
}

function endTaking({ termsTaking }: MachineTables, outcome: NonNullable<TermsTaking['outcome']>): void {
  termsTaking.set({ ...termsTaking.get()!, outcome });
}

/** What was spent under the mandate that this one replaces, or under those before, goes over to it. */
function applyGranted(
  tables: MachineTables,
  { mandate, delegate, terms }: EventOf<'MandateGranted'>,
  { timeNs }: Envelope,
): void {
  const replaced = liveMandates(tables, delegate).find((one) => one.terms.ledger === terms.ledger);
  if (replaced !== undefined) forgetMandate(tables, replaced.number);
  const { payments, earlier } = replaced ?? { payments: [], earlier: takeSpent(tables, delegate, terms.ledger) };
  tables.mandates.set(mandate, moveEarlier({ delegate, terms, payments, earlier }, timeNs));
  tables.delegates.set(delegate, [...(tables.delegates.get(delegate) ?? []), mandate]);
  const { live } = tables.mandateIndex.get();
  tables.mandateIndex.set({ next: mandate + 1, live: [...live, mandate] });
}

function takeSpent(tables: MachineTables, delegate: PrincipalHex, ledger: PrincipalHex): Mandate['earlier'] {
  const spent = tables.spentBefore.get([delegate, ledger]) ?? [];
  tables.spentBefore.delete([delegate, ledger]);
  return spent;
}

function applyRevoked(tables: MachineTables, { mandate }: EventOf<'MandateRevoked'>, { timeNs }: Envelope): void {
  const { delegate, terms, payments, earlier } = tables.mandates.get(mandate)!;
  const spent = withEarlier(earlier, payments, timeNs);
  if (spent.length > 0) tables.spentBefore.set([delegate, terms.ledger], spent);
  forgetMandate(tables, mandate);
}

function forgetMandate(tables: MachineTables, number: number): void {
  const { delegate } = tables.mandates.get(number)!;
  tables.mandates.delete(number);
  const others = (tables.delegates.get(delegate) ?? []).filter((one) => one !== number);
  if (others.length > 0) tables.delegates.set(delegate, others);
  else tables.delegates.delete(delegate);
  const index = tables.mandateIndex.get();
  tables.mandateIndex.set({ ...index, live: index.live.filter((one) => one !== number) });
}

function decide(tables: MachineTables, number: number, decision: Request['decision']): void {
  tables.requests.set(number, { ...tables.requests.get(number)!, decision });
  tables.openRequests.set(tables.openRequests.get().filter(({ request }) => request !== number));
}

function applyStarted(tables: MachineTables, { kind: _, ...order }: EventOf<'TransferStarted'>): void {
  const { transfer, ledger, purse, amount, cause, createdNs } = order;
  const total = totalOf(order);
  if (cause.kind === 'fill') takeEarmarked(tables, total);
  setAside(tables, ledger, purse, total);
  tables.transfers.append({ order, nextNs: null, cursor: null, outcome: null, isRepeated: false, isLowered: false });
  const open = { transfer, ledger, kind: cause.kind, amount, nextNs: null };
  tables.openTransfers.set([...tables.openTransfers.get(), open]);
  dropOldest(tables.transfers, walletLimits.transfersKept, ({ outcome }) => outcome !== null);
  if (cause.kind !== 'payment' || cause.mandate === null) return;
  const mandate = tables.mandates.get(cause.mandate)!;
  tables.mandates.set(cause.mandate, withPayment(mandate, { transfer, atNs: createdNs, total }));
}

/** What the fee would have taken more is free again. */
function applyLowered(tables: MachineTables, { transfer, fee }: EventOf<'TransferFeeLowered'>): void {
  const known = tables.transfers.get(transfer)!;
  const order = { ...known.order, fee };
  tables.transfers.set(transfer, { ...known, order, isLowered: true });
  setAside(tables, order.ledger, order.purse, totalOf(order) - totalOf(known.order));
  if (order.cause.kind !== 'payment' || order.cause.mandate === null) return;
  for (const { number, ...mandate } of liveMandates(tables, order.cause.by)) {
    tables.mandates.set(number, withTotal(mandate, transfer, totalOf(order)));
  }
}

/** Frees what was set aside. */
function close(tables: MachineTables, number: number, outcome: NonNullable<Transfer['outcome']>): Transfer {
  const transfer = { ...tables.transfers.get(number)!, outcome, nextNs: null };
  tables.transfers.set(number, transfer);
  tables.openTransfers.set(tables.openTransfers.get().filter((open) => open.transfer !== number));
  const { order } = transfer;
  setAside(tables, order.ledger, order.purse, -totalOf(order));
  return transfer;
}

function applyPaid(tables: MachineTables, { transfer, block }: EventOf<'TransferPaid'>, { timeNs }: Envelope): void {
  const { order } = close(tables, transfer, { kind: 'paid', block });
  for (const entry of entriesOf(order, block, timeNs)) bookEntry(tables, entry);
  noteTip(tables, order.ledger, block);
}

/** It took its money after all, which had been freed. */
function applyFound(tables: MachineTables, { transfer, block }: EventOf<'TransferFound'>, { timeNs }: Envelope): void {
  const known = tables.transfers.get(transfer)!;
  const { order } = known;
  tables.transfers.set(transfer, { ...known, outcome: { kind: 'paid', block } });
  forgetDeclared(tables, transfer);
  for (const entry of entriesOf(order, block, timeNs)) bookEntry(tables, entry);
  noteTip(tables, order.ledger, block);
  const mandate = order.cause.kind === 'payment' && order.cause.mandate !== null ? order.cause.mandate : null;
  const granted = mandate === null ? null : tables.mandates.get(mandate);
  if (mandate === null || granted === null) return;
  const payment = { transfer, atNs: order.createdNs, total: totalOf(order) };
  tables.mandates.set(mandate, withPayment(granted, payment));
}

/** A transfer between two purses is one line in each. */
function entriesOf(order: TransferOrder, block: bigint, atNs: bigint): StatementEntry[] {
  const { transfer, ledger, purse, to, amount, fee, cause } = order;
  if (cause.kind === 'hold') {
    const held = { kind: 'held', order: cause.order, from: cause.from } as const;
    return [{ atNs, ledger, purse, change: amount, block, cause: held }];
  }
  const sent = { kind: 'sent', transfer, to, cause, fee } as const;
  const out = { atNs, ledger, purse, change: -(amount + fee), block, cause: sent };
  const toPurse = cause.kind === 'capture' ? 'main' : cause.kind === 'fill' ? 'compute' : null;
  if (toPurse === null) return [out];
  const moved = { kind: 'moved', transfer, from: purse, cause } as const;
  return [out, { atNs, ledger, purse: toPurse, change: amount, block, cause: moved }];
}

function setNext(tables: MachineTables, transfer: number, nextNs: bigint | null): void {
  const set = (open: { transfer: number }) => (open.transfer === transfer ? { ...open, nextNs } : open);
  tables.openTransfers.set(tables.openTransfers.get().map((open) => ({ ...open, ...set(open) })));
}
