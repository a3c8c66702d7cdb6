import type { PrincipalHex } from '@tamc/protocol/principal';
import { walletLimits } from '@tamc/protocol/wallet';
import { describe, expect, it } from 'vitest';
import { orderBirths } from './births.ts';
import { acceptGovernance, allowOperator, offerGovernance, openRegistry, setBirthTerms } from './governance.ts';
import { addLedger, retireLedger } from './ledgers.ts';
import {
  createReadyRegistry,
  createTestRegistry,
  foreignLedger,
  governor,
  ledger,
  openSettings,
  operator,
  orderOf,
  self,
  stranger,
} from './test-registry.ts';

const anonymous = '04' as PrincipalHex;
const terms = { birthsPerCaller: 3, birthCycles: 10n ** 12n, compute: { kind: 'none' } as const };
const ledgerArgs = { id: ledger, symbol: 'ICP', decimals: 8, fee: 10n, isHome: false };

describe('governance', () => {
  it('is handed over in two steps', () => {
    const { act, tables } = createTestRegistry();
    expect(act(governor, offerGovernance, { to: operator })).toEqual({ reply: null });
    expect(act(stranger, acceptGovernance, null)).toEqual({ refused: 'NothingOffered' });
    expect(act(governor, setBirthTerms, terms)).toEqual({ reply: null });
    expect(act(operator, acceptGovernance, null)).toEqual({ reply: null });
    expect(tables.settings.get()).toMatchObject({ governor: operator, governanceOfferedTo: null });
    expect(act(governor, setBirthTerms, terms)).toEqual({ refused: 'NotGovernor' });
  });

  it('can be offered to nobody, which takes the offer back, but not to the anonymous caller or the registry', () => {
    const { act } = createTestRegistry();
    act(governor, offerGovernance, { to: operator });
    act(governor, offerGovernance, { to: null });
    expect(act(operator, acceptGovernance, null)).toEqual({ refused: 'NothingOffered' });
    expect(act(governor, offerGovernance, { to: anonymous })).toEqual({ refused: 'FieldInvalid' });
    expect(act(governor, offerGovernance, { to: self })).toEqual({ refused: 'FieldInvalid' });
    expect(act(stranger, offerGovernance, { to: stranger })).toEqual({ refused: 'NotGovernor' });
  });

  it('begins only with somebody, and on terms that the network allows', () => {
    const { act } = createTestRegistry();
    const open = (changes: object) => act(self, openRegistry, { ...openSettings, ...changes });
    expect(open({ governor: anonymous })).toEqual({ refused: 'FieldInvalid' });
    expect(open({ network: 'engine' })).toEqual({ refused: 'EngineHasNoCycles' });
    expect(open({ network: 'engine', birthCycles: 0n })).toEqual({ reply: null });
    expect(open({ birthCycles: 0n })).toEqual({ refused: 'FieldInvalid' });
    expect(open({ network: 'main' })).toEqual({ refused: 'FieldInvalid' });
    expect(open({ network: 'main', birthsPerCaller: 0 })).toEqual({ reply: null });
  });

  it('sets terms within limits', () => {
    const { act } = createTestRegistry();
    const set = (changes: object) => act(governor, setBirthTerms, { ...terms, ...changes });
    expect(set({ birthCycles: 2n * 10n ** 15n })).toEqual({ refused: 'FieldInvalid' });
    for (const tooFew of [0n, 700_000_000_000n, 849_999_999_999n])
      expect(set({ birthCycles: tooFew })).toEqual({ refused: 'FieldInvalid' });
    expect(set({ birthCycles: 850_000_000_000n })).toEqual({ reply: null });
    expect(set({ birthsPerCaller: 100_001 })).toEqual({ refused: 'FieldInvalid' });
    expect(set({ compute: { kind: 'simulatedDesk', desk: ledger } })).toEqual({ reply: null });
    expect(act(stranger, setBirthTerms, terms)).toEqual({ refused: 'NotGovernor' });
  });

  it('allows operators by number', () => {
    const { act, tables } = createTestRegistry();
    expect(act(stranger, allowOperator, { operator, births: 1 })).toEqual({ refused: 'NotGovernor' });
    expect(act(governor, allowOperator, { operator: anonymous, births: 1 })).toEqual({ refused: 'FieldInvalid' });
    expect(act(governor, allowOperator, { operator, births: 100_001 })).toEqual({ refused: 'FieldInvalid' });
    expect(act(governor, allowOperator, { operator, births: 9 })).toEqual({ reply: null });
    expect(tables.allowances.get(operator)).toEqual({ births: 9 });
  });
});

