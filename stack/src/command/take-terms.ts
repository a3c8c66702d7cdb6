// `tamc machine MACHINE terms`: the owner has a machine take over the ledgers and the seller of cycles that its registry has now.
import { bindMachine, type MoneyTermsTakenReply } from '@tamc/client';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { harmless } from '../show/cells.ts';
import type { TownMachine } from '../town/read-town.ts';
import { unsealAsOwner } from './as-owner.ts';
import { failureOf, type Watched } from './look.ts';

export async function takeTerms(watched: Watched, { id, name }: TownMachine, isJson: boolean): Promise<number> {
  const machine = bindMachine(await watched.as(await unsealAsOwner(watched.people)), id);
  const taken = await machine.take_money_terms();
  if (!taken.ok) throw failureOf(taken.error);
  if (isJson) {
    console.log(JSON.stringify(takenToJson(id, taken.value)));
    return 0;
  }
  const balances = await machine.balances();
  if (!balances.ok) throw failureOf(balances.error);
  const symbols = new Map(balances.value.map(({ ledger, symbol }) => [ledger.toText(), symbol]));
  for (const line of renderTaken(harmless(name), taken.value, symbols)) console.log(line);
  return 0;
}

function takenToJson(id: PrincipalHex, { ledgers, compute, left }: MoneyTermsTakenReply) {
  const [seller] = Object.keys(compute);
  return {
    machine: principalToText(id),
    ledgers: ledgers.map((ledger) => ledger.toText()),
    compute: seller,
    left: left.map(({ message, next_step: next }) => ({ message, next })),
  };
}

export function renderTaken(
  name: string,
  { ledgers, compute, left }: MoneyTermsTakenReply,
  symbols: ReadonlyMap<string, string>,
): readonly string[] {
  const named = ledgers.map((ledger) => `${harmless(symbols.get(ledger.toText()) ?? '')} (${ledger.toText()})`.trim());
  const news = named.length === 0 ? 'has every ledger that is in use' : `can be paid on ${named.join(', ')} now`;
  return [
    `${name} ${news}; ${sellerText(compute)}.`,
    ...left.flatMap(({ message, next_step }) => [`Left: ${harmless(message)}.`, `  → ${harmless(next_step)}.`]),
  ];
}

function sellerText(compute: MoneyTermsTakenReply['compute']): string {
  if ('simulated_desk' in compute)
    return `it buys cycles at the simulated desk ${compute.simulated_desk.desk.toText()}`;
  if ('minting_canister' in compute)
    return `it buys cycles at the minting canister ${compute.minting_canister.cmc.toText()}`;
  return 'it buys no cycles';
}
