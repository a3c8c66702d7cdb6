// What an operator lets a delegate spend and do, in the words of AP2 (amount_range, budget, agent_recurrence, allowed_payees,
// execution dates). Whatever exceeds a mandate is asked, not done.

import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { choice, count, list, nat, optional, record, text, type ValueOf } from '@tamc/base/codec';
import { ok, type Result } from '@tamc/base/result';
import { AccountType, accountToCandid, type CandidAccount, parseAccount } from './account.ts';
import { isPower, powers } from './powers.ts';
import { hexToPrincipal, principalToHex } from './principal.ts';
import { principal, timeNs } from './principal-codec.ts';
import { isPrintableLine, printableLineWanted } from './printable.ts';
import { account } from './purse.ts';
import type { FieldFault } from './refusal.ts';

const dayNs = 86_400_000_000_000n;

export const mandateLimits = {
  /** People and programs that act for one machine; each is looked at by an operator. */
  liveMax: 64,
  /** The payments of one period are kept with the mandate to sum them exactly: about 60 bytes each, read at every payment. */
  recurrenceMax: 100,
  payeesMax: 50,
  purposesMax: 50,
  labelCharsMax: 64,
  /** Also the longest purpose of a payment: one line in a statement. */
  purposeCharsMax: 64,
  periodNsMax: 366n * dayNs,
  /** Longer than any lease; a mandate that nobody renews should end. */
  lifeNsMax: 3n * 366n * dayNs,
  /** As Candid: fifty payees with subaccounts, fifty purposes of 64 characters of four bytes. */
  termsBytesMax: 20_480,
  /** Far above every supply, far below where digits cost anything. */
  amountMax: 2n ** 127n,
} as const;

export const mandateTerms = record({
  label: text,
  ledger: principal,
  amountMin: nat,
  amountMax: nat,
  /** Amounts and fees within any period of this length. */
  budgetAmount: nat,
  budgetPeriodNs: timeNs,
  /** Payments within any period. */
  recurrence: count,
  /** Null: anybody. */
  allowedPayees: optional(list(account)),
  /** Null: for anything. */
  allowedPurposes: optional(list(text)),
  notBeforeNs: timeNs,
  expiresNs: timeNs,
  /** What must be left in the main purse. */
  reserveFloor: nat,
  /** Amounts above are asked even when the rest allows them. */
  askAbove: nat,
  powers: list(choice(...powers)),
});
export type MandateTerms = ValueOf<typeof mandateTerms>;

const AllowedPayeesType = IDL.Variant({ any: IDL.Null, only: IDL.Vec(AccountType) });
const AllowedPurposesType = IDL.Variant({ any: IDL.Null, only: IDL.Vec(IDL.Text) });

export const MandateTermsType = IDL.Record({
  label: IDL.Text,
  ledger: IDL.Principal,
  amount_range: IDL.Record({ min: IDL.Nat, max: IDL.Nat }),
  budget: IDL.Record({ amount: IDL.Nat, period_ns: IDL.Nat64 }),
  agent_recurrence: IDL.Nat32,
  allowed_payees: AllowedPayeesType,
  allowed_purposes: AllowedPurposesType,
  not_before_ns: IDL.Nat64,
  expires_ns: IDL.Nat64,
  reserve_floor: IDL.Nat,
  ask_above: IDL.Nat,
  powers: IDL.Vec(IDL.Text),
});

export interface CandidMandateTerms {
  readonly label: string;
  readonly ledger: Principal;
  readonly amount_range: { readonly min: bigint; readonly max: bigint };
  readonly budget: { readonly amount: bigint; readonly period_ns: bigint };
  readonly agent_recurrence: number;
  readonly allowed_payees: { readonly any: null } | { readonly only: readonly CandidAccount[] };
  readonly allowed_purposes: { readonly any: null } | { readonly only: readonly string[] };
  readonly not_before_ns: bigint;
  readonly expires_ns: bigint;
  readonly reserve_floor: bigint;
  readonly ask_above: bigint;
  readonly powers: readonly string[];
}

/** A mandate for somebody, before it has a number. */
export const GrantType = IDL.Record({ delegate: IDL.Principal, terms: MandateTermsType });

export interface CandidGrant {
  readonly delegate: Principal;
  readonly terms: CandidMandateTerms;
}

