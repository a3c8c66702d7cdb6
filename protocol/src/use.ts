// Paid use: a tariff, an order whose money is pulled and held before the device starts, and what became of the money when the
// device ended: captured as far as used, the rest refunded. In escrow lies exactly what open orders hold.
import { IDL } from '@dfinity/candid';
import { choice, count, nat, optional, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { AccountType } from './account.ts';
import { principal, timeNs } from './principal-codec.ts';
import { account } from './purse.ts';
import { defineRefusals } from './refusal.ts';
import { TransferStatusType } from './wallet-candid.ts';

const minuteNs = 60_000_000_000n;

export const useLimits = {
  /** At once: more than any one machine serves or has standing in line. */
  openOrdersMax: 16,
  /** With those of each ledger that wait for it: one that hangs keeps nobody from paying by another. */
  unsettledPerLedgerMax: 32,
  /** One customer cannot take all places of a machine that serves several at once. */
  openOrdersPerCustomerMax: 4,
  /** Orders within the hour that one caller cannot pay for: enough to learn what to approve. */
  unpaidPerCallerMax: 5,
  /** Callers that never paid are made for nothing, so they are counted together: each such order costs some 90 million cycles. */
  unpaidOfStrangersMax: 60,
  unpaidWindowNs: 60n * minuteNs,
  /** When strangers have used that up, one of them is tried this often: who can pay is not shut out by those who cannot. */
  unpaidPauseNs: minuteNs,
  /** Strangers who allowed the machine to pull, and may try once each: each paid the ledger's fee, which is worth more than a try. */
  allowedKept: 64,
  ordersKept: 2_000,
  tariffsKept: 100,
  quantityMax: 1_000_000n,
  priceMax: 2n ** 96n,
  deadlineNsMin: minuteNs,
  /** Money of a customer is not held longer than the longest job. */
  deadlineNsMax: 7n * 24n * 60n * minuteNs,
  /** A pull without an answer keeps its place this long; what arrives later is sent back. */
  pullNs: 10n * minuteNs,
  /** A settlement that the ledger refused is decided again after this. */
  settlePauseNs: 10n * minuteNs,
  /** One that cannot pay the fee of the ledger, after this: that may last, and each look costs a call. */
  settleWaitNs: 60n * minuteNs,
} as const;

export const units = ['use', 'minute', 'kWh', 'gram'] as const;
export const unit = choice(...units);
export type Unit = ValueOf<typeof unit>;

export const tariffTerms = record({
  ledger: principal,
  unit,
  price: nat,
  quantityMax: nat,
  deadlineNs: timeNs,
  /** How many customers this machine serves at the same time. */
  ordersAtOnce: count,
});
export type TariffTerms = ValueOf<typeof tariffTerms>;

/** Why an order ended without use. */
export const refundReason = variant({
  failed: record({ reason: text }),
  deadline: record({}),
  notStarted: record({ code: text, message: text }),
  late: record({}),
  unused: record({}),
});
export type RefundReason = ValueOf<typeof refundReason>;

export const orderTerms = record({
  order: count,
  customer: account,
  tariff: count,
  ledger: principal,
  unit,
  price: nat,
  quantity: nat,
  lifeNs: timeNs,
  /** Price of the whole quantity and the fees of capture and refund. */
  hold: nat,
  fee: nat,
  commandId: text,
  /** The transfer that pulls the money. */
  transfer: count,
});
export type OrderTerms = ValueOf<typeof orderTerms>;

/** `capture`: to the machine. `refund`: to the customer. */
export const settlementPart = choice('capture', 'refund');
export type SettlementPart = ValueOf<typeof settlementPart>;

export const useEvents = {
  TariffSet: record({ tariff: count, terms: tariffTerms }),
  TariffWithdrawn: record({ tariff: count }),
  OrderPlaced: orderTerms,
  /** The money is in escrow. */
  OrderHeld: record({ order: count, block: nat, deadlineNs: timeNs }),
  OrderRefused: record({ order: count, code: text, message: text }),
  OrderStarted: record({ order: count, command: count }),
  /** Parts of the hold, fees of moving them included; together they are all of it. */
  OrderUsed: record({ order: count, used: nat, evidence: optional(text), captureTotal: nat, refundTotal: nat }),
  OrderUnused: record({ order: count, reason: refundReason, evidence: optional(text), refundTotal: nat }),
  SettlementStarted: record({ order: count, part: settlementPart, transfer: count }),
  SettlementPaid: record({ order: count, part: settlementPart, amount: nat, block: nat }),
  /** The ledger refused the transfer; it is decided again. */
  SettlementPutOff: record({ order: count, part: settlementPart, untilNs: timeNs }),
  /** Of older machines, and decided no more: a fee above what was left ended the part. Now the part waits. */
  SettlementDropped: record({ order: count, part: settlementPart }),
  /** The money is where it belongs. */
  OrderSettled: record({ order: count }),
};

const useEvent = variant(useEvents);
export type UseEvent = ValueOf<typeof useEvent>;

export const useRefusals = defineRefusals({
  TariffInvalid: {
    kind: 'input',
    message: '{field} must be {wanted}',
    nextStep: 'correct {field} and set the tariff again',
  },
  NoTariff: {
    kind: 'state',
    message: 'this machine has no tariff and takes no orders',
    nextStep: 'look at tariff() later, or ask the operator {operator}',
  },
  TariffChanged: {
    kind: 'state',
    message: 'the tariff in force is number {tariff}',
    nextStep: 'read tariff() and order under that number, if the price is still right',
  },
  QuantityInvalid: {
    kind: 'input',
    message: 'the quantity must be 1 to {max} {unit}',
    nextStep: 'order less, or several times',
  },
  CustomerIsSelf: {
    kind: 'caller',
    message: 'a machine cannot be its own customer',
    nextStep: 'let another identity order and pay',
  },
  CustomerInvalid: {
    kind: 'input',
    message: 'the subaccount to pay from is malformed: {reason}',
    nextStep: 'correct the subaccount; it has 32 bytes',
  },
  MachineBusy: {
    kind: 'limit',
    message: '{open} orders are under way and this machine serves {max} at once',
    nextStep: 'try again when one has ended',
  },
  LedgerSlow: {
    kind: 'elsewhere',
    message: '{max} orders wait for the ledger {ledger}, which does not answer or refuses',
    nextStep: 'try again later, or wait for a tariff on another ledger',
  },
  OrdersOfCustomerFull: {
    kind: 'limit',
    message: 'the caller has {max} open orders',
    nextStep: 'wait until one has ended',
  },
  OrdersUnpaid: {
    kind: 'limit',
    message: '{max} orders of the caller could not be paid for within the hour',
    nextStep: 'approve the machine with icrc2_approve and have the money, then order again in {minutes} minutes',
  },
  OrdersOfStrangersUnpaid: {
    kind: 'limit',
    message: '{max} orders of callers who have never paid here could not be paid for within the hour',
    nextStep:
      'approve the machine anew with icrc2_approve, wait some minutes until it has seen that, and order again: who has paid once need not wait',
  },
  PullRefused: {
    kind: 'funds',
    message: 'the ledger refused to move {hold} into escrow: {code}, {reason}',
    nextStep:
      'approve the machine {machine} for {allowance} with icrc2_approve, have the money, and order under a new command_id',
  },
});

export const UnitType = IDL.Variant({ use: IDL.Null, minute: IDL.Null, kWh: IDL.Null, gram: IDL.Null });

const tariffFields = {
  ledger: IDL.Principal,
  unit: UnitType,
  price: IDL.Nat,
  quantity_max: IDL.Nat,
  deadline_ns: IDL.Nat64,
  orders_at_once: IDL.Nat32,
};
export const TariffArgsType = IDL.Record(tariffFields);
export const TariffType = IDL.Record({ tariff: IDL.Nat32, ...tariffFields, fee: IDL.Nat });

export const OrderArgsType = IDL.Record({
  command_id: IDL.Text,
  tariff: IDL.Nat32,
  quantity: IDL.Nat,
  /** The customer's own subaccount to pay from and refund to. */
  subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)),
});

