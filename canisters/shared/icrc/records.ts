// The records of a token between bytes and values. Positions are counted from one, so that zero says there is none.
import { concatBytes } from '@tamc/base/bytes';
import { accountKeyBytes, type GivenAccount, hashAccount, isDefault } from './account.ts';
import type { TokenTables } from './tables.ts';

/** Mutable: a transaction changes its own copy and writes it at its end. */
export interface AccountRecord {
  readonly key: Uint8Array;
  /** Of the account in blocks, the default subaccount left out. */
  readonly hash: Uint8Array;
  balance: bigint;
  /** Oldest and newest block that moved money of this account. */
  first: number | null;
  last: number | null;
}

export interface Summary {
  readonly tipHash: Uint8Array;
  readonly supply: bigint;
  /** How many there are, so the index of the next. */
  readonly blocks: number;
  /** Blocks before this one are no longer remembered for deduplication. */
  readonly purged: number;
  /** Transactions remembered now. */
  readonly remembered: number;
}

const half = 64n;

function setAmount(view: DataView, at: number, amount: bigint): void {
  view.setBigUint64(at, amount >> half);
  view.setBigUint64(at + 8, amount);
}

function getAmount(view: DataView, at: number): bigint {
  const high = view.getBigUint64(at);
  const low = view.getBigUint64(at + 8);
  return high === 0n ? low : (high << half) | low;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

export function setNumber(view: DataView, at: number, number: number | null): void {
  const value = number === null ? 0 : number + 1;
  view.setUint32(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 4, value % 2 ** 32);
}

export function getNumber(view: DataView, at: number): number | null {
  const value = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
  return value === 0 ? null : value - 1;
}

const accountBytes = 64;

export function readAccount({ accounts }: TokenTables, account: GivenAccount): AccountRecord {
  const key = accountKeyBytes(account);
  const bytes = accounts.get(key);
  if (bytes === null) return { key, hash: hashInBlocks(account), balance: 0n, first: null, last: null };
  const view = viewOf(bytes);
  const [balance, first, last] = [getAmount(view, 32), getNumber(view, 48), getNumber(view, 56)];
  return { key, hash: bytes.subarray(0, 32), balance, first, last };
}

function hashInBlocks(account: GivenAccount): Uint8Array {
  return hashAccount(isDefault(account) ? { owner: account.owner, subaccount: null } : account);
}

export function writeAccount({ accounts }: TokenTables, record: AccountRecord): void {
  const bytes = new Uint8Array(accountBytes);
  bytes.set(record.hash);
  const view = viewOf(bytes);
  setAmount(view, 32, record.balance);
  setNumber(view, 48, record.first);
  setNumber(view, 56, record.last);
  accounts.set(record.key, bytes);
}

export function balanceOf({ accounts }: TokenTables, account: GivenAccount): bigint {
  const bytes = accounts.get(accountKeyBytes(account));
  return bytes === null ? 0n : getAmount(viewOf(bytes), 32);
}

const summaryBytes = 72;
const firstSummary: Summary = { tipHash: new Uint8Array(32), supply: 0n, blocks: 0, purged: 0, remembered: 0 };

export function readSummary({ summary }: TokenTables): Summary {
  const bytes = summary.get();
  if (bytes.length === 0) return firstSummary;
  const view = viewOf(bytes);
  return {
    tipHash: bytes.subarray(0, 32),
    supply: getAmount(view, 32),
    blocks: getNumber(view, 48) ?? 0,
    purged: getNumber(view, 56) ?? 0,
    remembered: getNumber(view, 64) ?? 0,
  };
}

export function writeSummary({ summary }: TokenTables, given: Summary): void {
  const bytes = new Uint8Array(summaryBytes);
  bytes.set(given.tipHash);
  const view = viewOf(bytes);
  setAmount(view, 32, given.supply);
  setNumber(view, 48, given.blocks);
  setNumber(view, 56, given.purged);
  setNumber(view, 64, given.remembered);
  summary.set(bytes);
}

export interface Allowance {
  readonly amount: bigint;
  readonly expiresAtNs: bigint | null;
}
export const noAllowance: Allowance = { amount: 0n, expiresAtNs: null };

/** Above every length of a principal, with which the keys of accounts begin. */
const withoutSubaccount = 32;

/**
 * Begins with what says where the first account ends: the key of an account alone does not, and whoever chooses a subaccount could
 * spell another account with it.
 */
export function allowanceKey(from: GivenAccount, spender: GivenAccount): Uint8Array {
  const form = withoutSubaccount + (isDefault(from) ? 0 : 1);
  return concatBytes(Uint8Array.of(form), accountKeyBytes(from), accountKeyBytes(spender));
}

/** What the spender may still take at this time; nothing when it has expired. */
export function readAllowance(
  { allowances }: TokenTables,
  from: GivenAccount,
  spender: GivenAccount,
  nowNs: bigint,
): Allowance {
  const bytes = allowances.get(allowanceKey(from, spender));
  if (bytes === null) return noAllowance;
  const view = viewOf(bytes);
  const expiresAtNs = bytes.length > 16 ? view.getBigUint64(16) : null;
  return expiresAtNs !== null && expiresAtNs <= nowNs ? noAllowance : { amount: getAmount(view, 0), expiresAtNs };
}

export function writeAllowance(
  { allowances }: TokenTables,
  from: GivenAccount,
  spender: GivenAccount,
  { amount, expiresAtNs }: Allowance,
): void {
  const key = allowanceKey(from, spender);
  if (amount === 0n) {
    allowances.delete(key);
    return;
  }
  const bytes = new Uint8Array(expiresAtNs === null ? 16 : 24);
  const view = viewOf(bytes);
  setAmount(view, 0, amount);
  if (expiresAtNs !== null) view.setBigUint64(16, expiresAtNs);
  allowances.set(key, bytes);
}

export function readSeen({ seen }: TokenTables, identity: Uint8Array): number | null {
  const bytes = seen.get(identity);
  return bytes === null ? null : getNumber(viewOf(bytes), 0);
}

export function writeSeen({ seen }: TokenTables, identity: Uint8Array, block: number): void {
  const bytes = new Uint8Array(8);
  setNumber(viewOf(bytes), 0, block);
  seen.set(identity, bytes);
}
