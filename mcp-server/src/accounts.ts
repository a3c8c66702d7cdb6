// Accounts as people and answers write them: an identity or machine, or the textual form of ICRC-1 with a subaccount.
import { ok, type Result, refuse } from '@tamc/base/result';
import { type Account, accountOf } from '@tamc/protocol/account';
import { accountToText } from '@tamc/protocol/account-text';
import { parsePrincipal } from '@tamc/protocol/principal';
import type { Problem } from './tool.ts';

/** An identity of 63 characters, a checksum, a subaccount of 64 digits, with room for spaces around it. */
export const accountCharsMax = 160;

export function parseAccountText(given: string): Result<Account, Problem> {
  const text = given.trim();
  const account = text.includes('.') ? withSubaccount(text) : ownerAlone(text);
  // Written again: whatever is not the one right way to write it, checksum included, is refused.
  if (account !== null && accountToText(account) === text) return ok(account);
  const message = `"${text.slice(0, 80)}" is no account`;
  return refuse({ code: 'AccountInvalid', message, nextStep: 'Copy it whole: its checksum is part of it.' });
}

function ownerAlone(text: string): Account | null {
  const owner = parsePrincipal(text);
  return owner === null ? null : accountOf(owner);
}

function withSubaccount(text: string): Account | null {
  const [, owner = '', digits = ''] = /^(.+)-[a-z2-7]{7}\.([0-9a-f]{1,64})$/.exec(text) ?? [];
  const parsed = parsePrincipal(owner);
  return parsed === null ? null : accountOf(parsed, digits.padStart(64, '0'));
}
