import { describe, expect, it } from 'vitest';
import { createConfirmations, tokenLifeMs } from './confirm.ts';

const subject = { tool: 'pay', args: { to: 'a', amount: '5' }, caller: 'aa' };

function setUp() {
  let now = 1_000;
  const confirmations = createConfirmations(() => now);
  return { confirmations, pass: (ms: number) => (now += ms) };
}

describe('a confirm token', () => {
  it('works once, for the same tool, arguments and caller', () => {
    const { confirmations } = setUp();
    const { token } = confirmations.issue(subject);
    expect(confirmations.redeem(token, { ...subject, args: { amount: '5', to: 'a' } })).toMatchObject({ ok: true });
    expect(confirmations.redeem(token, subject)).toEqual({ ok: false, error: 'used' });
  });

  it('works for nothing else, and trying does not use it up', () => {
    const { confirmations } = setUp();
    const { token } = confirmations.issue(subject);
    const others = [
      { ...subject, tool: 'command' },
      { ...subject, caller: 'bb' },
      { ...subject, args: { to: 'a', amount: '50' } },
      { ...subject, args: { to: 'a', amount: '5', memo: 'x' } },
    ];
    for (const other of others) expect(confirmations.redeem(token, other)).toEqual({ ok: false, error: 'other' });
    expect(confirmations.redeem(token, subject).ok).toBe(true);
  });

  it('expires, and cannot be given more time', () => {
    const { confirmations, pass } = setUp();
    const { token, expiresMs } = confirmations.issue(subject);
    pass(tokenLifeMs);
    expect(confirmations.redeem(token, subject)).toEqual({ ok: false, error: 'expired' });
    const later = token.replace(String(expiresMs), String(expiresMs + 1_000_000));
    expect(confirmations.redeem(later, subject)).toEqual({ ok: false, error: 'other' });
  });

  it('is refused with any character put in, left out or exchanged', () => {
    const { confirmations } = setUp();
    const { token } = confirmations.issue(subject);
    for (let i = 0; i <= token.length; i++) {
      const [before, at, after] = [token.slice(0, i), token.slice(i, i + 1), token.slice(i + 1)];
      const chars = ['0', '1', 'a', 'A', '.', '+', ' ', '\n'];
      const altered = [before + after, ...chars.flatMap((char) => [before + char + at + after, before + char + after])];
      for (const text of altered.filter((one) => one !== token))
        expect(confirmations.redeem(text, subject).ok, text).toBe(false);
    }
    expect(confirmations.redeem(token, subject).ok).toBe(true);
  });

  it('of another process, or made up, is refused', () => {
    const { confirmations } = setUp();
    const { token } = createConfirmations(() => 1_000).issue(subject);
    expect(confirmations.redeem(token, subject)).toEqual({ ok: false, error: 'other' });
    for (const text of ['', 'yes', `${token}0`, token.toUpperCase(), 'a'.repeat(100_000)]) {
      expect(confirmations.redeem(text, subject)).toEqual({ ok: false, error: 'malformed' });
    }
  });
});
