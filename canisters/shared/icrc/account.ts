// Accounts as a caller wrote them: whether the default subaccount was left out or given as zeros is the same account, but not the
// same transaction. Bytes, because they go into hashes and blocks as they are.

import { bytesToHexQuickly, parseHexQuickly } from '@tamc/base/utf8';
import { type Account, accountOf, subaccountBytes } from '@tamc/protocol/account';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { sha256 } from './sha256.ts';
import type { Value } from './value.ts';

export interface GivenAccount {
  readonly owner: Uint8Array;
  /** 32 bytes, or null where none was given. */
  readonly subaccount: Uint8Array | null;
}

export function isDefault({ subaccount }: GivenAccount): boolean {
  return subaccount === null || (subaccount[31] === 0 && subaccount.every((byte) => byte === 0));
}

/** One key per account: length of the owner, owner, and the subaccount unless it is the default. It does not say where it ends. */
export function accountKeyBytes(account: GivenAccount): Uint8Array {
  const { owner, subaccount } = account;
  const key = new Uint8Array(1 + owner.length + (isDefault(account) ? 0 : subaccountBytes));
  key[0] = owner.length;
  key.set(owner, 1);
  if (key.length > 1 + owner.length) key.set(subaccount!, 1 + owner.length);
  return key;
}

export function isSameAccount(a: GivenAccount, b: GivenAccount): boolean {
  return keyText(accountKeyBytes(a)) === keyText(accountKeyBytes(b));
}

/** One character for each byte: keys of maps. */
export function keyText(key: Uint8Array): string {
  return String.fromCharCode.apply(null, key as unknown as number[]);
}

export function accountToValue({ owner, subaccount }: GivenAccount): Value {
  const first: Value = { kind: 'Blob', bytes: owner };
  return { kind: 'Array', items: subaccount === null ? [first] : [first, { kind: 'Blob', bytes: subaccount }] };
}

export function hashAccount({ owner, subaccount }: GivenAccount): Uint8Array {
  return subaccount === null ? sha256(sha256(owner)) : sha256(sha256(owner), sha256(subaccount));
}

export function givenToAccount({ owner, subaccount }: GivenAccount): Account {
  const hex = bytesToHexQuickly(owner) as PrincipalHex;
  return accountOf(hex, subaccount === null ? null : bytesToHexQuickly(subaccount));
}

export function accountToGiven({ owner, subaccount }: Account): GivenAccount {
  return { owner: parseHexQuickly(owner)!, subaccount: subaccount === null ? null : parseHexQuickly(subaccount) };
}

/** The account of `accountKeyBytes`, default subaccount left out. */
export function keyToGiven(key: Uint8Array): GivenAccount {
  const end = 1 + key[0]!;
  return { owner: key.slice(1, end), subaccount: key.length > end ? key.slice(end) : null };
}
