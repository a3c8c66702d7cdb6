// What a machine computes with: a reserve of money that is filled before anything else, and the cycles that it buys from it.
// Dry, it freezes; it says so beforehand.
import { IDL } from '@dfinity/candid';
import { added, count, flag, nat, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { principal, timeNs } from './principal-codec.ts';
import { defineRefusals } from './refusal.ts';

export const computeLimits = {
  /** A quadrillion cycles is a lifetime; numbers above are a mistake of units. */
  cyclesMax: 1_000_000_000_000_000n,
  amountMax: 2n ** 96n,
  /** Purchases that stay readable: years of them. */
  topUpsKept: 500,
  /** The reserve is filled when this many fees have come together: below it fees would eat it. */
  fillFees: 4n,
  /** Between two purchases when one failed, and two questions to a seller that delivers slowly. */
  pauseNs: 600_000_000_000n,
  /** After a purchase whose seller keeps the money: none, until the operator sets the terms again. */
  neverNs: 2n ** 64n - 1n,
  /** A seller is asked more often at first: most deliver within seconds. */
  firstPauseNs: 15_000_000_000n,
  firstPausesNs: 300_000_000_000n,
} as const;

/** Where cycles come from. On a Cloud Engine none are needed. */
export const computeSource = variant({
  none: record({}),
  simulatedDesk: record({ desk: principal, ledger: principal }),
  mintingCanister: record({ cmc: principal, ledger: principal }),
});
export type ComputeSource = ValueOf<typeof computeSource>;

export const computeTerms = record({
  /** The reserve wants to hold this much, in minor units of its ledger. */
  target: nat,
  /** Below this many cycles the machine buys, and says so. */
  lowCycles: nat,
  /** Below this many it is frozen. */
  floorCycles: nat,
  /** Spent at each purchase, fee not included. */
  topUpAmount: nat,
});
export type ComputeTerms = ValueOf<typeof computeTerms>;

/**
 * A machine that buys cycles begins with terms that work, in whole units of its ledger: a dollar, or what is worth some of them, buys
 * weeks, and two lie ready. Its operator sets others.
 */
export function computeTermsOfBirth(decimals: number): ComputeTerms {
  const unit = 10n ** BigInt(decimals);
  return { ...computeDefaults, target: 2n * unit, topUpAmount: unit };
}

/** A day of an ordinary machine takes a few hundred billion cycles: warn with weeks left, freeze with days left. */
export const computeDefaults: ComputeTerms = {
  target: 0n,
  lowCycles: 2_000_000_000_000n,
  floorCycles: 500_000_000_000n,
  topUpAmount: 0n,
};

export const computeEvents = {
  ComputeSourceSet: record({ source: computeSource }),
  ComputeTermsSet: record({ terms: computeTerms }),
  /** Beforehand: fewer cycles than wanted. `reserve` is what can still buy some. */
  ComputeLow: record({ cycles: nat, reserve: nat }),
  ComputeFrozen: record({ cycles: nat, reserve: nat }),
  ComputeRecovered: record({ cycles: nat }),
  /** From captured revenue: set aside at once, moved when it is worth a fee. */
  ReserveEarmarked: record({ amount: nat }),
  TopUpStarted: record({ topUp: count, transfer: count, amount: nat }),
  TopUpPaid: record({ topUp: count, block: nat }),
  TopUpDelivered: record({ topUp: count, cycles: nat }),
  /** Paid, and the seller has not delivered yet: asked again. */
  TopUpPutOff: record({ topUp: count, untilNs: timeNs }),
  TopUpAskedAgain: record({ topUp: count }),
  /** The seller will not deliver for this payment; its message says why. `isMoneyKept`: it was paid and sends nothing back. */
  TopUpFailed: record({ topUp: count, code: text, message: text, isMoneyKept: added(flag, false) }),
};

const computeEvent = variant(computeEvents);
export type ComputeEvent = ValueOf<typeof computeEvent>;

export const computeRefusals = defineRefusals({
  TermsInvalid: {
    kind: 'input',
    message: '{field} must be {wanted}',
    nextStep: 'correct {field} and set the terms again',
  },
  NoComputeNeeded: {
    kind: 'state',
    message: 'this machine buys no cycles',
    nextStep: 'nothing is to be done: the network it runs on needs none',
  },
  CyclesEnough: {
    kind: 'state',
    message: '{cycles} cycles are more than the {low} below which the machine buys',
    nextStep: 'nothing is to be done, or raise low_cycles with set_compute',
  },
  TopUpUnderWay: {
    kind: 'state',
    message: 'purchase {topUp} is under way',
    nextStep: 'wait for its outcome; top_ups() shows it',
  },
  PurchasesEnded: {
    kind: 'approval',
    message: 'the seller has kept the money of the last purchase and delivered nothing, so the machine buys no more',
    nextStep: 'look at top_ups(); when the reason is mended the operator {operator} calls set_compute',
  },
  NothingWanted: {
    kind: 'state',
    message: 'the operator has set that a purchase spends nothing',
    nextStep: 'the operator {operator} sets top_up_amount with set_compute',
  },
  ReserveHeld: {
    kind: 'state',
    message:
      'the seller of cycles stays: the reserve holds {held} on the ledger {ledger}, on which the registry buys no cycles now',
    nextStep: 'let the machine buy cycles with it first, then take the terms over again',
  },
  ReserveShort: {
    kind: 'funds',
    message: 'the compute reserve has {available} and a purchase needs {needed}',
    nextStep: 'send money to the compute account of the machine and announce its block, or send cycles to the canister',
  },
});

export const ComputeArgsType = IDL.Record({
  target: IDL.Nat,
  low_cycles: IDL.Nat,
  floor_cycles: IDL.Nat,
  top_up_amount: IDL.Nat,
});

export const TopUpStatusType = IDL.Variant({
  paying: IDL.Null,
  ordering: IDL.Null,
  delivered: IDL.Record({ cycles: IDL.Nat }),
  failed: IDL.Record({ code: IDL.Text, message: IDL.Text }),
});

export const TopUpType = IDL.Record({
  top_up: IDL.Nat32,
  transfer: IDL.Nat32,
  amount: IDL.Nat,
  at_ns: IDL.Nat64,
  block: IDL.Opt(IDL.Nat),
  status: TopUpStatusType,
});

/** With the ledger on which it is paid. */
export const ComputeSourceOfMachineType = IDL.Variant({
  none: IDL.Null,
  simulated_desk: IDL.Record({ desk: IDL.Principal, ledger: IDL.Principal }),
  minting_canister: IDL.Record({ cmc: IDL.Principal, ledger: IDL.Principal }),
});

export const ComputeType = IDL.Record({
  source: ComputeSourceOfMachineType,
  terms: ComputeArgsType,
  cycles: IDL.Nat,
  is_low: IDL.Bool,
  is_frozen: IDL.Bool,
  reserve_booked: IDL.Nat,
  reserve_available: IDL.Nat,
  /** Earmarked from revenue and not moved into the reserve yet. */
  earmarked: IDL.Nat,
  open_top_up: IDL.Opt(TopUpType),
});
