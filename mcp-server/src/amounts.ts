// Amounts as people write them ("1.50"), and as ledgers count them. Nothing is rounded: what a ledger cannot hold is refused.
import { ok, type Result, refuse } from '@tamc/base/result';
import { amountMax } from '@tamc/protocol/ledger-answers';
import type { Problem } from './tool.ts';

export interface Unit {
  readonly symbol: string;
  readonly decimals: number;
}

export function renderAmount(units: bigint, { decimals }: Unit): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const [whole, part] = [digits.slice(0, digits.length - decimals), digits.slice(digits.length - decimals)];
  const shown = part.replace(/0+$/, '').padEnd(Math.min(2, decimals), '0');
  return `${units < 0n ? '-' : ''}${whole}${shown === '' ? '' : `.${shown}`}`;
}

export function renderMoney(units: bigint, unit: Unit): string {
  return `${renderAmount(units, unit)} ${unit.symbol}`;
}

export function parseAmount(text: string, { symbol, decimals }: Unit): Result<bigint, Problem> {
  const match = /^(\d{1,30})(?:\.(\d{1,38}))?$/.exec(text.trim());
  if (match === null)
    return refuse(wrong(`"${text.slice(0, 60)}" is no amount`, `Write it like "1.50", without a symbol.`));
  const [, whole = '', part = ''] = match;
  if (part.length > decimals) {
    return refuse(
      wrong(
        `amounts in ${symbol} have at most ${decimals} decimals, and ${text} has ${part.length}`,
        'Write fewer decimals.',
      ),
    );
  }
  return ok(BigInt(whole + part.padEnd(decimals, '0')));
}

/** Of what is paid or charged: nothing is no payment, and a ledger counts so far. */
export function parsePositive(text: string, unit: Unit, max = amountMax): Result<bigint, Problem> {
  const parsed = parseAmount(text, unit);
  if (!parsed.ok || (parsed.value > 0n && parsed.value <= max)) return parsed;
  const least = renderMoney(1n, unit);
  return refuse(
    wrong(`the amount must be at least ${least} and at most ${renderMoney(max, unit)}`, 'Correct the amount.'),
  );
}

function wrong(message: string, nextStep: string): Problem {
  return { code: 'AmountInvalid', message, nextStep };
}
