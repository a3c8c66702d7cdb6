// `statement`: every unit that came, went or moved, with its purpose and counterparty.
import type { EntryReply } from '@tamc/client';
import { wordOf } from '@tamc/client/candid-values';
import { z } from 'zod';
import { renderAmount, type Unit } from '../amounts.ts';
import { fence } from '../fence.ts';
import { found, isoTime, machineId, openMachine, toProblem } from '../found.ts';
import { unitOf, unitsOf } from '../money.ts';
import { fitPage } from '../page.ts';
import { defineReadTool, type Facts } from '../tool.ts';

/** Some 250 bytes each. */
const limitMax = 50;

export const statementTool = defineReadTool({
  name: 'statement',
  title: 'Statement',
  description: 'The books of one machine: every change with time, purse, purpose, counterparty, block.',
  input: z.object({
    machine: machineId,
    cursor: z.number().int().min(0).max(4_000_000_000).optional(),
    limit: z.number().int().min(1).max(limitMax).optional(),
  }),
  output: z.object({ entries: z.array(z.looseObject({ number: z.number() })) }),
  read: async ({ machine: text, cursor = 0, limit = 20 }, { access }) => {
    const machine = openMachine(access, text);
    if (!machine.ok) return machine;
    const balances = await machine.value.balances();
    if (!balances.ok) return { ok: false, error: toProblem(balances.error) };
    const units = unitsOf(balances.value);
    return found(await machine.value.statement(cursor, limit), ({ entries, next: end }) => {
      const shown = fitPage(entries, (entry) => entryFacts(entry, unitOf(units, entry.ledger)));
      const next = (entries[shown.length - 1]?.number ?? end - 1) + 1;
      return { entries: shown, ...(next < end ? { cursor: next, next: `More follow: cursor ${next}.` } : {}) };
    });
  },
});

function entryFacts({ number, at_ns, purse, change, block, cause }: EntryReply, unit: Unit): Facts {
  const money = { change: renderAmount(change, unit), symbol: unit.symbol, purse: wordOf(purse) };
  return { number, at: isoTime(at_ns), ...money, block: block.toString(), ...causeFacts(cause, unit) };
}

/** What was sent left with the ledger's fee: told apart, so that the rest is what the other side received. */
function causeFacts(cause: EntryReply['cause'], unit: Unit): Facts {
  if ('receipt' in cause) return { cause: 'receipt', from: cause.receipt.from[0]?.owner.toText() ?? null };
  if ('held' in cause)
    return { cause: 'held for an order', order: cause.held.order, from: cause.held.from.owner.toText() };
  if ('moved' in cause) return { cause: `moved: ${wordOf(cause.moved.cause)}`, from_purse: wordOf(cause.moved.from) };
  const { to, cause: why, fee } = cause.sent;
  const purpose = 'payment' in why ? { purpose: fence(why.payment.purpose) } : {};
  return { cause: `sent: ${wordOf(why)}`, to: to.owner.toText(), fee: renderAmount(fee, unit), ...purpose };
}
