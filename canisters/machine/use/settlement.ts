// Moving the money of an order that has ended. It is looked at before every message and by the timer, and goes on, stopped or
// frozen, until both parts are where they belong: a machine settles what it owes.
import { accountOf } from '@tamc/protocol/account';
import { purseToAccount } from '@tamc/protocol/purse';
import { type SettlementPart, useLimits } from '@tamc/protocol/use';
import type { TransferOrder } from '@tamc/protocol/wallet';
import type { Context } from '@tamc/shared/rule';
import { earmarkRevenue } from '../compute/reserve.ts';
import { type Consequences, decided, joined, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { isQuiet } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { configuredFeeOf, knownLedger } from '../wallet/books.ts';
import type { TransferEnd } from '../wallet/end.ts';
import type { Ledger } from '../wallet/tables.ts';
import { startTransfers, type TransferWanted } from '../wallet/transfers.ts';
import { isRunning } from './ended.ts';
import type { Order, Part } from './tables.ts';

const parts: readonly SettlementPart[] = ['capture', 'refund'];

interface DuePart {
  readonly order: number;
  readonly part: SettlementPart;
  readonly wanted: TransferWanted;
}

/** All that is due, in one decision. */
export function noticeOrders(tables: MachineTables, context: Context): MachineDecision<null> {
  const due = tables.openOrders.get().filter(({ nextNs }) => nextNs !== null && nextNs <= context.nowNs);
  if (due.length === 0) return decided(null);
  const missed = due.flatMap(({ order }) => missedDeadline(tables.orders.get(order)!, context));
  if (missed.length > 0 || isQuiet(tables, context.nowNs)) return decided(null, missed);
  const found = due.flatMap(({ order }) => dueParts(tables, context, order));
  const { events, calls, first } = startTransfers(tables, context, ...found.map(({ wanted }) => wanted));
  const started = found.map(({ order, part }, i): MachineEvent => {
    return { kind: 'SettlementStarted', order, part, transfer: first + i };
  });
  return decided(null, [...events, ...started], calls);
}

function missedDeadline(order: Order, { nowNs }: Context): MachineEvent[] {
  if (!isRunning(order) || nowNs < order.held!.deadlineNs) return [];
  const { order: number, hold } = order.terms;
  return [{ kind: 'OrderUnused', order: number, reason: { kind: 'deadline' }, evidence: null, refundTotal: hold }];
}

function dueParts(tables: MachineTables, context: Context, number: number): DuePart[] {
  const order = tables.orders.get(number)!;
  return parts.flatMap((part) => {
    const state = order[part];
    if (state === null || state.transfer !== null || state.paid !== null || state.nextNs > context.nowNs) return [];
    return [{ order: number, part, wanted: partWanted(tables, context, order, part, state) }];
  });
}

function partWanted(
  tables: MachineTables,
  { self }: Context,
  order: Order,
  kind: SettlementPart,
  { total }: Part,
): TransferWanted {
  const { ledger, customer, order: number } = order.terms;
  const to = kind === 'capture' ? purseToAccount(self, 'main') : accountOf(customer.owner, customer.subaccount);
  const fee = feeOffered(knownLedger(tables, ledger), total);
  return { ledger, purse: 'escrow', to, amount: total - fee, fee, cause: { kind, order: number } };
}

/**
 * The fee as it is now, which need not be what it was when the order was made. When the part cannot pay it, what it can pay is
 * offered: the ledger refuses, telling its fee of then, and the part waits; once the fee is back, the offer is taken.
 */
export function feeOffered(ledger: Ledger, total: bigint): bigint {
  const configured = configuredFeeOf(ledger);
  if (ledger.fee < total) return ledger.fee;
  return configured < total ? configured : total - 1n;
}

/** The capture and the refund end one by one; with the last the order is settled. */
function settledEvent(tables: MachineTables, order: number, part: SettlementPart): MachineEvent[] {
  const other = tables.orders.get(order)![part === 'capture' ? 'refund' : 'capture'];
  return other === null || other.paid !== null ? [{ kind: 'OrderSettled', order }] : [];
}

export function afterSettlement(
  tables: MachineTables,
  { nowNs }: Context,
  { ledger, amount }: TransferOrder,
  { kind: part, order }: { readonly kind: SettlementPart; readonly order: number },
  told: TransferEnd,
): Consequences {
  if (told.kind === 'refused') {
    const isWaiting = tables.orders.get(order)![part]!.total <= knownLedger(tables, ledger).fee;
    const untilNs = nowNs + (isWaiting ? useLimits.settleWaitNs : useLimits.settlePauseNs);
    return { events: [{ kind: 'SettlementPutOff', order, part, untilNs }], calls: [] };
  }
  const paid: MachineEvent = { kind: 'SettlementPaid', order, part, amount, block: told.block };
  const revenue = part === 'capture' ? earmarkRevenue(tables, ledger, amount) : { events: [], calls: [] };
  return joined({ events: [paid, ...settledEvent(tables, order, part)], calls: [] }, revenue);
}

export function nextOrderNs(tables: MachineTables): bigint | null {
  const times = tables.openOrders.get().flatMap(({ nextNs }) => nextNs ?? []);
  return times.length === 0 ? null : times.reduce((least, nextNs) => (nextNs < least ? nextNs : least));
}
