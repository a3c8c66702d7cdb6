// What the events of paid use change. An open order's next time is its deadline, then the time of its next settlement.
import { type UseEvent, useLimits } from '@tamc/protocol/use';
import type { Envelope, MachineTables } from '../state.ts';
import { dropOldest } from '../wallet/kept.ts';
import type { Order, Part } from './tables.ts';
import { forgetAllowed, notePaid, noteUnpaid } from './unpaid.ts';

export function applyUse(tables: MachineTables, event: UseEvent, { timeNs }: Envelope): void {
  switch (event.kind) {
    case 'TariffSet':
      tables.tariffs.append(event.terms);
      dropOldest(tables.tariffs, useLimits.tariffsKept);
      tables.tariffNow.set(event.tariff);
      break;
    case 'TariffWithdrawn':
      tables.tariffNow.set(null);
      break;
    case 'OrderPlaced':
      forgetAllowed(tables, event.customer.owner);
      applyPlaced(tables, event, timeNs);
      break;
    case 'OrderHeld': {
      const { block, deadlineNs } = event;
      notePaid(tables, change(tables, event.order, { held: { block, deadlineNs } }).terms.customer.owner);
      break;
    }
    case 'OrderRefused': {
      const { code, message } = event;
      const order = change(tables, event.order, { refused: { code, message }, settledNs: timeNs });
      noteUnpaid(tables, order.terms.customer.owner, timeNs);
      break;
    }
    case 'OrderStarted':
      change(tables, event.order, { command: event.command });
      break;
    case 'OrderUsed': {
      const { used, evidence, captureTotal, refundTotal } = event;
      const ended = { kind: 'used', used, evidence } as const;
      change(tables, event.order, {
        ended,
        capture: newPart(captureTotal, timeNs),
        refund: newPart(refundTotal, timeNs),
      });
      break;
    }
    case 'OrderUnused': {
      const { reason, evidence, refundTotal } = event;
      change(tables, event.order, {
        ended: { kind: 'unused', reason, evidence },
        refund: newPart(refundTotal, timeNs),
      });
      break;
    }
    case 'SettlementStarted':
      changePart(tables, event, { transfer: event.transfer });
      break;
    case 'SettlementPaid':
      changePart(tables, event, { paid: { amount: event.amount, block: event.block } });
      break;
    case 'SettlementPutOff':
      changePart(tables, event, { transfer: null, nextNs: event.untilNs });
      break;
    case 'SettlementDropped':
      changePart(tables, event, { paid: { amount: 0n, block: 0n } });
      break;
    case 'OrderSettled':
      change(tables, event.order, { settledNs: timeNs });
      break;
  }
}

function newPart(total: bigint, nextNs: bigint): Part | null {
  return total === 0n ? null : { total, transfer: null, paid: null, nextNs };
}

function applyPlaced(
  tables: MachineTables,
  { kind: _, ...terms }: Extract<UseEvent, { kind: 'OrderPlaced' }>,
  placedNs: bigint,
): void {
  const nothing = {
    refused: null,
    held: null,
    command: null,
    ended: null,
    capture: null,
    refund: null,
    settledNs: null,
  };
  const order = tables.orders.append({ terms, placedNs, ...nothing });
  tables.openOrders.set([...tables.openOrders.get(), { order, customer: terms.customer.owner, nextNs: null }]);
  dropOldest(tables.orders, useLimits.ordersKept, ({ settledNs }) => settledNs !== null);
}

function changePart(
  tables: MachineTables,
  { order, part }: { order: number; part: 'capture' | 'refund' },
  fields: Partial<Part>,
): void {
  change(tables, order, { [part]: { ...tables.orders.get(order)![part]!, ...fields } });
}

/** Also keeps what is looked at before every message. */
function change(tables: MachineTables, number: number, fields: Partial<Order>): Order {
  const order = { ...tables.orders.get(number)!, ...fields };
  tables.orders.set(number, order);
  const others = tables.openOrders.get().filter((open) => open.order !== number);
  const isSettled = order.settledNs !== null;
  const entry = { order: number, customer: order.terms.customer.owner, nextNs: nextNs(order) };
  tables.openOrders.set(isSettled ? others : [...others, entry]);
  return order;
}

function nextNs({ held, ended, capture, refund }: Order): bigint | null {
  if (ended === null) return held?.deadlineNs ?? null;
  const times = [capture, refund].flatMap((part) => {
    return part === null || part.paid !== null || part.transfer !== null ? [] : [part.nextNs];
  });
  return times.length === 0 ? null : times.reduce((least, time) => (time < least ? time : least));
}
