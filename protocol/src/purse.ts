// The accounts of a machine on a ledger. Three purses, so that customers' money and the money for compute never mix with the
// machine's own: what lies in one is moved only by a booked transfer.

import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import { choice, optional, record, textAs, type ValueOf } from '@tamc/base/codec';
import { type Account, accountOf, subaccountBytes } from './account.ts';
import type { PrincipalHex } from './principal.ts';
import { principal } from './principal-codec.ts';

/** `main`: the machine's own. `escrow`: held for open orders. `compute`: the reserve that buys cycles. */
export const purses = ['main', 'escrow', 'compute'] as const;
export const purse = choice(...purses);
export type Purse = ValueOf<typeof purse>;

/** The word itself, padded with zeros: readable in any explorer. */
const subaccountOf = (word: string) => bytesToHex(textToBytes(word)).padEnd(2 * subaccountBytes, '0');

const subaccounts: Readonly<Record<Purse, string | null>> = {
  main: null,
  escrow: subaccountOf('escrow'),
  compute: subaccountOf('compute'),
};

export function purseToAccount(machine: PrincipalHex, name: Purse): Account {
  return accountOf(machine, subaccounts[name]);
}

/** Null when the account is another's, or a subaccount that the machine does not use. */
export function accountToPurse(machine: PrincipalHex, account: Account): Purse | null {
  if (account.owner !== machine) return null;
  return purses.find((name) => subaccounts[name] === account.subaccount) ?? null;
}

export const account = record({ owner: principal, subaccount: optional(textAs<string>()) });
