// The money of one machine: on which ledger, in which unit. Read from the machine itself, so that what is shown and what is meant
// are what the machine counts in.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { BalanceReply, Machine } from '@tamc/client';
import { bindRegistry } from '@tamc/client/registry';
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { z } from 'zod';
import type { Unit } from './amounts.ts';
import { toProblem } from './found.ts';
import type { Problem } from './tool.ts';
import type { Access } from './world.ts';

export interface Money extends Unit {
  readonly ledger: PrincipalHex;
  readonly fee: bigint;
  /** In the machine's main purse; what is pending or held does not count. */
  readonly available: bigint;
}

/** Left out: the home ledger's. */
export const symbol = z.string().max(16).optional();

/** "1.50". */
export const amount = z.string().max(70);

/** A ledger that the machine does not know shows its minor units. */
export function unitOf(units: ReadonlyMap<string, Unit>, ledger: { toText(): string }): Unit {
  return units.get(ledger.toText()) ?? { symbol: ledger.toText(), decimals: 0 };
}

export function unitsOf(balances: readonly BalanceReply[]): ReadonlyMap<string, Unit> {
  return new Map(balances.map(({ ledger, symbol, decimals }) => [ledger.toText(), { symbol, decimals }]));
}

/** Two ledgers may call themselves the same: then only the home ledger is meant by the symbol. */
export async function readMoney(
  access: Access,
  machine: Machine,
  wanted: string | undefined,
): Promise<Result<Money, Problem>> {
  const balances = await machine.balances();
  if (!balances.ok) return refuse(toProblem(balances.error));
  const own = balances.value.filter(({ purse }) => 'main' in purse).map(balanceToMoney);
  const matching = own.filter((one) => wanted === undefined || one.symbol === wanted);
  const [only] = matching;
  if (only === undefined) return refuse(noMoney(wanted, own));
  if (matching.length === 1) return ok(only);
  const home = await readHome(access);
  if (!home.ok) return home;
  const chosen = matching.find(({ ledger }) => ledger === home.value);
  return chosen === undefined ? refuse(noMoney(wanted, own)) : ok(chosen);
}

async function readHome({ connection, registry }: Access): Promise<Result<PrincipalHex | null, Problem>> {
  const ledgers = await bindRegistry(connection, registry).ledgers();
  if (!ledgers.ok) return refuse(toProblem(ledgers.error));
  const home = ledgers.value.find((one) => one.home);
  return ok(home === undefined ? null : principalToHex(home.ledger.id));
}

function balanceToMoney({ ledger, symbol, decimals, fee, available }: BalanceReply): Money {
  return { ledger: principalToHex(ledger), symbol, decimals, fee, available };
}

function noMoney(wanted: string | undefined, own: readonly { readonly symbol: string }[]): Problem {
  const known = own.map((one) => one.symbol).join(', ');
  const message = `this machine has no one account in "${(wanted ?? 'the home ledger').slice(0, 20)}"`;
  return { code: 'SymbolUnknown', message, nextStep: `Use one of: ${known}.` };
}
