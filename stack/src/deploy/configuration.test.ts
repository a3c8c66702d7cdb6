import { describe, expect, it } from 'vitest';
import { defaultConfiguration, parseConfiguration } from './configuration.ts';

const ckBtc = 'mxzaz-hqaaa-aaaar-qaada-cai';

describe('a configuration', () => {
  it('has defaults for each kind of network: own money where there is none, real money where there is', () => {
    expect(defaultConfiguration('embedded')).toMatchObject({ ownLedger: { symbol: 'simUSD' }, foreignLedgers: [] });
    const main = defaultConfiguration('main');
    expect(main).toMatchObject({ ownLedger: null, birthsPerCaller: 0 });
    expect(main.foreignLedgers).toHaveLength(1);
    expect(defaultConfiguration('engine')).toMatchObject({ canisterCycles: 0n, birthCycles: 0n });
  });

  it('is changed by a file, field by field', () => {
    const text = JSON.stringify({
      birthCycles: '5000000000000',
      foreignLedgers: [ckBtc],
      ownLedger: null,
      birthsPerCaller: 3,
    });
    const parsed = parseConfiguration(text, 'local');
    expect(parsed).toMatchObject({
      ok: true,
      value: { kind: 'local', birthCycles: 5_000_000_000_000n, birthsPerCaller: 3 },
    });
    expect(parsed.ok && parsed.value.named).toEqual(['birthCycles', 'foreignLedgers', 'ownLedger', 'birthsPerCaller']);
    expect(parseConfiguration('{}', 'main')).toEqual({ ok: true, value: defaultConfiguration('main') });
  });

  it('refuses a foreign ledger on a Cloud Engine and says why', () => {
    const parsed = parseConfiguration(JSON.stringify({ engine: true, foreignLedgers: [ckBtc] }), 'main');
    expect(parsed).toMatchObject({ ok: false, error: expect.stringContaining('the ledger has to live on the engine') });
  });

  it('refuses what it does not know or cannot read, with the field and its form', () => {
    const cases: readonly (readonly [unknown, string])[] = [
      [[], 'not a JSON object'],
      [{ birthCycle: '5' }, '"birthCycle"'],
      [{ birthCycles: 5 }, '"birthCycles" is not a whole number as text'],
      [{ birthCycles: '-5' }, '"birthCycles"'],
      [{ foreignLedgers: ['xevnm'] }, '"foreignLedgers" is not a list of canister ids'],
      [{ birthsPerCaller: 1.5 }, '"birthsPerCaller"'],
      [{ engine: 'yes' }, '"engine" is not true or false'],
      [{ toString: '5' }, '"toString"'],
      [{ ownLedger: { symbol: 'X' } }, '"ownLedger"'],
      [{ ownLedger: null, foreignLedgers: [] }, 'without any ledger'],
    ];
    for (const [value, text] of cases) {
      expect(parseConfiguration(JSON.stringify(value), 'local')).toMatchObject({
        ok: false,
        error: expect.stringContaining(text),
      });
    }
    expect(parseConfiguration('{', 'local').ok).toBe(false);
  });
});
