import { describe, expect, it } from 'vitest';
import { accountOf } from './account.ts';
import { accountToText } from './account-text.ts';
import { parsePrincipal } from './principal.ts';

describe('the text of an account', () => {
  const owner = parsePrincipal('k2t6j-2nvnp-4zjm3-25dtz-6xhaa-c7boj-5gayf-oj3xs-i43lp-teztq-6ae')!;

  it('is the owner for the default subaccount', () => {
    expect(accountToText(accountOf(owner))).toBe('k2t6j-2nvnp-4zjm3-25dtz-6xhaa-c7boj-5gayf-oj3xs-i43lp-teztq-6ae');
  });

  it('has a checksum and the digits of any other (the examples of the standard)', () => {
    const full = Array.from({ length: 32 }, (_, i) => (i + 1).toString(16).padStart(2, '0')).join('');
    expect(accountToText(accountOf(owner, full))).toBe(
      'k2t6j-2nvnp-4zjm3-25dtz-6xhaa-c7boj-5gayf-oj3xs-i43lp-teztq-6ae-dfxgiyy.102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
    );
    expect(accountToText(accountOf(owner, '01'.padStart(64, '0')))).toBe(
      'k2t6j-2nvnp-4zjm3-25dtz-6xhaa-c7boj-5gayf-oj3xs-i43lp-teztq-6ae-6cc627i.1',
    );
  });
});
