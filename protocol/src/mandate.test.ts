import { Principal } from '@dfinity/principal';
import { describe, expect, it } from 'vitest';
import { type CandidMandateTerms, mandateTermsToCandid, parseMandateTerms } from './mandate.ts';

const someone = Principal.fromUint8Array(Uint8Array.of(1, 2, 3));
const given: CandidMandateTerms = {
  label: 'buyer',
  ledger: someone,
  amount_range: { min: 1n, max: 5n },
  budget: { amount: 9n, period_ns: 1n },
  agent_recurrence: 2,
  allowed_payees: { only: [{ owner: someone, subaccount: [] }] },
  allowed_purposes: { only: ['parts'] },
  not_before_ns: 0n,
  expires_ns: 10n,
  reserve_floor: 0n,
  ask_above: 4n,
  powers: ['tariff', 'tariff'],
};

const faultOf = (more: Partial<CandidMandateTerms>) => {
  const parsed = parseMandateTerms({ ...given, ...more });
  return parsed.ok ? null : parsed.error.field;
};

describe('the terms of a mandate', () => {
  it('survive the way in and out', () => {
    const parsed = parseMandateTerms(given);
    expect(parsed.ok && mandateTermsToCandid(parsed.value)).toEqual({ ...given, powers: ['tariff'] });
    const any = parseMandateTerms({ ...given, allowed_payees: { any: null }, allowed_purposes: { any: null } });
    expect(any).toMatchObject({ ok: true, value: { allowedPayees: null, allowedPurposes: null } });
  });

  it('are refused with the field that is wrong', () => {
    expect(faultOf({})).toBeNull();
    expect(faultOf({ amount_range: { min: 6n, max: 5n } })).toBe('amount_range');
    expect(faultOf({ ask_above: 2n ** 127n + 1n })).toBe('amounts');
    expect(faultOf({ budget: { amount: 1n, period_ns: 0n } })).toBe('budget.period_ns');
    expect(faultOf({ agent_recurrence: 101 })).toBe('agent_recurrence');
    expect(faultOf({ allowed_payees: { only: [{ owner: someone, subaccount: [new Uint8Array(2)] }] } })).toBe(
      'allowed_payees',
    );
    expect(faultOf({ allowed_payees: { only: Array(51).fill({ owner: someone, subaccount: [] }) } })).toBe(
      'allowed_payees',
    );
    expect(faultOf({ allowed_purposes: { only: ['x'.repeat(65)] } })).toBe('allowed_purposes');
    expect(faultOf({ label: 'x'.repeat(65) })).toBe('label');
    expect(faultOf({ not_before_ns: 10n })).toBe('not_before_ns');
    expect(faultOf({ powers: ['fly'] })).toBe('powers');
  });
});
