// The terms of a mandate from what a tool was given: what is left out stays as it was.
import { ok, type Result } from '@tamc/base/result';
import { accountToCandid } from '@tamc/protocol/account';
import type { CandidMandateTerms } from '@tamc/protocol/mandate';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { parseAccountText } from './accounts.ts';
import { parseAmount } from './amounts.ts';
import type { Money } from './money.ts';
import type { Problem } from './tool.ts';

export const hourNs = 3_600_000_000_000n;
/** Clocks differ: a mandate given now is in force now. */
const earlierNs = 60_000_000_000n;
const defaultDays = 30;

export interface WantedTerms {
  readonly powers?: readonly string[] | undefined;
  readonly budget?: string | undefined;
  readonly every_hours?: number | undefined;
  readonly ask_above?: string | undefined;
  readonly payees?: readonly string[] | undefined;
  readonly days?: number | undefined;
}

/** Of the first mandate of a delegate: no money, no powers; within a budget, anybody may be paid for anything. */
function firstTerms(money: Money, nowNs: bigint): CandidMandateTerms {
  return {
    label: 'delegate',
    ledger: hexToPrincipal(money.ledger),
    amount_range: { min: 0n, max: 0n },
    budget: { amount: 0n, period_ns: 24n * hourNs },
    agent_recurrence: 100,
    allowed_payees: { any: null },
    allowed_purposes: { any: null },
    not_before_ns: nowNs - earlierNs,
    expires_ns: nowNs + BigInt(defaultDays) * 24n * hourNs,
    reserve_floor: 0n,
    ask_above: 0n,
    powers: [],
  };
}

/** What is left out stays as it was: whoever raises a budget does not take away powers by silence. */
export function termsOf(
  wanted: WantedTerms,
  former: CandidMandateTerms | null,
  money: Money,
  nowNs: bigint,
): Result<CandidMandateTerms, Problem> {
  const base = former ?? firstTerms(money, nowNs);
  const budget = wanted.budget === undefined ? ok(base.budget.amount) : parseAmount(wanted.budget, money);
  if (!budget.ok) return budget;
  const unasked = former === null ? budget : ok(former.ask_above);
  const askAbove = wanted.ask_above === undefined ? unasked : parseAmount(wanted.ask_above, money);
  if (!askAbove.ok) return askAbove;
  const payees = payeesOf(wanted);
  if (!payees.ok) return payees;
  const { days, every_hours: hours } = wanted;
  const isNewLife = days !== undefined || base.expires_ns <= nowNs;
  return ok({
    ...base,
    amount_range: { min: 0n, max: budget.value },
    budget: { amount: budget.value, period_ns: hours === undefined ? base.budget.period_ns : BigInt(hours) * hourNs },
    allowed_payees: payees.value ?? base.allowed_payees,
    not_before_ns: nowNs - earlierNs,
    expires_ns: isNewLife ? nowNs + BigInt(days ?? defaultDays) * 24n * hourNs : base.expires_ns,
    ask_above: askAbove.value,
    powers: wanted.powers ?? base.powers,
  });
}

function payeesOf({ payees }: WantedTerms): Result<CandidMandateTerms['allowed_payees'] | null, Problem> {
  if (payees === undefined) return ok(null);
  const accounts: ReturnType<typeof accountToCandid>[] = [];
  for (const text of payees) {
    const payee = parseAccountText(text);
    if (!payee.ok) return payee;
    accounts.push(accountToCandid(payee.value));
  }
  return ok({ only: accounts });
}
