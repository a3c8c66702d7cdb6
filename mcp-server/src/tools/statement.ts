// `statement`: every unit that came, went or moved, with its purpose and counterparty.
import { type EntryReply, wordOf } from '@tamc/client';
import { z } from 'zod';
import { renderAmount } from '../amounts.ts';
import { fence } from '../fence.ts';
import { found, isoTime, machineId, openMachine, toProblem } from '../found.ts';
import { unitOf, unitsOf } from '../money.ts';
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
    return found(await machine.value.statement(cursor, limit), ({ entries, next }) => {
      const last = entries.at(-1)?.number ?? next - 1;
      return {
        entries: entries.map(({ number, at_ns, ledger, purse, change, block, cause }) => {
          const unit = unitOf(units, ledger);
          const money = { change: renderAmount(change, unit), symbol: unit.symbol, purse: wordOf(purse) };
          return { number, at: isoTime(at_ns), ...money, block: block.toString(), ...causeFacts(cause) };
        }),
        ...(last + 1 < next ? { cursor: last + 1, next: `More follow: cursor ${last + 1}.` } : {}),
      };
    });
  },
});

function causeFacts(cause: EntryReply['cause']): Facts {
  if ('receipt' in cause) return { cause: 'receipt', from: cause.receipt.from[0]?.owner.toText() ?? null };
  if ('held' in cause)
    return { cause: 'held for an order', order: cause.held.order, from: cause.held.from.owner.toText() };
  if ('moved' in cause) return { cause: `moved: ${wordOf(cause.moved.cause)}`, from_purse: wordOf(cause.moved.from) };
  const { to, cause: why } = cause.sent;
  const purpose = 'payment' in why ? { purpose: fence(why.payment.purpose) } : {};
  return { cause: `sent: ${wordOf(why)}`, to: to.owner.toText(), ...purpose };
}
