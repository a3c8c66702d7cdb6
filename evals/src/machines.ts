// What machines of a trial are born with, cost, and allow an assistant: plain values.
import type { TariffTerms } from '@tamc/client';
import type { CandidMandateTerms } from '@tamc/protocol/mandate';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import type { CandidBirthArgs } from '@tamc/protocol/registry-candid';
import { thingContexts } from '@tamc/protocol/thing';
import type { Unit } from '@tamc/protocol/use';

/** Minor units of one simulated dollar. */
export const dollar = 1_000_000n;

const hourNs = 3_600_000_000_000n;

export interface NewMachine {
  /** Its model on the network, as it was given by whoever brought it to life. */
  readonly name: string;
  readonly kind: string;
  readonly actions?: readonly string[];
  readonly place?: string;
}

export function birthOf({ name, kind, actions = [], place = 'eyckpp' }: NewMachine): CandidBirthArgs {
  const thing = JSON.stringify({
    '@context': thingContexts[0],
    title: kind,
    securityDefinitions: { none: { scheme: 'nosec' } },
    security: 'none',
    actions: Object.fromEntries(actions.map((action) => [action, { forms: [{ href: action }] }])),
  });
  return { operator: [], kind, make: 'Simulated', model: name, place, thing, charter: '' };
}

export interface Use {
  readonly price: bigint;
  readonly unit?: Unit;
}

export function tariffOf(ledger: PrincipalHex, { price, unit = 'use' }: Use): TariffTerms {
  return {
    ledger: hexToPrincipal(ledger),
    unit: { [unit]: null },
    price,
    quantity_max: 10n,
    deadline_ns: 3n * hourNs,
    orders_at_once: 1,
  };
}

/** What `npm start` gives the assistant of an owner: twenty a day, asked above five, all powers. */
export function assistantTerms(ledger: PrincipalHex, nowNs: bigint): CandidMandateTerms {
  return {
    label: 'assistant',
    ledger: hexToPrincipal(ledger),
    amount_range: { min: 0n, max: 20n * dollar },
    budget: { amount: 20n * dollar, period_ns: 24n * hourNs },
    agent_recurrence: 100,
    allowed_payees: { any: null },
    allowed_purposes: { any: null },
    not_before_ns: nowNs - hourNs,
    expires_ns: nowNs + 365n * 24n * hourNs,
    reserve_floor: 0n,
    ask_above: 5n * dollar,
    powers: ['command', 'control', 'tariff', 'enrol', 'describe'],
  };
}

/** As people write it. */
export function renderDollars(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(7, '0');
  const cents = digits.slice(-6).replace(/0{0,4}$/, '');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -6)}.${cents}`;
}
