import { accountOf } from '@tamc/protocol/account';
import { accountToText } from '@tamc/protocol/account-text';
import { parsePrincipal } from '@tamc/protocol/principal';
import { describe, expect, it } from 'vitest';
import { parseAccountText } from './accounts.ts';

/** The worked example of ICRC-1's textual encoding. */
const owner = 'k2t6j-2nvnp-4zjm3-25dtz-6xhaa-c7boj-5gayf-oj3xs-i43lp-teztq-6ae';
const withSubaccount = `${owner}-dfxgiyy.102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20`;

describe('an account as text', () => {
  it('is an owner, or an owner with a subaccount and its checksum', () => {
    const subaccount = Array.from({ length: 32 }, (_, i) => (i + 1).toString(16).padStart(2, '0')).join('');
    expect(parseAccountText(owner)).toEqual({ ok: true, value: accountOf(parsePrincipal(owner)!) });
    expect(parseAccountText(` ${withSubaccount} `)).toEqual({
      ok: true,
      value: accountOf(parsePrincipal(owner)!, subaccount),
    });
  });

  it('is read back as it was written', () => {
    for (const subaccount of ['01'.padStart(64, '0'), 'ff'.repeat(32), '10'.padEnd(64, '0')]) {
      const account = accountOf(parsePrincipal(owner)!, subaccount);
      expect(parseAccountText(accountToText(account))).toEqual({ ok: true, value: account });
    }
  });

  it('is refused when a digit is changed, missing or written another way', () => {
    const wrong = [
      '',
      'somebody',
      owner.toUpperCase(),
      owner.replace('k2t6j', 'k2t6k'),
      withSubaccount.replace('dfxgiyy', 'dfxgiyz'),
      withSubaccount.replace('.1', '.2'),
      withSubaccount.replace('.1', '.01'),
      `${owner}-aaaaaaa.0`,
      `${owner}.1`,
    ];
    for (const text of wrong) expect(parseAccountText(text), text).toMatchObject({ error: { code: 'AccountInvalid' } });
  });
});
