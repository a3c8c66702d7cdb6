// A token: what is fixed about it when it begins, its limits, and the refusals that the standards leave to the ledger.
import { IDL } from '@dfinity/candid';
import { bytes, count, int, list, nat, optional, record, text, tuple, type ValueOf, variant } from '@tamc/base/codec';
import { AccountType, type CandidAccount } from './account.ts';
import { type CandidMetadataValue, type IcrcError, MetadataType } from './icrc-types.ts';

const minuteNs = 60_000_000_000n;

export const tokenLimits = {
  /** Balances and the supply are kept in 16 bytes; no money needs more. A larger allowance counts as this one. */
  amountMax: 2n ** 128n - 1n,
  /** As the stock ledger: a day for a client to find out what became of its transaction. */
  windowNs: 24n * 60n * minuteNs,
  /** Clocks of clients and nodes differ by less. */
  driftNs: minuteNs,
  /** Longer windows would keep what is remembered about them for longer than anybody asks. */
  windowNsMax: 7n * 24n * 60n * minuteNs,
  driftNsMax: 10n * minuteNs,
  /** Transactions remembered for deduplication: some 100 MB of stable memory, eleven a second all day long. */
  windowTransactionsMax: 1_000_000,
  /** Forgotten with each transaction once their time is over: twice what comes in. */
  purgedPerTransaction: 2,
  /** The standard asks for 32; more is the ledger's choice up to what fits a length of one byte. */
  memoBytes: 32,
  memoBytesMax: 255,
  nameCharsMax: 64,
  symbolCharsMax: 16,
  /** More digits than 2^128 has make no sense. */
  decimalsMax: 38,
  metadataEntriesMax: 32,
  /** A logo as a data URL fits. */
  metadataBytesMax: 65_536,
  /** Each becomes a mint block at installation, of some 8 M instructions. */
  initialBalancesMax: 1_000,
  /** Blocks in one answer: some 400 bytes each, so that it stays below a quarter of what a reply may have. */
  blocksPerAnswerMax: 1_000,
  blocksBytesPerAnswerMax: 1 << 20,
  /** In an answer that the ledger pays for, to a canister: some 20 million cycles. Machines look at 50 at once. */
  blocksReplicatedMax: 100,
  /** Ranges in one question about blocks. */
  rangesMax: 100,
  /** Account history is read block by block and decoded. */
  historyPerAnswerMax: 100,
  /** Blocks passed over to reach a place in an account's history that is none of its blocks: each costs a reading. */
  historySkippedMax: 500,
  /** In an answer that the ledger pays for. */
  historySkippedReplicatedMax: 20,
} as const;

const account = record({ owner: bytes, subaccount: optional(bytes) });
const metadataValue = variant({
  Nat: record({ value: nat }),
  Int: record({ value: int }),
  Text: record({ value: text }),
  Blob: record({ value: bytes }),
});

export const tokenSettings = record({
  name: text,
  symbol: text,
  decimals: count,
  fee: nat,
  mintingAccount: account,
  /** Null: fees are burned. */
  feeCollector: optional(account),
  windowNs: nat,
  driftNs: nat,
  memoBytesMax: count,
  metadata: list(tuple(text, metadataValue)),
});
export type TokenSettings = ValueOf<typeof tokenSettings>;

export const LedgerInitType = IDL.Record({
  token_name: IDL.Text,
  token_symbol: IDL.Text,
  decimals: IDL.Opt(IDL.Nat8),
  transfer_fee: IDL.Nat,
  minting_account: AccountType,
  fee_collector_account: IDL.Opt(AccountType),
  initial_balances: IDL.Vec(IDL.Tuple(AccountType, IDL.Nat)),
  metadata: MetadataType,
  max_memo_length: IDL.Opt(IDL.Nat16),
  transaction_window_seconds: IDL.Opt(IDL.Nat64),
  permitted_drift_seconds: IDL.Opt(IDL.Nat64),
});

export interface CandidLedgerInit {
  readonly token_name: string;
  readonly token_symbol: string;
  readonly decimals: [] | [number];
  readonly transfer_fee: bigint;
  readonly minting_account: CandidAccount;
  readonly fee_collector_account: [] | [CandidAccount];
  readonly initial_balances: readonly (readonly [CandidAccount, bigint])[];
  readonly metadata: readonly (readonly [string, CandidMetadataValue])[];
  readonly max_memo_length: [] | [number];
  readonly transaction_window_seconds: [] | [bigint];
  readonly permitted_drift_seconds: [] | [bigint];
}

/** Every `GenericError` there is, by its stable code. */
export const genericErrors = {
  subaccountLength: { code: 1n, message: 'a subaccount has 32 bytes; pad it or leave it out' },
  memoTooLong: { code: 2n, message: 'the memo is longer than icrc1:max_memo_length of icrc1_metadata; shorten it' },
  mintingAccountToItself: { code: 3n, message: 'both accounts are the minting account; nothing would change' },
  selfApproval: { code: 4n, message: 'an account needs no allowance for its own owner; transfer directly' },
  mintingAccountApproves: { code: 5n, message: 'minting cannot be delegated; the minting account transfers itself' },
  supplyLimit: { code: 6n, message: 'the total supply would exceed 2^128 - 1; mint less' },
} as const;

export function genericError(name: keyof typeof genericErrors): IcrcError {
  const { code, message } = genericErrors[name];
  return { GenericError: { error_code: code, message } };
}