/** Refused with the name of the field and what it must be. */

export function parseMandateTerms(given: CandidMandateTerms): Result<MandateTerms, FieldFault> {
  const payees = parsePayees(given.allowed_payees);
  if (payees === 'bad') return fault('allowed_payees', 'accounts whose subaccounts have 32 bytes');
  const unknown = given.powers.find((word) => !isPower(word));
  if (unknown !== undefined) return fault('powers', `words out of ${powers.join(', ')}`);
  return checkTerms({
    label: given.label,
    ledger: principalToHex(given.ledger),
    amountMin: given.amount_range.min,
    amountMax: given.amount_range.max,
    budgetAmount: given.budget.amount,
    budgetPeriodNs: given.budget.period_ns,
    recurrence: given.agent_recurrence,
    allowedPayees: payees,
    allowedPurposes: 'any' in given.allowed_purposes ? null : given.allowed_purposes.only,
    notBeforeNs: given.not_before_ns,
    expiresNs: given.expires_ns,
    reserveFloor: given.reserve_floor,
    askAbove: given.ask_above,
    powers: given.powers.filter(isPower),
  });
}

const fault = (field: string, wanted: string) => ({ ok: false, error: { field, wanted } }) as const;

function parsePayees(given: CandidMandateTerms['allowed_payees']) {
  if ('any' in given) return null;
  const parsed = given.only.map(parseAccount);
  return parsed.every((one) => one.ok) ? parsed.map((one) => one.value) : 'bad';
}

/** What must hold whoever made the terms; times relative to now are a matter of the rule. */
export function checkTerms(terms: MandateTerms): Result<MandateTerms, FieldFault> {
  const { amountMax, recurrenceMax, payeesMax, purposesMax, labelCharsMax, purposeCharsMax, periodNsMax } =
    mandateLimits;
  const amounts = [terms.amountMin, terms.amountMax, terms.budgetAmount, terms.reserveFloor, terms.askAbove];
  if (amounts.some((amount) => amount > amountMax)) return fault('amounts', `at most ${amountMax}`);
  if (terms.amountMin > terms.amountMax) return fault('amount_range', 'a range whose min is not above its max');
  if (terms.budgetPeriodNs === 0n || terms.budgetPeriodNs > periodNsMax)
    return fault('budget.period_ns', '1 ns to 366 days');
  if (terms.recurrence > recurrenceMax)
    return fault('agent_recurrence', `at most ${recurrenceMax} payments per period`);
  if ((terms.allowedPayees?.length ?? 0) > payeesMax) return fault('allowed_payees', `at most ${payeesMax} accounts`);
  const purposes = terms.allowedPurposes ?? [];
  // Both are shown to people who decide by them.
  if (purposes.length > purposesMax || purposes.some((word) => !isPrintableLine(word, purposeCharsMax))) {
    return fault('allowed_purposes', `at most ${purposesMax} texts of ${printableLineWanted(purposeCharsMax)}`);
  }
  if (terms.label !== '' && !isPrintableLine(terms.label, labelCharsMax)) {
    return fault('label', `empty, or ${printableLineWanted(labelCharsMax)}`);
  }
  if (terms.notBeforeNs >= terms.expiresNs) return fault('not_before_ns', 'before expires_ns');
  return ok({ ...terms, powers: [...new Set(terms.powers)] });
}

export function mandateTermsToCandid(terms: MandateTerms): CandidMandateTerms {
  const { allowedPayees, allowedPurposes } = terms;
  return {
    label: terms.label,
    ledger: hexToPrincipal(terms.ledger),
    amount_range: { min: terms.amountMin, max: terms.amountMax },
    budget: { amount: terms.budgetAmount, period_ns: terms.budgetPeriodNs },
    agent_recurrence: terms.recurrence,
    allowed_payees: allowedPayees === null ? { any: null } : { only: allowedPayees.map(accountToCandid) },
    allowed_purposes: allowedPurposes === null ? { any: null } : { only: allowedPurposes },
    not_before_ns: terms.notBeforeNs,
    expires_ns: terms.expiresNs,
    reserve_floor: terms.reserveFloor,
    ask_above: terms.askAbove,
    powers: terms.powers,
  };
}
