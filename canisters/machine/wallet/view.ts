// What the wallet shows: its records as Candid values, with statuses derived from facts and the clock.
import { accountToCandid } from '@tamc/protocol/account';
import { mandateTermsToCandid } from '@tamc/protocol/mandate';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { purseToAccount } from '@tamc/protocol/purse';
import type { Refusal } from '@tamc/protocol/refusal';
import { payloadHash, payloadToBytes, type RequestedAct } from '@tamc/protocol/request';
import { renderRequest } from '@tamc/protocol/request-text';
import { type StatementEntry, type TransferCause, walletLimits } from '@tamc/protocol/wallet';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import type { NumberedList } from '@tamc/shared/tables/index';
import { bytesOf, optionOf, wordOf } from '../candid.ts';
import type { MachineTables } from '../state.ts';
import { allBalances } from './books.ts';
import { countInWindow, isLive, spentInWindow } from './mandates.ts';
import { requestStatus } from './requests.ts';
import type { Transfer } from './tables.ts';

/** `transfer/12` → 12. */
export function subjectNumber(subject: string): number {
  return Number(subject.split('/')[1]);
}

/** The numbers of one page of a list, from `from` on. */
export function pageOf(list: NumberedList<unknown>, from: number, limit: number): readonly number[] {
  const first = Math.max(from, list.first());
  const length = Math.max(0, Math.min(limit, walletLimits.pageMax, list.end() - first));
  return Array.from({ length }, (_, i) => first + i);
}

export function mandateToCandid(tables: MachineTables, number: number, nowNs: bigint) {
  const mandate = tables.mandates.get(number);
  if (mandate === null) return null;
  return {
    mandate: number,
    delegate: hexToPrincipal(mandate.delegate),
    terms: mandateTermsToCandid(mandate.terms),
    is_live: isLive(mandate.terms, nowNs),
    spent: spentInWindow(mandate, nowNs),
    payments: countInWindow(mandate, nowNs),
  };
}

/** Of all that are in force: each with its payees and purposes. */
export function partsOfMandates({ mandateIndex, mandates }: MachineTables): number {
  const terms = mandateIndex.get().live.map((number) => mandates.get(number)!.terms);
  const partsOf = (list: readonly unknown[] | null) => list?.length ?? 0;
  return terms.reduce((sum, one) => sum + 1 + partsOf(one.allowedPayees) + partsOf(one.allowedPurposes), 0);
}

function causeToCandid(cause: TransferCause) {
  switch (cause.kind) {
    case 'payment': {
      const { purpose, by, commandId, mandate, request } = cause;
      const numbers = { mandate: optionOf(mandate), request: optionOf(request) };
      return { payment: { purpose, by: hexToPrincipal(by), command_id: commandId, ...numbers } };
    }
    case 'hold':
      return { hold: { order: cause.order, from: accountToCandid(cause.from) } };
    case 'capture':
      return { capture: { order: cause.order } };
    case 'refund':
      return { refund: { order: cause.order } };
    case 'fill':
      return { fill: null };
    case 'purchase':
      return { purchase: { top_up: cause.topUp } };
  }
}

export function transferStatusToCandid({ outcome, cursor }: Transfer) {
  if (outcome === null) return cursor === null ? { pending: null } : { searching: null };
  if (outcome.kind === 'paid') return { paid: { block: outcome.block } };
  return { refused: { code: outcome.code, message: outcome.message } };
}

export function transferToCandid(tables: MachineTables, number: number) {
  const transfer = tables.transfers.get(number);
  if (transfer === null) return null;
  const { ledger, purse, to, amount, fee, memo, createdNs, cause } = transfer.order;
  return {
    transfer: number,
    ledger: hexToPrincipal(ledger),
    from: wordOf(purse),
    to: accountToCandid(to),
    amount,
    fee,
    memo: bytesOf(memo),
    created_ns: createdNs,
    cause: causeToCandid(cause),
    status: transferStatusToCandid(transfer),
  };
}

export function requestToCandid(tables: MachineTables, number: number, nowNs: bigint) {
  const request = tables.requests.get(number);
  if (request === null) return null;
  const { payload, decision } = request;
  const status = requestStatus(request, nowNs);
  return {
    request: number,
    delegate: hexToPrincipal(payload.delegate),
    mandate: payload.mandate,
    act: actToCandid(payload.act),
    reason: payload.reason,
    created_ns: payload.createdNs,
    expires_ns: payload.expiresNs,
    status: decision?.kind === 'approved' ? approvedToCandid(decision) : wordOf(status),
    payload: payloadToBytes(payload),
    payload_hash: payloadHash(payload),
    text: renderRequest(payload),
  };
}

function approvedToCandid({ transfer, mandate }: { transfer: number | null; mandate: number | null }) {
  return { approved: { transfer: optionOf(transfer), mandate: optionOf(mandate) } };
}