describe('ledgers', () => {
  it('are added and changed by the governor, and one of them is home', () => {
    const { act, tables } = createTestRegistry();
    expect(act(stranger, addLedger, ledgerArgs)).toEqual({ refused: 'NotGovernor' });
    expect(act(governor, addLedger, { ...ledgerArgs, isHome: true })).toEqual({ reply: null });
    expect(act(governor, addLedger, { ...ledgerArgs, fee: 11n })).toEqual({ reply: null });
    expect(tables.ledgers.get(ledger)?.fee).toBe(11n);
    expect(tables.settings.get().homeLedger).toBe(ledger);
    expect(tables.ledgerOrder.get()).toEqual([ledger]);
  });

  it('are refused with nonsense in a field', () => {
    const { act } = createTestRegistry();
    const add = (changes: object) => act(governor, addLedger, { ...ledgerArgs, ...changes });
    for (const wrong of [{ symbol: '' }, { symbol: 'X'.repeat(17) }, { decimals: 19 }, { fee: 2n ** 97n }, { id: '' }])
      expect(add(wrong)).toEqual({ refused: 'FieldInvalid' });
    expect(add({ symbol: 'IC\u202eP' })).toEqual({ refused: 'FieldInvalid' });
  });

  it('of another subnet are refused on a Cloud Engine, and nowhere else', () => {
    const engine = createTestRegistry({ ...openSettings, network: 'engine', birthCycles: 0n });
    expect(engine.act(governor, addLedger, { ...ledgerArgs, id: foreignLedger })).toEqual({ refused: 'ForeignLedger' });
    expect(engine.act(governor, addLedger, ledgerArgs)).toEqual({ reply: null });
    expect(createTestRegistry().act(governor, addLedger, { ...ledgerArgs, id: foreignLedger })).toEqual({
      reply: null,
    });
  });

  it('have a limit', () => {
    const { act } = createTestRegistry();
    const add = (number: number) =>
      act(governor, addLedger, { ...ledgerArgs, id: `${number.toString(16).padStart(16, '0')}0101` as PrincipalHex });
    for (let i = 0; i < walletLimits.ledgersMax; i++) expect(add(i)).toEqual({ reply: null });
    expect(add(8)).toEqual({ refused: 'TooManyLedgers' });
    expect(add(3)).toEqual({ reply: null });
  });

  it('on which machines buy cycles are there before the terms that say so, stay as long, and births wait for them', () => {
    const { act } = createReadyRegistry();
    const compute = { kind: 'mintingCanister', cmc: self, icpLedger: foreignLedger } as const;
    const buying = { ...terms, compute };
    expect(act(governor, setBirthTerms, buying)).toEqual({ refused: 'ComputeLedgerMissing' });
    act(governor, addLedger, { ...ledgerArgs, id: foreignLedger });
    expect(act(governor, setBirthTerms, buying)).toEqual({ reply: null });
    expect(act(governor, retireLedger, { id: foreignLedger })).toEqual({ refused: 'ComputeLedgerNeeded' });
    const unready = createReadyRegistry({ ...openSettings, compute });
    expect(unready.act(operator, orderBirths, orderOf(1))).toEqual({ refused: 'ComputeLedgerMissing' });
    expect(unready.calls()).toEqual([]);
  });

  it('retire, but not the home ledger', () => {
    const { act, tables } = createReadyRegistry();
    act(governor, addLedger, { ...ledgerArgs, id: foreignLedger });
    expect(act(stranger, retireLedger, { id: foreignLedger })).toEqual({ refused: 'NotGovernor' });
    expect(act(governor, retireLedger, { id: ledger })).toEqual({ refused: 'HomeLedgerNeeded' });
    expect(act(governor, retireLedger, { id: foreignLedger })).toEqual({ reply: null });
    expect(act(governor, retireLedger, { id: foreignLedger })).toEqual({ refused: 'LedgerUnknown' });
    expect(tables.ledgers.get(foreignLedger)?.isRetired).toBe(true);
  });
});
