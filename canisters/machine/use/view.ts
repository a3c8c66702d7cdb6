// What is shown of tariffs and orders: everything about an order, while it runs and as its receipt.
import { accountToCandid } from '@tamc/protocol/account';
import { hexToPrincipal, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { useRefusals as no, type RefundReason } from '@tamc/protocol/use';
import { bytesOf, optionOf, wordOf } from '../candid.ts';
import type { MachineTables } from '../state.ts';
import { knownLedger } from '../wallet/books.ts';
import { transferStatusToCandid } from '../wallet/view.ts';
import type { Order, Part } from './tables.ts';

export function tariffToCandid(tables: MachineTables, number: number | null) {
  const terms = number === null ? null : tables.tariffs.get(number);
  if (number === null || terms === null) return null;
  return {
    tariff: number,
    ledger: hexToPrincipal(terms.ledger),
    unit: wordOf(terms.unit),
    price: terms.price,
    quantity_max: terms.quantityMax,
    deadline_ns: terms.deadlineNs,
    orders_at_once: terms.ordersAtOnce,
    fee: knownLedger(tables, terms.ledger).fee,
  };
}

function statusOf({ refused, held, ended, settledNs }: Order) {
  if (refused !== null) return { refused };
  if (held === null) return { pulling: null };
  if (ended === null) return { running: null };
  if (settledNs === null) return { settling: null };
  return ended.kind === 'used' ? { used: null } : { refunded: null };
}

export function orderToCandid(tables: MachineTables, number: number) {
  const order = tables.orders.get(number);
  if (order === null) return null;
  const { terms, held, ended } = order;
  return {
    order: number,
    customer: accountToCandid(terms.customer),
    ledger: hexToPrincipal(terms.ledger),
    tariff: terms.tariff,
    unit: wordOf(terms.unit),
    price: terms.price,
    quantity: terms.quantity,
    hold: terms.hold,
    fee: terms.fee,
    command_id: terms.commandId,
    placed_ns: order.placedNs,
    held_block: optionOf(held?.block ?? null),
    deadline_ns: optionOf(held?.deadlineNs ?? null),
    device_command: optionOf(order.command),
    used: optionOf(ended?.kind === 'used' ? ended.used : null),
    evidence: optionOf(ended?.evidence == null ? null : bytesOf(ended.evidence)),
    captured: order.capture?.paid?.amount ?? 0n,
    refunded: order.refund?.paid?.amount ?? 0n,
    refund_reason: optionOf(ended?.kind === 'unused' ? renderReason(ended.reason) : null),
    capture: optionOf(partToCandid(tables, order.capture)),
    refund: optionOf(partToCandid(tables, order.refund)),
    status: statusOf(order),
  };
}

function partToCandid(tables: MachineTables, part: Part | null) {
  if (part === null) return null;
  if (part.paid !== null) return { paid: { block: part.paid.block } };
  const transfer = part.transfer === null ? null : tables.transfers.get(part.transfer);
  return transfer === null ? { pending: null } : transferStatusToCandid(transfer);
}

function renderReason(reason: RefundReason): string {
  switch (reason.kind) {
    case 'failed':
      return `the device failed: ${reason.reason}`;
    case 'deadline':
      return 'the device did not end in time';
    case 'notStarted':
      return `the device was not started: ${reason.message}`;
    case 'late':
      return 'the money arrived too late to begin';
    case 'unused':
      return 'nothing was used';
  }
}

export function orderRefusal(tables: MachineTables, number: number, self: PrincipalHex): Refusal | null {
  const order = tables.orders.get(number);
  if (order === null || order.refused === null) return null;
  const { hold, fee } = order.terms;
  const { code, message: reason } = order.refused;
  return no('PullRefused', { hold, code, reason, machine: principalToText(self), allowance: hold + fee });
}
