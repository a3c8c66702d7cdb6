// ICRC-1 and ICRC-2 in Candid, with the names and types of the stock ledger, so that clients made for it fit.
import { IDL } from '@dfinity/candid';
import { AccountType, type CandidAccount } from './account.ts';

const Blob = IDL.Vec(IDL.Nat8);

export const TransferArgType = IDL.Record({
  from_subaccount: IDL.Opt(Blob),
  to: AccountType,
  amount: IDL.Nat,
  fee: IDL.Opt(IDL.Nat),
  memo: IDL.Opt(Blob),
  created_at_time: IDL.Opt(IDL.Nat64),
});

export const TransferFromArgType = IDL.Record({
  spender_subaccount: IDL.Opt(Blob),
  from: AccountType,
  to: AccountType,
  amount: IDL.Nat,
  fee: IDL.Opt(IDL.Nat),
  memo: IDL.Opt(Blob),
  created_at_time: IDL.Opt(IDL.Nat64),
});

export const ApproveArgType = IDL.Record({
  from_subaccount: IDL.Opt(Blob),
  spender: AccountType,
  amount: IDL.Nat,
  expected_allowance: IDL.Opt(IDL.Nat),
  expires_at: IDL.Opt(IDL.Nat64),
  fee: IDL.Opt(IDL.Nat),
  memo: IDL.Opt(Blob),
  created_at_time: IDL.Opt(IDL.Nat64),
});

type Bytes = Uint8Array | number[];

interface CandidAsked {
  readonly amount: bigint;
  readonly fee: [] | [bigint];
  readonly memo: [] | [Bytes];
  readonly created_at_time: [] | [bigint];
}

export interface CandidTransferArg extends CandidAsked {
  readonly from_subaccount: [] | [Bytes];
  readonly to: CandidAccount;
}

export interface CandidTransferFromArg extends CandidAsked {
  readonly spender_subaccount: [] | [Bytes];
  readonly from: CandidAccount;
  readonly to: CandidAccount;
}

export interface CandidApproveArg extends CandidAsked {
  readonly from_subaccount: [] | [Bytes];
  readonly spender: CandidAccount;
  readonly expected_allowance: [] | [bigint];
  readonly expires_at: [] | [bigint];
}

const commonErrors = {
  BadFee: IDL.Record({ expected_fee: IDL.Nat }),
  InsufficientFunds: IDL.Record({ balance: IDL.Nat }),
  TooOld: IDL.Null,
  CreatedInFuture: IDL.Record({ ledger_time: IDL.Nat64 }),
  TemporarilyUnavailable: IDL.Null,
  Duplicate: IDL.Record({ duplicate_of: IDL.Nat }),
  GenericError: IDL.Record({ error_code: IDL.Nat, message: IDL.Text }),
};
const badBurn = { BadBurn: IDL.Record({ min_burn_amount: IDL.Nat }) };

export const TransferErrorType = IDL.Variant({ ...commonErrors, ...badBurn });
export const TransferFromErrorType = IDL.Variant({
  ...commonErrors,
  ...badBurn,
  InsufficientAllowance: IDL.Record({ allowance: IDL.Nat }),
});
export const ApproveErrorType = IDL.Variant({
  ...commonErrors,
  AllowanceChanged: IDL.Record({ current_allowance: IDL.Nat }),
  Expired: IDL.Record({ ledger_time: IDL.Nat64 }),
});

export const TransferResultType = IDL.Variant({ Ok: IDL.Nat, Err: TransferErrorType });
export const TransferFromResultType = IDL.Variant({ Ok: IDL.Nat, Err: TransferFromErrorType });
export const ApproveResultType = IDL.Variant({ Ok: IDL.Nat, Err: ApproveErrorType });

/** How ICRC-1 and ICRC-2 refuse, in the form of their Candid. */
export type IcrcError =
  | { readonly BadFee: { readonly expected_fee: bigint } }
  | { readonly BadBurn: { readonly min_burn_amount: bigint } }
  | { readonly InsufficientFunds: { readonly balance: bigint } }
  | { readonly InsufficientAllowance: { readonly allowance: bigint } }
  | { readonly AllowanceChanged: { readonly current_allowance: bigint } }
  | { readonly Expired: { readonly ledger_time: bigint } }
  | { readonly TooOld: null }
  | { readonly CreatedInFuture: { readonly ledger_time: bigint } }
  | { readonly TemporarilyUnavailable: null }
  | { readonly Duplicate: { readonly duplicate_of: bigint } }
  | { readonly GenericError: { readonly error_code: bigint; readonly message: string } };

export const AllowanceArgsType = IDL.Record({ account: AccountType, spender: AccountType });
export const AllowanceType = IDL.Record({ allowance: IDL.Nat, expires_at: IDL.Opt(IDL.Nat64) });

export const MetadataValueType = IDL.Variant({ Nat: IDL.Nat, Int: IDL.Int, Text: IDL.Text, Blob });
export type CandidMetadataValue =
  | { readonly Nat: bigint }
  | { readonly Int: bigint }
  | { readonly Text: string }
  | { readonly Blob: Bytes };
export const MetadataType = IDL.Vec(IDL.Tuple(IDL.Text, MetadataValueType));

export const StandardType = IDL.Record({ name: IDL.Text, url: IDL.Text });
