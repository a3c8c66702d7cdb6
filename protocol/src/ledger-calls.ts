// The arguments of the ledger methods that canisters of ours call, as the standards ICRC-1, ICRC-2 and ICRC-3 give them.
import { IDL } from '@dfinity/candid';
import { AccountType } from './account.ts';

const shared = {
  to: AccountType,
  amount: IDL.Nat,
  fee: IDL.Opt(IDL.Nat),
  memo: IDL.Opt(IDL.Vec(IDL.Nat8)),
  created_at_time: IDL.Opt(IDL.Nat64),
};

export const TransferArgsType = IDL.Record({ from_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)), ...shared });

export const TransferFromArgsType = IDL.Record({
  spender_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)),
  from: AccountType,
  ...shared,
});

export const GetBlocksArgsType = IDL.Vec(IDL.Record({ start: IDL.Nat, length: IDL.Nat }));
