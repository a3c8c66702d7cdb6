// A transaction on its way into a block: which operation it is, the accounts it touches, the `tx` part of its block with its hash
// (ICRC-3, canonical mapping: what the caller did not give does not appear), and the identity by which a repetition is known.
import { concatBytes } from '@tamc/base/bytes';
import type { TokenSettings } from '@tamc/protocol/ledger';
import {
  accountKeyBytes,
  accountToValue,
  type GivenAccount,
  hashAccount,
  isDefault,
  isSameAccount,
  keyText,
} from './account.ts';
import { type AccountRecord, readAccount } from './records.ts';
import type { TokenTables } from './tables.ts';
import type { Transaction } from './transaction.ts';
import { type Entry, fixedEntry, hashedEntry, hashMap, hashValue, type Value } from './value.ts';

export type Operation = 'xfer' | 'mint' | 'burn' | 'approve';

export interface Draft {
  readonly transaction: Transaction;
  readonly operation: Operation;
  /** Null for a mint; the same object as `to` where an account pays itself. */
  readonly from: AccountRecord | null;
  /** Null for a burn and an approval. */
  readonly to: AccountRecord | null;
  /** Who acts under an allowance; null where the account acts itself. */
  readonly spender: GivenAccount | null;
  readonly tx: Value;
  readonly txHash: Uint8Array;
  readonly identity: Uint8Array;
}

export function operationOf(settings: TokenSettings, transaction: Transaction): Operation {
  if (transaction.kind === 'approve') return 'approve';
  if (isMinting(settings, transaction.from)) return 'mint';
  return isMinting(settings, transaction.to) ? 'burn' : 'xfer';
}

export function isMinting({ mintingAccount }: TokenSettings, account: GivenAccount): boolean {
  const { owner } = mintingAccount;
  if (account.owner.length !== owner.length) return false;
  // Nearly always decided by the first byte.
  for (let i = 0; i < owner.length; i++) if (owner[i] !== account.owner[i]) return false;
  return isSameAccount(account, mintingAccount);
}

export function draftTransaction(tables: TokenTables, settings: TokenSettings, transaction: Transaction): Draft {
  const operation = operationOf(settings, transaction);
  const from = operation === 'mint' ? null : readAccount(tables, transaction.from);
  const to = operation === 'mint' || operation === 'xfer' ? readReceiver(tables, transaction, from) : null;
  const spender = spenderOf(tables, transaction, from);
  const parts = txParts(transaction, operation, { from, to, spender });
  const txHash = hashMap(parts.hashed);
  const identity = concatBytes(txHash, Uint8Array.of(formOf(transaction)));
  const tx: Value = { kind: 'Map', entries: parts.entries };
  return { transaction, operation, from, to, spender: spender?.account ?? null, tx, txHash, identity };
}

function readReceiver(tables: TokenTables, transaction: Transaction, from: AccountRecord | null): AccountRecord | null {
  if (transaction.kind === 'approve') return null;
  const to = readAccount(tables, transaction.to);
  return from !== null && keyText(from.key) === keyText(to.key) ? from : to;
}

interface Spender {
  readonly account: GivenAccount;
  readonly hash: Uint8Array;
}

/** An account that spends its own money needs no allowance, so its block must not claim one (ICRC-2, ICRC-3). */
function spenderOf(tables: TokenTables, transaction: Transaction, from: AccountRecord | null): Spender | null {
  const { spender: account } = transaction;
  if (account === null) return null;
  const record = readAccount(tables, account);
  if (
    transaction.kind === 'transfer' &&
    keyText(record.key) === keyText(from?.key ?? accountKeyBytes(transaction.from))
  ) {
    return null;
  }
  return { account, hash: hashAsGiven(account, record) };
}

/** The stored hash, unless the caller wrote the default subaccount as zeros. */
function hashAsGiven(account: GivenAccount, record: AccountRecord): Uint8Array {
  return account.subaccount !== null && isDefault(account) ? hashAccount(account) : record.hash;
}

const operationEntries: Readonly<Record<Operation, readonly [Entry, Uint8Array]>> = {
  xfer: operationEntry('xfer'),
  mint: operationEntry('mint'),
  burn: operationEntry('burn'),
  approve: operationEntry('approve'),
};

function operationEntry(text: Operation): readonly [Entry, Uint8Array] {
  const value: Value = { kind: 'Text', text };
  return [['op', value], fixedEntry('op', value)];
}

interface Parties {
  readonly from: AccountRecord | null;
  readonly to: AccountRecord | null;
  readonly spender: Spender | null;
}

function txParts(transaction: Transaction, operation: Operation, { from, to, spender }: Parties) {
  const entries: Entry[] = [];
  const hashed: Uint8Array[] = [];
  const add = (key: string, value: Value | null, hash?: Uint8Array) => {
    if (value === null) return;
    entries.push([key, value]);
    hashed.push(hashedEntry(key, hash ?? hashValue(value)));
  };
  const addAccount = (key: string, account: GivenAccount, record: AccountRecord | null) => {
    if (record !== null) add(key, accountToValue(account), hashAsGiven(account, record));
  };
  const { amount, fee, memo, createdAtNs } = transaction;
  add('amt', natValue(amount), amountHash(amount));
  if (transaction.kind === 'approve') {
    add('expected_allowance', natValue(transaction.expectedAllowance));
    add('expires_at', natValue(transaction.expiresAtNs));
  }
  if (operation === 'xfer' || operation === 'approve') add('fee', natValue(fee));
  addAccount('from', transaction.from, from);
  add('memo', memo === null ? null : { kind: 'Blob', bytes: memo });
  const [entry, hash] = operationEntries[operation];
  entries.push(entry);
  hashed.push(hash);
  if (spender !== null) add('spender', accountToValue(spender.account), spender.hash);
  if (transaction.kind === 'transfer') addAccount('to', transaction.to, to);
  add('ts', natValue(createdAtNs));
  return { entries, hashed };
}

function natValue(value: bigint | null): Value | null {
  return value === null ? null : { kind: 'Nat', value };
}

/** What a caller wrote and `tx` does not show: the method, and given things that mints and burns leave out. */
function formOf(transaction: Transaction): number {
  const { kind, fee, from, spender } = transaction;
  const method = kind === 'approve' ? 2 : spender === null ? 0 : 1;
  const given = [
    fee,
    from.subaccount,
    kind === 'transfer' ? transaction.to.subaccount : null,
    spender?.subaccount ?? null,
  ];
  return given.reduce((form, item, i) => (item === null ? form : form | (4 << i)), method);
}

const amountHashes = new Map<bigint, Uint8Array>();
/** Prices repeat: a machine's customers pay the same few amounts. Forgotten all at once when there are many. */
const amountHashesMax = 500;

function amountHash(amount: bigint): Uint8Array {
  let hash = amountHashes.get(amount);
  if (hash === undefined) {
    if (amountHashes.size >= amountHashesMax) amountHashes.clear();
    hash = hashValue({ kind: 'Nat', value: amount });
    amountHashes.set(amount, hash);
  }
  return hash;
}
