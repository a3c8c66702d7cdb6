// An order: the customer's money goes into escrow first, then the device is told to start. Whatever can be refused is refused
// before the ledger is asked.
import { ok, type Result, refuse } from '@tamc/base/result';
import { type CandidAccount, parseAccount } from '@tamc/protocol/account';
import { identityRefusals } from '@tamc/protocol/identity';
import { anonymous, hexToPrincipal, principalToText } from '@tamc/protocol/principal';
import { purseToAccount } from '@tamc/protocol/purse';
import type { Refusal } from '@tamc/protocol/refusal';
import { useRefusals as no, type OrderTerms, type RefundReason, type TariffTerms, useLimits } from '@tamc/protocol/use';
import type { Context } from '@tamc/shared/rule';
import { canStart, requestDeviceCommand } from '../commands/request.ts';
import { type Consequences, decided, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { operatorText } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { blockOfNew } from '../wallet/block.ts';
import { knownLedger } from '../wallet/books.ts';
import type { TransferEnd } from '../wallet/end.ts';
import { startTransfers } from '../wallet/transfers.ts';
import { isRunning } from './ended.ts';
import type { Order } from './tables.ts';
import { unpaidFault } from './unpaid.ts';

export interface OrderCommand {
  readonly commandId: string;
  readonly tariff: number;
  readonly quantity: bigint;
  readonly subaccount: CandidAccount['subaccount'];
}

/** Replies the subject: `order/5`. */
export function placeOrder(tables: MachineTables, context: Context, command: OrderCommand): MachineDecision<string> {
  const agreed = agreedTerms(tables, context, command);
  if (!agreed.ok) return agreed;
  const terms = agreed.value;
  const fault = placeFault(tables, context) ?? blockOfNew(tables, context) ?? canStart(tables, context, 'start');
  if (fault !== null) return refuse(fault);
  const { events, calls } = startTransfers(tables, context, {
    ledger: terms.ledger,
    purse: 'escrow',
    to: purseToAccount(context.self, 'escrow'),
    amount: terms.hold,
    cause: { kind: 'hold', order: terms.order, from: terms.customer },
  });
  return decided(`order/${terms.order}`, [{ kind: 'OrderPlaced', ...terms }, ...events], calls);
}

function agreedTerms(tables: MachineTables, context: Context, command: OrderCommand): Result<OrderTerms, Refusal> {
  const { caller, self } = context;
  if (caller === anonymous) return refuse(identityRefusals('AnonymousCaller'));
  if (caller === self) return refuse(no('CustomerIsSelf'));
  const customer = parseAccount({ owner: hexToPrincipal(caller), subaccount: command.subaccount });
  if (!customer.ok) return refuse(no('CustomerInvalid', { reason: `it has ${customer.error} bytes` }));
  const tariff = tables.tariffNow.get();
  if (tariff === null) return refuse(no('NoTariff', { operator: operatorText(tables) }));
  if (tariff !== command.tariff) return refuse(no('TariffChanged', { tariff }));
  const { ledger, unit, price, quantityMax, deadlineNs } = tariffOf(tables, tariff);
  const { quantity, commandId } = command;
  if (quantity < 1n || quantity > quantityMax) return refuse(no('QuantityInvalid', { max: quantityMax, unit }));
  const { fee } = knownLedger(tables, ledger);
  const hold = price * quantity + 2n * fee;
  const order = tables.orders.end();
  const agreed = { order, customer: customer.value, tariff, ledger, unit, price, quantity, lifeNs: deadlineNs };
  return ok({ ...agreed, hold, fee, commandId, transfer: tables.transfers.end() });
}

function tariffOf(tables: MachineTables, number: number): TariffTerms {
  return tables.tariffs.get(number)!;
}

function placeFault(tables: MachineTables, context: Context): Refusal | null {
  const { caller, nowNs } = context;
  const open = tables.openOrders.get().map(({ order, customer }) => ({ customer, ...tables.orders.get(order)! }));
  const { ledger, ordersAtOnce: max } = tariffOf(tables, tables.tariffNow.get()!);
  const busy = open.filter((order) => takesPlace(order, nowNs));
  if (busy.length >= max) return no('MachineBusy', { open: busy.length, max });
  const unsettledMax = useLimits.unsettledPerLedgerMax;
  const unsettled = open.filter(({ terms }) => terms.ledger === ledger).length;
  if (unsettled >= unsettledMax) return no('LedgerSlow', { max: unsettledMax, ledger: principalToText(ledger) });
  const own = busy.filter(({ customer }) => customer === caller).length;
  const ownMax = useLimits.openOrdersPerCustomerMax;
  return own >= ownMax ? no('OrdersOfCustomerFull', { max: ownMax }) : unpaidFault(tables, context);
}

/** Of those that a machine serves at once: not what waits for a ledger that is slow, neither to begin nor to be settled. */
function takesPlace(order: Order, nowNs: bigint): boolean {
  return isRunning(order) || (order.held === null && nowNs - order.placedNs <= useLimits.pullNs);
}

/** The money is in escrow, or the ledger refused it. */
export function afterPull(tables: MachineTables, context: Context, number: number, told: TransferEnd): Consequences {
  const order = tables.orders.get(number)!;
  if (told.kind === 'refused') {
    return { events: [{ kind: 'OrderRefused', order: number, code: told.code, message: told.message }], calls: [] };
  }
  const deadlineNs = context.nowNs + order.terms.lifeNs;
  const held: MachineEvent = { kind: 'OrderHeld', order: number, block: told.block, deadlineNs };
  return { events: [held, ...startEvents(tables, context, number, order, deadlineNs)], calls: [] };
}

function startEvents(
  tables: MachineTables,
  context: Context,
  number: number,
  { terms, placedNs }: Order,
  deadlineNs: bigint,
): readonly MachineEvent[] {
  const unused = (reason: RefundReason): MachineEvent[] => {
    return [{ kind: 'OrderUnused', order: number, reason, evidence: null, refundTotal: terms.hold }];
  };
  if (context.nowNs - placedNs > useLimits.pullNs) return unused({ kind: 'late' });
  const started = requestDeviceCommand(tables, context, {
    action: 'start',
    arguments: JSON.stringify({ order: number, quantity: String(terms.quantity), unit: terms.unit }),
    device: null,
    expiresNs: deadlineNs,
    cause: `order/${number}`,
  });
  if (!started.ok) {
    const { code, message } = started.error;
    return unused({ kind: 'notStarted', code, message });
  }
  const { events, command } = started.value;
  return [...events, { kind: 'OrderStarted', order: number, command }];
}