export const OrderStatusType = IDL.Variant({
  /** The ledger is asked for the money. */
  pulling: IDL.Null,
  refused: IDL.Record({ code: IDL.Text, message: IDL.Text }),
  /** The money is held; the device has been told to start. */
  running: IDL.Null,
  /** Decided; the ledger is asked to move the money. */
  settling: IDL.Null,
  used: IDL.Null,
  refunded: IDL.Null,
});

/** Everything about an order: while it runs, and as its receipt afterwards. */
export const OrderType = IDL.Record({
  order: IDL.Nat32,
  customer: AccountType,
  ledger: IDL.Principal,
  tariff: IDL.Nat32,
  unit: UnitType,
  price: IDL.Nat,
  quantity: IDL.Nat,
  hold: IDL.Nat,
  fee: IDL.Nat,
  command_id: IDL.Text,
  placed_ns: IDL.Nat64,
  held_block: IDL.Opt(IDL.Nat),
  deadline_ns: IDL.Opt(IDL.Nat64),
  device_command: IDL.Opt(IDL.Nat32),
  used: IDL.Opt(IDL.Nat),
  evidence: IDL.Opt(IDL.Vec(IDL.Nat8)),
  captured: IDL.Nat,
  refunded: IDL.Nat,
  refund_reason: IDL.Opt(IDL.Text),
  capture: IDL.Opt(TransferStatusType),
  refund: IDL.Opt(TransferStatusType),
  status: OrderStatusType,
});
