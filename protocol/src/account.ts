// ICRC-1 accounts. Inside, no subaccount and the subaccount of 32 zero bytes are the same thing and written the same way.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { bytesToHex, concatBytes, parseHex } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { hexToPrincipal, type PrincipalHex, principalToHex } from './principal.ts';

export interface Account {
  readonly owner: PrincipalHex;
  /** 64 hexadecimal digits, or null for the default one. */
  readonly subaccount: string | null;
}

export const AccountType = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });

export interface CandidAccount {
  readonly owner: Principal;
  readonly subaccount: [] | [Uint8Array | number[]];
}

export const subaccountBytes = 32;
const defaultSubaccount = '00'.repeat(subaccountBytes);

/** Refuses a subaccount of the wrong length, with the length it has. */
export function parseAccount({ owner, subaccount: [given] }: CandidAccount): Result<Account, number> {
  if (given === undefined) return ok({ owner: principalToHex(owner), subaccount: null });
  if (given.length !== subaccountBytes) return refuse(given.length);
  return ok(accountOf(principalToHex(owner), bytesToHex(Uint8Array.from(given))));
}

export function accountOf(owner: PrincipalHex, subaccount: string | null = null): Account {
  return { owner, subaccount: subaccount === defaultSubaccount ? null : subaccount };
}

export function accountToCandid({ owner, subaccount }: Account): CandidAccount {
  return { owner: hexToPrincipal(owner), subaccount: subaccount === null ? [] : [parseHex(subaccount)!] };
}

export function isSameAccount(a: Account, b: Account): boolean {
  return a.owner === b.owner && a.subaccount === b.subaccount;
}

/** One key per account; accounts of one owner lie side by side. */
export function accountToKey({ owner, subaccount }: Account): Uint8Array {
  const bytes = parseHex(owner)!;
  return concatBytes(
    Uint8Array.of(bytes.length),
    bytes,
    subaccount === null ? new Uint8Array(0) : parseHex(subaccount)!,
  );
}
