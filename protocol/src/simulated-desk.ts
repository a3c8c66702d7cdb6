// The simulated cycles desk of the embedded network: it sells cycles that cost nobody anything, for money of a ledger, once per
// payment. On a real network the cycles minting canister takes its place.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { nat, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { principal } from './principal-codec.ts';
import { AnswerType, defineRefusals } from './refusal.ts';

export const deskLimits = {
  /** A sale above is a mistake of units; it also bounds what a wrong price can cost. */
  cyclesPerSaleMax: 100_000_000_000_000n,
  priceMax: 1_000_000_000_000n,
  /** Some 100 bytes each; an embedded network lives for weeks. */
  salesMax: 100_000,
  openSalesMax: 50,
  /** More than can be under way at once, so whoever asked finds his answer. */
  refusedKept: 100,
} as const;

export const DeskInitType = IDL.Record({
  ledger: IDL.Principal,
  /** Cycles for one minor unit of money. */
  cycles_per_unit: IDL.Nat,
});
export interface DeskInit {
  readonly ledger: Principal;
  readonly cycles_per_unit: bigint;
}

export const TopUpArgsType = IDL.Record({ block: IDL.Nat });
export const DeskSaleType = IDL.Record({ payer: IDL.Principal, amount: IDL.Nat, cycles: IDL.Nat });
export const DeskAnswerType = AnswerType(DeskSaleType);
export const DeskPriceType = IDL.Record({
  ledger: IDL.Principal,
  cycles_per_unit: IDL.Nat,
  /** Always true: nobody pays for these cycles outside of this network. */
  is_simulated: IDL.Bool,
});

export const deskEvent = variant({
  DeskOpened: record({ ledger: principal, cyclesPerUnit: nat }),
  SaleAsked: record({ block: nat }),
  SaleBegun: record({ block: nat, payer: principal, amount: nat, cycles: nat }),
  SaleDelivered: record({ block: nat }),
  /** The cycles came back: it may be asked again. */
  SaleFailed: record({ block: nat, message: text }),
  SaleRejected: record({ block: nat, code: text, message: text }),
  /** The reply was lost: nobody knows whether the cycles arrived, so they are not sent again. */
  SaleUnknown: record({ block: nat }),
});
export type DeskEvent = ValueOf<typeof deskEvent>;

export const deskRefusals = defineRefusals({
  BlockInvalid: {
    kind: 'input',
    message: 'a block is a number below 2^64',
    nextStep: 'give the block of the payment to the desk',
  },
  SaleUnderWay: {
    kind: 'elsewhere',
    message: 'the sale for block {block} is under way',
    nextStep: 'ask again in a few seconds',
  },
  LedgerSilent: {
    kind: 'elsewhere',
    message: 'the ledger did not show block {block}: {reason}',
    nextStep: 'ask again in a minute',
  },
  DeliveryFailed: {
    kind: 'elsewhere',
    message: 'the cycles for block {block} could not be delivered: {reason}',
    nextStep: 'ask again in a minute',
  },
  DeliveryUnknown: {
    kind: 'state',
    message: 'whether the cycles for block {block} arrived is not known',
    nextStep: 'look at the balance of the payer; the desk does not send them twice',
  },
  NoPayment: {
    kind: 'input',
    message: 'block {block} buys nothing: {reason}',
    nextStep: 'give the block of a transfer to the account of the desk',
  },
  DeskFull: {
    kind: 'limit',
    message: 'the desk has reached {max} sales',
    nextStep: 'start a new embedded network',
  },
});
