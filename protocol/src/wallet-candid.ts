// The wallet's face in Candid.
import { IDL } from '@dfinity/candid';
import { AccountType } from './account.ts';
import { GrantType, MandateTermsType } from './mandate.ts';

export const PurseType = IDL.Variant({ main: IDL.Null, escrow: IDL.Null, compute: IDL.Null });

export const GrantArgsType = IDL.Record({ command_id: IDL.Text, delegate: IDL.Principal, terms: MandateTermsType });
export const RevokeArgsType = IDL.Record({ mandate: IDL.Nat32 });
export const MandateType = IDL.Record({
  mandate: IDL.Nat32,
  delegate: IDL.Principal,
  terms: MandateTermsType,
  is_live: IDL.Bool,
  /** Amounts and fees of the payments within the period that ends now. */
  spent: IDL.Nat,
  payments: IDL.Nat32,
});

export const PayArgsType = IDL.Record({
  command_id: IDL.Text,
  ledger: IDL.Principal,
  to: AccountType,
  amount: IDL.Nat,
  purpose: IDL.Text,
});

export const TransferStatusType = IDL.Variant({
  /** Sent, or waiting to be sent again; the money is set aside. */
  pending: IDL.Null,
  /** The ledger's answer was lost: its blocks are searched. The money is set aside. */
  searching: IDL.Null,
  paid: IDL.Record({ block: IDL.Nat }),
  refused: IDL.Record({ code: IDL.Text, message: IDL.Text }),
});

export const TransferCauseType = IDL.Variant({
  payment: IDL.Record({
    purpose: IDL.Text,
    by: IDL.Principal,
    command_id: IDL.Text,
    mandate: IDL.Opt(IDL.Nat32),
    request: IDL.Opt(IDL.Nat32),
  }),
  hold: IDL.Record({ order: IDL.Nat32, from: AccountType }),
  capture: IDL.Record({ order: IDL.Nat32 }),
  refund: IDL.Record({ order: IDL.Nat32 }),
  fill: IDL.Null,
  purchase: IDL.Record({ top_up: IDL.Nat32 }),
});

export const TransferType = IDL.Record({
  transfer: IDL.Nat32,
  ledger: IDL.Principal,
  from: PurseType,
  to: AccountType,
  amount: IDL.Nat,
  fee: IDL.Nat,
  memo: IDL.Vec(IDL.Nat8),
  created_ns: IDL.Nat64,
  cause: TransferCauseType,
  status: TransferStatusType,
});

export const RequestStatusType = IDL.Variant({
  open: IDL.Null,
  expired: IDL.Null,
  declined: IDL.Null,
  /** What came of it: a transfer, a mandate, or neither for a release. */
  approved: IDL.Record({ transfer: IDL.Opt(IDL.Nat32), mandate: IDL.Opt(IDL.Nat32) }),
});

/** What is asked for. */
export const RequestedActType = IDL.Variant({
  pay: IDL.Record({
    ledger: IDL.Principal,
    to: AccountType,
    amount: IDL.Nat,
    fee: IDL.Nat,
    purpose: IDL.Text,
    reasons: IDL.Vec(IDL.Text),
  }),
  grant_mandate: IDL.Record({
    delegate: IDL.Principal,
    terms: MandateTermsType,
    symbol: IDL.Text,
    decimals: IDL.Nat8,
  }),
  release_stop: IDL.Null,
});

export const RequestType = IDL.Record({
  request: IDL.Nat32,
  delegate: IDL.Principal,
  /** Under which it was asked; 0 for none. */
  mandate: IDL.Nat32,
  act: RequestedActType,
  reason: IDL.Text,
  created_ns: IDL.Nat64,
  expires_ns: IDL.Nat64,
  status: RequestStatusType,
  /** The canonical bytes; their SHA-256 is what is approved, their rendering is `text`. */
  payload: IDL.Vec(IDL.Nat8),
  payload_hash: IDL.Vec(IDL.Nat8),
  text: IDL.Text,
});

export const AskArgsType = IDL.Record({
  command_id: IDL.Text,
  act: IDL.Variant({ grant_mandate: GrantType, release_stop: IDL.Null }),
  reason: IDL.Text,
});
export const ApproveArgsType = IDL.Record({ request: IDL.Nat32, payload_hash: IDL.Vec(IDL.Nat8) });
export const DeclineArgsType = IDL.Record({ request: IDL.Nat32 });

/** `Waiting` is no refusal: the request stands until the operator decides it. */
export const PayReplyType = IDL.Variant({
  Paid: TransferType,
  Pending: TransferType,
  Waiting: RequestType,
  /** Of an approval alone. */
  Granted: MandateType,
  Released: IDL.Null,
});

export const DeclareArgsType = IDL.Record({ transfer: IDL.Nat32 });
export const AnnounceArgsType = IDL.Record({ ledger: IDL.Principal, block: IDL.Nat });

export const EntryCauseType = IDL.Variant({
  receipt: IDL.Record({ from: IDL.Opt(AccountType), memo: IDL.Vec(IDL.Nat8) }),
  sent: IDL.Record({ transfer: IDL.Nat32, to: AccountType, cause: TransferCauseType, fee: IDL.Nat }),
  moved: IDL.Record({ transfer: IDL.Nat32, from: PurseType, cause: TransferCauseType }),
  held: IDL.Record({ order: IDL.Nat32, from: AccountType }),
});

export const EntryType = IDL.Record({
  number: IDL.Nat32,
  at_ns: IDL.Nat64,
  ledger: IDL.Principal,
  purse: PurseType,
  change: IDL.Int,
  block: IDL.Nat,
  cause: EntryCauseType,
});

export const StatementType = IDL.Record({
  entries: IDL.Vec(EntryType),
  /** Older ones are no longer kept; their sum is in `carried` of the balances. */
  first: IDL.Nat32,
  next: IDL.Nat32,
});

export const AnnounceReplyType = IDL.Variant({ Booked: EntryType, Pending: IDL.Null });

export const BalanceType = IDL.Record({
  ledger: IDL.Principal,
  symbol: IDL.Text,
  decimals: IDL.Nat8,
  fee: IDL.Nat,
  purse: PurseType,
  account: AccountType,
  /** Receipts less payments and fees: the sum of the statement, with `carried` for entries no longer kept. */
  booked: IDL.Nat,
  carried: IDL.Nat,
  /** For transfers without an outcome. */
  reserved: IDL.Nat,
  available: IDL.Nat,
});
