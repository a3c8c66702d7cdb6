// Standing mandates, births for somebody else, and what a machine is born with because of them.
import { IDL } from '@dfinity/candid';
import { refuse } from '@tamc/base/result';
import { type MachineInit, MachineInitType } from '@tamc/protocol/identity';
import { checkTerms, type MandateTerms } from '@tamc/protocol/mandate';
import { hexToPrincipal, managementCanister, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { describe, expect, it } from 'vitest';
import { orderBirths } from './births.ts';
import { allowOperator } from './governance.ts';
import { addLedger, retireLedger } from './ledgers.ts';
import { revokeStandingMandate, setStandingMandate, standingMandatesOf } from './standing-mandates.ts';
import {
  birthOf,
  createReadyRegistry,
  foreignLedger,
  governor,
  ledger,
  openSettings,
  operator,
  orderOf,
  self,
  startNs,
  stranger,
  type TestRegistry,
} from './test-registry.ts';

const anonymous = '04' as PrincipalHex;
const assistant = `${'ab'.repeat(28)}02` as PrincipalHex;
const person = (number: number) => `${number.toString(16).padStart(56, '0')}02` as PrincipalHex;
const dayNs = 86_400_000_000_000n;

const terms = (changes: Partial<MandateTerms> = {}): MandateTerms => ({
  label: 'assistant',
  ledger,
  amountMin: 0n,
  amountMax: 20n,
  budgetAmount: 20n,
  budgetPeriodNs: dayNs,
  recurrence: 10,
  allowedPayees: null,
  allowedPurposes: null,
  notBeforeNs: 0n,
  expiresNs: startNs + 30n * dayNs,
  reserveFloor: 0n,
  askAbove: 5n,
  powers: ['command', 'tariff'],
  ...changes,
});

const standing = (delegate: PrincipalHex, changes: Partial<MandateTerms> = {}) => {
  return { delegate, terms: checkTerms(terms(changes)) };
};
const set = (registry: TestRegistry, by: PrincipalHex, delegate: PrincipalHex, changes: Partial<MandateTerms> = {}) =>
  registry.act(by, setStandingMandate, standing(delegate, changes));
const done = { reply: null };
const forOther = (by: PrincipalHex, registry: TestRegistry, of: PrincipalHex = operator) =>
  registry.act(by, orderBirths, orderOf(1, { births: [birthOf({ operator: of })] }));

/** The argument with which the machine of a birth is installed; from its order up to there everything goes well. */
function bornWith(registry: TestRegistry, before: (registry: TestRegistry) => void = () => {}): MachineInit {
  const [call] = registry.calls();
  before(registry);
  const canister = '00000000000000aa0101' as PrincipalHex;
  const Created = IDL.Record({ canister_id: IDL.Principal });
  registry.reply(call!.id, Created, { canister_id: hexToPrincipal(canister) });
  const [install] = registry.calls();
  const Install = IDL.Record({ arg: IDL.Vec(IDL.Nat8) });
  const [{ arg }] = IDL.decode([Install], install!.argument) as unknown as [{ arg: Uint8Array }];
  const [init] = IDL.decode([MachineInitType], arg) as unknown as [MachineInit];
  return init;
}

describe('a standing mandate', () => {
  it('is set by an operator, one for each delegate, and shown to everybody', () => {
    const registry = createReadyRegistry();
    expect(set(registry, operator, assistant)).toEqual(done);
    expect(set(registry, operator, stranger)).toEqual(done);
    expect(set(registry, operator, assistant, { budgetAmount: 1n })).toEqual(done);
    const found = standingMandatesOf(registry.tables, operator);
    expect(found.map(({ delegate }) => delegate)).toEqual([assistant, stranger]);
    expect(found.map(({ terms }) => terms.budgetAmount)).toEqual([1n, 20n]);
    expect(standingMandatesOf(registry.tables, assistant)).toEqual([]);
  });

  it('is taken back by who set it, once, and by nobody else', () => {
    const registry = createReadyRegistry();
    set(registry, operator, assistant);
    const refused = { refused: 'StandingMandateUnknown' };
    for (const other of [stranger, assistant, governor, anonymous])
      expect(registry.act(other, revokeStandingMandate, { delegate: assistant })).toEqual(refused);
    expect(registry.act(operator, revokeStandingMandate, { delegate: assistant })).toEqual(done);
    expect(registry.act(operator, revokeStandingMandate, { delegate: assistant })).toEqual(refused);
    expect(standingMandatesOf(registry.tables, operator)).toEqual([]);
    expect(registry.tables.standingDelegates.get(operator)).toBeNull();
  });

  it.each([
    ['by the anonymous caller', anonymous, assistant, {}, 'AnonymousCaller'],
    ['for the anonymous identity', operator, anonymous, {}, 'DelegateInvalid'],
    ['for oneself', operator, operator, {}, 'DelegateInvalid'],
    ['for the registry', operator, self, {}, 'DelegateInvalid'],
    ['for the management canister', operator, managementCanister, {}, 'DelegateInvalid'],
    ['on a ledger that nobody knows', operator, assistant, { ledger: foreignLedger }, 'LedgerUnknown'],
    ['that is over', operator, assistant, { expiresNs: startNs }, 'TermsInvalid'],
    ['for longer than three years', operator, assistant, { expiresNs: startNs + 1_200n * dayNs }, 'TermsInvalid'],
    ['with a range upside down', operator, assistant, { amountMin: 21n }, 'TermsInvalid'],
    ['with an amount beyond all money', operator, assistant, { budgetAmount: 2n ** 200n }, 'TermsInvalid'],
    ['with a label that cannot be shown', operator, assistant, { label: 'a\u202eb' }, 'TermsInvalid'],
    ['with a purpose that is two lines', operator, assistant, { allowedPurposes: ['a\nb'] }, 'TermsInvalid'],
    ['that begins after its end', operator, assistant, { notBeforeNs: startNs + 31n * dayNs }, 'TermsInvalid'],
  ] as const)('is refused %s', (_, by, delegate, changes, code) => {
    expect(set(createReadyRegistry(), by, delegate, changes)).toEqual({ refused: code });
  });

  it('is refused on a ledger that was retired, and with terms that could not be read', () => {
    const registry = createReadyRegistry();
    registry.act(governor, addLedger, { id: self, symbol: 'OLD', decimals: 2, fee: 1n, isHome: false });
    registry.act(governor, retireLedger, { id: self });
    expect(set(registry, operator, assistant, { ledger: self })).toEqual({ refused: 'LedgerUnknown' });
    const unread = { delegate: assistant, terms: refuse({ field: 'powers', wanted: 'words' }) };
    expect(registry.act(operator, setStandingMandate, unread)).toEqual({ refused: 'TermsInvalid' });
  });

  it('has fifteen others beside it at most', () => {
    const registry = createReadyRegistry();
    for (let i = 1; i <= 16; i++) expect(set(registry, operator, person(i))).toEqual(done);
    expect(set(registry, operator, person(17))).toEqual({ refused: 'TooManyStandingMandates' });
    expect(set(registry, operator, person(16), { budgetAmount: 1n })).toEqual(done);
    registry.act(operator, revokeStandingMandate, { delegate: person(3) });
    expect(set(registry, operator, person(17))).toEqual(done);
  });

  it('takes room only of who may order births; what is there can still be changed', () => {
    const registry = createReadyRegistry({ ...openSettings, birthsPerCaller: 0 });
    expect(set(registry, operator, assistant)).toEqual({ refused: 'MayNotBear' });
    registry.act(governor, allowOperator, { operator, births: 1 });
    expect(set(registry, operator, assistant)).toEqual(done);
    registry.act(operator, orderBirths, orderOf(1));
    expect(set(registry, operator, stranger)).toEqual({ refused: 'MayNotBear' });
    expect(set(registry, operator, assistant, { budgetAmount: 1n })).toEqual(done);
    const closed = createReadyRegistry();
    closed.act(governor, allowOperator, { operator: stranger, births: 0 });
    expect(set(closed, stranger, assistant)).toEqual({ refused: 'MayNotBear' });
  });
});

describe('a birth for somebody else', () => {
  it('is refused without a standing mandate of that operator for the caller, to the governor too', () => {
    const registry = createReadyRegistry();
    const refused = { refused: 'BirthForOther' };
    for (const by of [assistant, governor, stranger]) expect(forOther(by, registry)).toEqual(refused);
    set(registry, operator, assistant);
    for (const by of [governor, stranger]) expect(forOther(by, registry)).toEqual(refused);
    expect(forOther(operator, registry, assistant)).toEqual(refused);
    expect(forOther(assistant, registry)).toEqual({ reply: '0-1' });
    expect(registry.tables.births.get(0)).toMatchObject({ by: assistant, operator });
  });

  it('is refused again once the standing mandate is taken back, or over', () => {
    const registry = createReadyRegistry();
    set(registry, operator, assistant);
    registry.act(operator, revokeStandingMandate, { delegate: assistant });
    expect(forOther(assistant, registry)).toEqual({ refused: 'BirthForOther' });
    set(registry, operator, assistant);
    registry.pass(30n * dayNs);
    expect(forOther(assistant, registry)).toEqual({ refused: 'BirthForOther' });
  });

  it('counts on the allowance of who orders it', () => {
    const registry = createReadyRegistry();
    set(registry, operator, assistant);
    registry.act(governor, allowOperator, { operator: assistant, births: 1 });
    forOther(assistant, registry);
    expect(forOther(assistant, registry)).toEqual({ refused: 'BirthsNotAllowed' });
    expect(registry.act(operator, orderBirths, orderOf(1))).toEqual({ reply: '1-1' });
  });

  it('refuses all births of an order when one of them is for another', () => {
    const registry = createReadyRegistry();
    set(registry, operator, assistant);
    const births = [birthOf({ operator }), birthOf(), birthOf({ operator: stranger })];
    expect(registry.act(assistant, orderBirths, orderOf(3, { births }))).toEqual({ refused: 'BirthForOther' });
    expect(registry.tables.births.end()).toBe(0);
  });

  it('needs none when the operator is named by itself', () => {
    expect(forOther(operator, createReadyRegistry())).toEqual({ reply: '0-1' });
  });
});

describe('a machine', () => {
  it('starts with the standing mandate of its operator for who ordered it', () => {
    const registry = createReadyRegistry();
    set(registry, operator, assistant);
    set(registry, operator, stranger);
    forOther(assistant, registry);
    const { mandates, operator: obeyed } = bornWith(registry);
    expect(principalToHex(obeyed)).toBe(operator);
    expect(mandates.map(({ delegate }) => principalToHex(delegate))).toEqual([assistant]);
    expect(mandates[0]!.terms).toMatchObject({ label: 'assistant', budget: { amount: 20n }, ask_above: 5n });
  });

  it.each([
    ['changed', (r: TestRegistry) => set(r, operator, assistant, { budgetAmount: 7n }), [7n]],
    ['taken back', (r: TestRegistry) => r.act(operator, revokeStandingMandate, { delegate: assistant }), []],
    ['over', (r: TestRegistry) => r.pass(30n * dayNs), []],
  ] as const)('starts with what stands when it is installed: %s since the order', (_, meanwhile, budgets) => {
    const registry = createReadyRegistry();
    set(registry, operator, assistant);
    forOther(assistant, registry);
    const { mandates } = bornWith(registry, meanwhile);
    expect(mandates.map(({ terms }) => terms.budget.amount)).toEqual(budgets);
  });

  it('starts without it when its ledger was retired meanwhile', () => {
    const registry = createReadyRegistry();
    registry.act(governor, addLedger, { id: self, symbol: 'OLD', decimals: 2, fee: 1n, isHome: false });
    set(registry, operator, assistant, { ledger: self });
    forOther(assistant, registry);
    const retired = bornWith(registry, (r) => r.act(governor, retireLedger, { id: self }));
    expect(retired.mandates).toEqual([]);
  });

  it('that its own operator ordered starts without any', () => {
    const registry = createReadyRegistry();
    set(registry, operator, assistant);
    registry.act(operator, orderBirths, orderOf(1));
    expect(bornWith(registry).mandates).toEqual([]);
  });
});
