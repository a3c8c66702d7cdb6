import { describe, expect, it } from 'vitest';
import { parseWords } from './arguments.ts';
import { costOf, priceOf } from './hosts/prices.ts';

describe('the words of the command', () => {
  it('are a run, with what was left out filled in', () => {
    const run = { verb: 'run', suite: 'all', host: 'scripted', trials: 1, out: null, isResume: false, concurrency: 1 };
    expect(parseWords(['all', '--host', 'scripted'])).toEqual({
      ok: true,
      value: { ...run, baseUrl: null, isJson: false },
    });
    const words = ['wallet', '--host=m', '--trials', '4', '--out', 'x', '--resume', '--concurrency', '2', '--json'];
    expect(parseWords([...words, '--base-url', 'http://127.0.0.1:1'])).toMatchObject({
      value: {
        suite: 'wallet',
        host: 'm',
        trials: 4,
        out: 'x',
        isResume: true,
        concurrency: 2,
        isJson: true,
        baseUrl: 'http://127.0.0.1:1',
      },
    });
  });

  it('are a comparison, a page or help', () => {
    expect(parseWords(['compare', 'a', 'b'])).toMatchObject({ value: { verb: 'compare', a: 'a', b: 'b' } });
    expect(parseWords(['view', 'a', '--out', 'p'])).toMatchObject({ value: { verb: 'view', log: 'a', page: 'p' } });
    for (const words of [[], ['--help'], ['all', '-h']])
      expect(parseWords(words)).toEqual({ ok: true, value: { verb: 'help' } });
  });

  it.each([
    ['all', /Say who tries it/],
    ['all --host', /--host needs a value/],
    ['all wallet --host x', /One suite at a time/],
    ['all --host x --trials 0', /from 1 to 1000/],
    ['all --host x --trials 1e3', /from 1 to 1000/],
    ['all --host x --concurrency 99', /from 1 to 16/],
    ['all --host x --resume', /needs --out/],
    ['all --host x --base-url ftp://x', /begins with http/],
    ['all --hots x', /no option --hots/],
    ['compare a', /two logs/],
    ['view', /one log/],
  ])('are refused with a sentence: %s', (text, message) => {
    const parsed = parseWords(text.split(' '));
    expect(parsed.ok ? '' : parsed.error).toMatch(message);
  });
});

describe('the price of a model', () => {
  const tokens = { inputTokens: 90_000, outputTokens: 10_000, cacheReadTokens: 10_000, cacheWriteTokens: 0 };

  it('is that of its name, also with a date, or not known', () => {
    expect(priceOf('claude-sonnet-4-5-20250929')).toEqual(priceOf('claude-sonnet-4-5'));
    expect(priceOf('claude-sonnet-4')).toBeNull();
    expect(priceOf('constructor')).toBeNull();
  });

  it('counts each kind of token, and long prompts where they cost more', () => {
    // 90,000 at 2, 10,000 at 10 and 10,000 at 0.20 dollars a million.
    expect(costOf(priceOf('claude-sonnet-5')!, tokens)).toBeCloseTo(0.282, 9);
    const haiku = priceOf('claude-haiku-5-5')!;
    expect(costOf(haiku, tokens)).toBeCloseTo(0.009 + 0.005 + 0.0001, 9);
    expect(costOf(haiku, { ...tokens, inputTokens: 90_001 })).toBeCloseTo(0.045_000_5 + 0.025 + 0.0005, 9);
  });
});
