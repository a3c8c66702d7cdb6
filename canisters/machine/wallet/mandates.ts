// What a mandate allows now. A payment is judged with all earlier ones of its delegate on the ledger, of whatever mandates, within
// the period that ends with it: so no period that ends with a payment under a mandate holds more than the budget of that mandate.

import { type Account, isSameAccount } from '@tamc/protocol/account';
import { renderAmount } from '@tamc/protocol/amount-text';
import type { MandateTerms } from '@tamc/protocol/mandate';
import type { Power } from '@tamc/protocol/powers';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import { operatorOf } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { type Spending, withEarlier } from './earlier.ts';
import type { Ledger, Mandate } from './tables.ts';

export interface Wanted {
  readonly to: Account;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly purpose: string;
}

export type Verdict =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Asked, not done: these terms are exceeded. */
  | { readonly kind: 'exceeds'; readonly reasons: readonly string[] }
  | { readonly kind: 'allowed' };

export function liveMandates(tables: MachineTables, delegate: PrincipalHex): readonly (Mandate & { number: number })[] {
  const numbers = tables.delegates.get(delegate) ?? [];
  return numbers.map((number) => ({ number, ...tables.mandates.get(number)! }));
}

export function isLive({ notBeforeNs, expiresNs }: MandateTerms, nowNs: bigint): boolean {
  return nowNs >= notBeforeNs && nowNs < expiresNs;
}

export function hasPower(tables: MachineTables, delegate: PrincipalHex, power: Power, nowNs: bigint): boolean {
  return liveMandates(tables, delegate).some(({ terms }) => isLive(terms, nowNs) && terms.powers.includes(power));
}

/** When the last mandate with this power ends. */
export function lastExpiryNs(tables: MachineTables, delegate: PrincipalHex, power: Power): bigint {
  const ends = liveMandates(tables, delegate).flatMap(({ terms }) =>
    terms.powers.includes(power) ? [terms.expiresNs] : [],
  );
  return ends.reduce((last, ns) => (ns > last ? ns : last), 0n);
}

export function isDelegate(tables: MachineTables, who: PrincipalHex, nowNs: bigint): boolean {
  return liveMandates(tables, who).some(({ terms }) => isLive(terms, nowNs));
}

/** Everybody else is a stranger, of whom only so much is tried within an hour. */
export function looksAfter(tables: MachineTables, who: PrincipalHex, nowNs: bigint): boolean {
  return who === operatorOf(tables) || isDelegate(tables, who, nowNs);
}

/** Payments of the window that ends now; whoever is a whole period old has left it. */
export function paymentsInWindow({ terms, payments }: Mandate, nowNs: bigint): Mandate['payments'] {
  return payments.filter(({ atNs }) => nowNs - atNs < terms.budgetPeriodNs);
}

export function spentInWindow(mandate: Mandate, nowNs: bigint): bigint {
  const all = [...paymentsInWindow(mandate, nowNs), ...earlierInWindow(mandate, nowNs)];
  return all.reduce((sum, { total }) => sum + total, 0n);
}

export function countInWindow(mandate: Mandate, nowNs: bigint): number {
  const earlier = earlierInWindow(mandate, nowNs).reduce((sum, { payments }) => sum + payments, 0);
  return paymentsInWindow(mandate, nowNs).length + earlier;
}

function earlierInWindow({ terms, earlier }: Mandate, nowNs: bigint): readonly Spending[] {
  return earlier.filter(({ atNs }) => nowNs - atNs < terms.budgetPeriodNs);
}

/** In the order of usefulness: what ends the matter first, then everything that the operator would have to agree to. */
export function judgePayment(
  mandate: Mandate & { readonly number: number },
  wanted: Wanted,
  ledger: Ledger,
  available: bigint,
  nowNs: bigint,
): Verdict {
  const refusal = refusalOf(mandate, wanted, available, nowNs);
  if (refusal !== null) return { kind: 'refused', refusal };
  const reasons = excesses(mandate, wanted, ledger, available, nowNs);
  return reasons.length > 0 ? { kind: 'exceeds', reasons } : { kind: 'allowed' };
}

function refusalOf(
  { terms, number: mandate, payments, earlier }: Mandate & { readonly number: number },
  { amount, fee }: Wanted,
  available: bigint,
  nowNs: bigint,
): Refusal | null {
  if (nowNs < terms.notBeforeNs) return no('MandateNotYet', { mandate, notBeforeNs: terms.notBeforeNs });
  if (nowNs >= terms.expiresNs) return no('MandateExpired', { mandate, expiresNs: terms.expiresNs });
  // Windows are exact only while time goes forward.
  if ([...payments, ...earlier].some(({ atNs }) => atNs > nowNs)) return no('ClockWentBack', { mandate });
  if (amount < terms.amountMin) return no('AmountBelowRange', { mandate, min: terms.amountMin });
  if (available < amount + fee) return no('FundsMissing', { available, needed: amount + fee });
  return null;
}

function excesses(mandate: Mandate, wanted: Wanted, ledger: Ledger, available: bigint, nowNs: bigint): string[] {
  const { terms } = mandate;
  const { amount, fee, to, purpose } = wanted;
  const total = amount + fee;
  const money = (sum: bigint) => renderAmount(sum, ledger.decimals, ledger.symbol);
  const spent = spentInWindow(mandate, nowNs);
  const payments = countInWindow(mandate, nowNs);
  const isPayee = terms.allowedPayees?.some((payee) => isSameAccount(payee, to)) ?? true;
  const isPurpose = terms.allowedPurposes?.includes(purpose) ?? true;
  const checks: readonly (readonly [isExceeded: boolean, reason: string])[] = [
    [amount > terms.amountMax, `the amount is above ${money(terms.amountMax)}`],
    [!isPayee, 'the payee is not one of the allowed ones'],
    [!isPurpose, 'the purpose is not one of the allowed ones'],
    [spent + total > terms.budgetAmount, `of the budget ${money(terms.budgetAmount)} is spent ${money(spent)}`],
    [payments >= terms.recurrence, `${payments} of ${terms.recurrence} payments of the period are made`],
    [available - total < terms.reserveFloor, `less than ${money(terms.reserveFloor)} would be left`],
    [amount > terms.askAbove, `the amount is above ${money(terms.askAbove)}, from where on the operator is asked`],
  ];
  return checks.flatMap(([isExceeded, reason]) => (isExceeded ? [reason] : []));
}

/** The payment joins the window; what has left it is kept in sums. */
export function withPayment(given: Mandate, payment: Mandate['payments'][number]): Mandate {
  const mandate = moveEarlier(given, payment.atNs);
  return { ...mandate, payments: [...mandate.payments, payment] };
}

export function moveEarlier(mandate: Mandate, nowNs: bigint): Mandate {
  const payments = paymentsInWindow(mandate, nowNs);
  const left = mandate.payments.filter((payment) => !payments.includes(payment));
  return { ...mandate, payments, earlier: withEarlier(mandate.earlier, left, nowNs) };
}

/** It turned out to cost less than was decided. */
export function withTotal(mandate: Mandate, transfer: number, total: bigint): Mandate {
  const changed = (payment: Mandate['payments'][number]) => ({ ...payment, total });
  const payments = mandate.payments.map((payment) => (payment.transfer === transfer ? changed(payment) : payment));
  return { ...mandate, payments };
}

export function withoutPayment(mandate: Mandate, transfer: number): Mandate {
  return { ...mandate, payments: mandate.payments.filter((payment) => payment.transfer !== transfer) };
}
