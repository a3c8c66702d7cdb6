import { describe, expect, it } from 'vitest';
import { parseWords, renderHelp } from './words.ts';

const benchmarks = [
  { name: 'ledger', about: 'What a transfer costs.' },
  { name: 'canisters', about: 'What everything costs.' },
];
const parse = (...words: string[]) => parseWords(words, benchmarks);

describe('the words behind npm run bench', () => {
  it('are names and options', () => {
    expect(parse()).toEqual({ ok: true, value: { names: [], isJson: false, isHelp: false } });
    expect(parse('ledger', '--json')).toMatchObject({ value: { names: ['ledger'], isJson: true } });
    expect(parse('--help')).toMatchObject({ value: { isHelp: true } });
    expect(parse('canisters', '--write')).toMatchObject({ value: { names: ['canisters'] } });
  });

  it.each([
    [['--wrtie'], 'no option "--wrtie"'],
    [['canisters', '--wrtie'], 'no option "--wrtie"'],
    [['ledgre'], 'no benchmark "ledgre"; there are ledger, canisters'],
    [['--write'], '--write is for the benchmark canisters alone'],
    [['ledger', '--write'], '--write is for the benchmark canisters alone'],
  ])('that mean nothing are refused: %j', (words, reason) => {
    expect(parse(...words)).toMatchObject({ ok: false, error: expect.stringContaining(reason) });
  });

  it('help names each', () => {
    expect(renderHelp(benchmarks)).toContain('  ledger     What a transfer costs.\n  canisters  What everything');
  });
});