function actToCandid(act: RequestedAct) {
  if (act.kind === 'releaseStop') return { release_stop: null };
  if (act.kind === 'grantMandate') {
    const { delegate, terms, symbol, decimals } = act;
    const grant = { delegate: hexToPrincipal(delegate), terms: mandateTermsToCandid(terms) };
    return { grant_mandate: { ...grant, symbol, decimals } };
  }
  const { ledger, to, amount, fee, purpose, reasons } = act;
  return {
    pay: { ledger: hexToPrincipal(ledger), to: accountToCandid(to), amount, fee, purpose, reasons: [...reasons] },
  };
}

/** What became of a payment or an approval: shown as it is, or as the refusal that the ledger made of it; null: no longer kept. */
export function payReply(tables: MachineTables, subject: string, nowNs: bigint) {
  const number = subjectNumber(subject);
  if (subject.startsWith('request/')) return wordedUnlessNull('Waiting', requestToCandid(tables, number, nowNs));
  if (subject.startsWith('mandate/')) return wordedUnlessNull('Granted', mandateToCandid(tables, number, nowNs));
  if (subject.startsWith('stop/')) return { Released: null };
  const transfer = transferToCandid(tables, number);
  if (transfer === null) return null;
  return 'paid' in transfer.status ? { Paid: transfer } : { Pending: transfer };
}

export function payRefusal(tables: MachineTables, subject: string): Refusal | null {
  if (!subject.startsWith('transfer/')) return null;
  const transfer = subjectNumber(subject);
  const outcome = tables.transfers.get(transfer)?.outcome;
  if (outcome?.kind !== 'refused') return null;
  return no('LedgerRefused', { transfer, code: outcome.code, reason: outcome.message });
}

function wordedUnlessNull<W extends string, T>(word: W, value: T | null): { readonly [K in W]?: T } | null {
  if (value === null) return null;
  const worded: { [K in W]?: T } = {};
  worded[word] = value;
  return worded;
}

export function entryToCandid(tables: MachineTables, number: number) {
  const entry = tables.statement.get(number);
  if (entry === null) return null;
  const { atNs, ledger, purse, change, block } = entry;
  return {
    number,
    at_ns: atNs,
    ledger: hexToPrincipal(ledger),
    purse: wordOf(purse),
    change,
    block,
    cause: entryCauseToCandid(entry.cause),
  };
}

function entryCauseToCandid(cause: StatementEntry['cause']) {
  switch (cause.kind) {
    case 'receipt': {
      const from = cause.from === null ? null : accountToCandid(cause.from);
      return { receipt: { from: optionOf(from), memo: bytesOf(cause.memo) } };
    }
    case 'sent': {
      const { transfer, to, fee } = cause;
      return { sent: { transfer, to: accountToCandid(to), cause: causeToCandid(cause.cause), fee } };
    }
    case 'moved':
      return { moved: { transfer: cause.transfer, from: wordOf(cause.from), cause: causeToCandid(cause.cause) } };
    case 'held':
      return { held: { order: cause.order, from: accountToCandid(cause.from) } };
  }
}

export function statementToCandid(tables: MachineTables, from: number, limit: number) {
  const { statement } = tables;
  const entries = pageOf(statement, from, limit).flatMap((number) => entryToCandid(tables, number) ?? []);
  return { entries, first: statement.first(), next: statement.end() };
}

/** Subject of `announceReceipt`. */
export function announceReply(tables: MachineTables, subject: string) {
  const entry = bookedEntry(tables, subject);
  const shown = entry === null ? null : entryToCandid(tables, entry);
  return shown === null ? { Pending: null } : { Booked: shown };
}

export function announceRefusal(tables: MachineTables, subject: string): Refusal | null {
  if (!subject.startsWith('receipt/')) return null;
  const receipt = tables.receipts.get(subjectNumber(subject));
  if (receipt?.outcome?.kind !== 'rejected') return null;
  const { code, message } = receipt.outcome;
  return no('ReceiptRejected', { block: receipt.block, code, reason: message });
}

function bookedEntry(tables: MachineTables, subject: string): number | null {
  const number = subjectNumber(subject);
  if (subject.startsWith('entry/')) return number;
  const outcome = tables.receipts.get(number)?.outcome;
  return outcome?.kind === 'booked' ? outcome.entry : null;
}

export function balancesToCandid(tables: MachineTables, self: PrincipalHex) {
  return allBalances(tables).map(({ ledger, purse, booked, carried, reserved, available }) => ({
    ledger: hexToPrincipal(ledger.id),
    symbol: ledger.symbol,
    decimals: ledger.decimals,
    fee: ledger.fee,
    purse: wordOf(purse),
    account: accountToCandid(purseToAccount(self, purse)),
    booked,
    carried,
    reserved,
    available,
  }));
}
