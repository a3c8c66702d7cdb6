// What the device did decides what becomes of the money: captured as far as used, the rest refunded; nothing used, all refunded.
// Only the decision is made here; `settlement.ts` moves the money, in messages of its own.
import type { EndedCommand } from '@tamc/protocol/commands';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { RefundReason } from '@tamc/protocol/use';
import type { Context } from '@tamc/shared/rule';
import { type Consequences, nothing } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import type { MachineTables } from '../state.ts';
import { knownLedger } from '../wallet/books.ts';
import type { Order } from './tables.ts';

export function onCommandEnded(tables: MachineTables, _context: Context, ended: EndedCommand): Consequences {
  const [noun, digits] = (ended.cause ?? '').split('/');
  const number = Number(digits);
  const order = noun === 'order' ? tables.orders.get(number) : null;
  if (order === null || order.held === null || order.ended !== null || order.command !== ended.command) return nothing;
  return { events: [endEvent(tables, number, order, ended)], calls: [] };
}

function endEvent(tables: MachineTables, number: number, order: Order, ended: EndedCommand): MachineEvent {
  const { evidence } = ended;
  const { hold } = order.terms;
  const unused = (reason: RefundReason): MachineEvent => {
    return { kind: 'OrderUnused', order: number, reason, evidence, refundTotal: hold };
  };
  if (ended.outcome === 'failed') return unused({ kind: 'failed', reason: ended.reason ?? '' });
  // What was metered beyond the order is the machine's loss: the customer agreed to no more.
  const metered = ended.quantity ?? 0n;
  const used = metered < order.terms.quantity ? metered : order.terms.quantity;
  if (used === 0n) return unused({ kind: 'unused' });
  const { fee } = knownLedger(tables, order.terms.ledger);
  return { kind: 'OrderUsed', order: number, used, evidence, ...splitHold(hold, order.terms.price * used, fee) };
}

/**
 * Both parts include the fee of moving them, and together they are the hold: nothing stays in escrow. A rest that is not above
 * the fee of sending it back goes with the capture.
 */
export function splitHold(hold: bigint, charge: bigint, fee: bigint): { captureTotal: bigint; refundTotal: bigint } {
  const capture = charge + fee;
  const rest = hold - capture;
  return rest > fee ? { captureTotal: capture, refundTotal: rest } : { captureTotal: hold, refundTotal: 0n };
}

/** The customer of an order whose device was started and has not ended. */
export function isRunningCustomer(tables: MachineTables, who: PrincipalHex, _nowNs: bigint): boolean {
  return tables.openOrders
    .get()
    .some(({ order, customer }) => customer === who && isRunning(tables.orders.get(order)!));
}

export function countRunningOrders(tables: MachineTables): number {
  return tables.openOrders.get().filter(({ order }) => isRunning(tables.orders.get(order)!)).length;
}

export function isRunning({ held, ended }: Order): boolean {
  return held !== null && ended === null;
}
