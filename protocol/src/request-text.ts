// A request as the text that a person decides by: made from the payload and nothing else, every fact on a line of its own. Texts of
// others are quoted, so that none of them can pretend to be another line.
import { bytesToHex } from '@tamc/base/bytes';
import { accountToText } from './account-text.ts';
import { renderAmount } from './amount-text.ts';
import type { MandateTerms } from './mandate.ts';
import { principalToText } from './principal.ts';
import { payloadHash, type RequestedActOf, type RequestPayload } from './request.ts';

export function renderRequest(payload: RequestPayload): string {
  return [
    ...actLines(payload),
    `asked by: ${principalToText(payload.delegate)} under mandate ${payload.mandate}`,
    ...(payload.reason === '' ? [] : [`because: ${JSON.stringify(payload.reason)}`]),
    `request ${payload.request}, open until ${renderTime(payload.expiresNs)}`,
    `payload: ${bytesToHex(payloadHash(payload))}`,
  ].join('\n');
}

function actLines({ machine, act }: RequestPayload): readonly string[] {
  const asks = `Machine ${principalToText(machine)} asks`;
  if (act.kind === 'pay') return paymentLines(asks, act);
  if (act.kind === 'grantMandate') return grantLines(asks, act);
  return [
    `${asks} to be released from its stop, and to work again`,
    `stopped by: ${principalToText(act.stoppedBy)} at ${renderTime(act.stoppedNs)}`,
    `stopped because: ${JSON.stringify(act.stopReason)}`,
  ];
}

function paymentLines(asks: string, act: RequestedActOf<'pay'>): readonly string[] {
  const money = (amount: bigint) => renderAmount(amount, act.decimals, act.symbol);
  return [
    `${asks} to pay ${money(act.amount)} (fee ${money(act.fee)})`,
    `to: ${accountToText(act.to)}`,
    `for: ${JSON.stringify(act.purpose)}`,
    `on ledger: ${principalToText(act.ledger)}`,
    ...act.reasons.map((reason) => `because: ${reason}`),
  ];
}

function grantLines(asks: string, act: RequestedActOf<'grantMandate'>): readonly string[] {
  const money = (amount: bigint) => renderAmount(amount, act.decimals, act.symbol);
  return [
    `${asks} to give a mandate to ${principalToText(act.delegate)}`,
    ...(act.replaces === null ? [] : [`in the place of: mandate ${act.replaces}`]),
    ...termsLines(act.terms, money),
  ];
}

/** Everything that a mandate allows. */
function termsLines(terms: MandateTerms, money: (amount: bigint) => string): readonly string[] {
  const { allowedPayees, allowedPurposes, powers } = terms;
  return [
    `label: ${JSON.stringify(terms.label)}`,
    `each payment: ${money(terms.amountMin)} to ${money(terms.amountMax)}`,
    `all payments: ${money(terms.budgetAmount)} with fees and ${terms.recurrence} payments within ${renderPeriod(terms.budgetPeriodNs)}`,
    `asks the operator above: ${money(terms.askAbove)}`,
    `must be left: ${money(terms.reserveFloor)}`,
    ...(allowedPayees === null ? ['to: anybody'] : manyLines('to', allowedPayees.map(accountToText))),
    ...(allowedPurposes === null
      ? ['for: anything']
      : manyLines(
          'for',
          allowedPurposes.map((purpose) => JSON.stringify(purpose)),
        )),
    `powers: ${powers.length === 0 ? 'none' : powers.join(', ')}`,
    `on ledger: ${principalToText(terms.ledger)}`,
    `in force: ${renderTime(terms.notBeforeNs)} to ${renderTime(terms.expiresNs)}`,
  ];
}

function manyLines(word: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [`${word}: nobody and nothing`] : items.map((item) => `${word}: ${item}`);
}

const units: readonly (readonly [name: string, ns: bigint])[] = [
  ['day', 86_400_000_000_000n],
  ['hour', 3_600_000_000_000n],
  ['minute', 60_000_000_000n],
  ['second', 1_000_000_000n],
  ['nanosecond', 1n],
];

/** In the largest unit that says it exactly. */
function renderPeriod(periodNs: bigint): string {
  const [name, ns] = units.find(([, unitNs]) => periodNs % unitNs === 0n)!;
  const many = periodNs / ns;
  return many === 1n ? `1 ${name}` : `${many} ${name}s`;
}

function renderTime(timeNs: bigint): string {
  return new Date(Number(timeNs / 1_000_000n)).toISOString();
}
