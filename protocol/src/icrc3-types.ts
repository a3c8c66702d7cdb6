// ICRC-3 in Candid: blocks as values, ranges of them, archives, the certified tip. The account index speaks as the stock one.
import { IDL } from '@dfinity/candid';
import { AccountType } from './account.ts';

const Blob = IDL.Vec(IDL.Nat8);

export const ValueType = IDL.Rec();
ValueType.fill(
  IDL.Variant({
    Blob,
    Text: IDL.Text,
    Nat: IDL.Nat,
    Int: IDL.Int,
    Array: IDL.Vec(ValueType),
    Map: IDL.Vec(IDL.Tuple(IDL.Text, ValueType)),
  }),
);

export const GetBlocksArgsType = IDL.Vec(IDL.Record({ start: IDL.Nat, length: IDL.Nat }));
export const GetBlocksResultType = IDL.Rec();
GetBlocksResultType.fill(
  IDL.Record({
    log_length: IDL.Nat,
    blocks: IDL.Vec(IDL.Record({ id: IDL.Nat, block: ValueType })),
    archived_blocks: IDL.Vec(
      IDL.Record({
        args: GetBlocksArgsType,
        callback: IDL.Func([GetBlocksArgsType], [GetBlocksResultType], ['query']),
      }),
    ),
  }),
);

export const GetArchivesArgsType = IDL.Record({ from: IDL.Opt(IDL.Principal) });
export const GetArchivesResultType = IDL.Vec(IDL.Record({ canister_id: IDL.Principal, start: IDL.Nat, end: IDL.Nat }));
export const TipCertificateType = IDL.Record({ certificate: Blob, hash_tree: Blob });
export const BlockTypesType = IDL.Vec(IDL.Record({ block_type: IDL.Text, url: IDL.Text }));

export const AccountTransactionsArgsType = IDL.Record({
  account: AccountType,
  start: IDL.Opt(IDL.Nat),
  max_results: IDL.Nat,
});

const asked = { amount: IDL.Nat, memo: IDL.Opt(Blob), created_at_time: IDL.Opt(IDL.Nat64) };

export const IndexedTransactionType = IDL.Record({
  kind: IDL.Text,
  timestamp: IDL.Nat64,
  mint: IDL.Opt(IDL.Record({ to: AccountType, ...asked })),
  burn: IDL.Opt(IDL.Record({ from: AccountType, spender: IDL.Opt(AccountType), ...asked })),
  transfer: IDL.Opt(
    IDL.Record({
      from: AccountType,
      to: AccountType,
      spender: IDL.Opt(AccountType),
      fee: IDL.Opt(IDL.Nat),
      ...asked,
    }),
  ),
  approve: IDL.Opt(
    IDL.Record({
      from: AccountType,
      spender: AccountType,
      fee: IDL.Opt(IDL.Nat),
      expected_allowance: IDL.Opt(IDL.Nat),
      expires_at: IDL.Opt(IDL.Nat64),
      ...asked,
    }),
  ),
});

export const AccountTransactionsResultType = IDL.Variant({
  Ok: IDL.Record({
    balance: IDL.Nat,
    transactions: IDL.Vec(IDL.Record({ id: IDL.Nat, transaction: IndexedTransactionType })),
    oldest_tx_id: IDL.Opt(IDL.Nat),
  }),
  Err: IDL.Record({ message: IDL.Text }),
});

/** Our own question: the blocks of an account as they are in the chain, newest first. */
export const AccountHistoryArgsType = IDL.Record({
  account: AccountType,
  /** Only blocks before this one. */
  start: IDL.Opt(IDL.Nat),
  limit: IDL.Nat32,
});
export const AccountHistoryType = IDL.Record({
  blocks: IDL.Vec(IDL.Record({ id: IDL.Nat, block: ValueType })),
  /** Ask again with this as `start`; none when there is nothing older. */
  next: IDL.Opt(IDL.Nat),
});
