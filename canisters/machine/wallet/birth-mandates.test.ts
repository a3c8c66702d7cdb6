// Mandates from birth on: the same as granted ones, and a machine is not born with a wrong one.
import { type CandidGrant, type CandidMandateTerms, mandateTermsToCandid } from '@tamc/protocol/mandate';
import { anonymous, hexToPrincipal, managementCanister, type PrincipalHex } from '@tamc/protocol/principal';
import { describe, expect, it } from 'vitest';
import {
  createTestMachine,
  dayNs,
  delegate,
  init,
  keyOf,
  ledger,
  operator,
  registry,
  self,
  startNs,
  stranger,
} from '../test-machine.ts';
import { grantMandate } from './grant.ts';
import { hasPower, liveMandates } from './mandates.ts';

const plain: CandidMandateTerms = mandateTermsToCandid({
  label: 'assistant',
  ledger,
  amountMin: 0n,
  amountMax: 5n,
  budgetAmount: 20n,
  budgetPeriodNs: dayNs,
  recurrence: 10,
  allowedPayees: null,
  allowedPurposes: null,
  notBeforeNs: 0n,
  expiresNs: startNs + 30n * dayNs,
  reserveFloor: 0n,
  askAbove: 5n,
  powers: ['tariff'],
});
const given = (who: PrincipalHex, changes: Partial<CandidMandateTerms> = {}): CandidGrant => {
  return { delegate: hexToPrincipal(who), terms: { ...plain, ...changes } };
};
const bornWith = (...mandates: CandidGrant[]) => createTestMachine({ ...init, mandates });

describe('a machine', () => {
  it('is born with mandates that are in force at once and end as any other', () => {
    const machine = bornWith(given(delegate), given(stranger, { powers: [] }));
    const { tables } = machine;
    expect(tables.mandateIndex.get()).toEqual({ next: 3, live: [1, 2] });
    expect(hasPower(tables, delegate, 'tariff', machine.now())).toBe(true);
    expect(hasPower(tables, stranger, 'tariff', machine.now())).toBe(false);
    expect(machine.kinds().filter((kind) => kind === 'MandateGranted')).toHaveLength(2);
    machine.pass(30n * dayNs);
    expect(hasPower(tables, delegate, 'tariff', machine.now())).toBe(false);
  });

  it('is born without one that expired on the way to it', () => {
    const machine = bornWith(given(stranger, { expires_ns: startNs }), given(delegate));
    expect(machine.tables.mandateIndex.get()).toEqual({ next: 2, live: [1] });
    expect(liveMandates(machine.tables, stranger)).toEqual([]);
  });

  it('lets its operator change what it was born with', () => {
    const machine = bornWith(given(delegate));
    const { terms } = liveMandates(machine.tables, delegate)[0]!;
    expect(machine.done(operator, grantMandate, { delegate, terms: { ok: true, value: terms } })).toBe('mandate/2');
    expect(machine.tables.mandateIndex.get().live).toEqual([2]);
  });

  it.each([
    ['the anonymous identity', [given(anonymous)]],
    ['its operator', [given(operator)]],
    ['its registry', [given(registry)]],
    ['itself', [given(self)]],
    ['the management canister', [given(managementCanister)]],
    ['two of one delegate', [given(delegate), given(delegate)]],
    ['a ledger that it has not', [given(delegate, { ledger: hexToPrincipal(registry) })]],
    ['an unknown power', [given(delegate, { powers: ['everything'] })]],
    ['a budget without a period', [given(delegate, { budget: { amount: 1n, period_ns: 0n } })]],
    ['an end in four years', [given(delegate, { expires_ns: startNs + 1_500n * dayNs })]],
    ['seventeen', Array.from({ length: 17 }, (_, i) => given(keyOf(`one ${i}`)))],
  ])('is not born with a mandate of %s', (_, mandates) => {
    expect(() => bornWith(...mandates)).toThrow('not born: FieldInvalid');
  });
});
