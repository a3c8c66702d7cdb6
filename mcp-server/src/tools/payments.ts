// `pay`: from a machine's wallet, within this connection's mandate. The canister decides; what exceeds the mandate becomes a request
// that a person approves elsewhere.
import { assert } from '@tamc/base/assert';
import { ok, type Result, refuse } from '@tamc/base/result';
import { type Machine, type MandateReply, type PayReply, wordOf } from '@tamc/client';
import { type Account, accountToCandid } from '@tamc/protocol/account';
import { accountToText } from '@tamc/protocol/account-text';
import { hexToPrincipal, principalToHex } from '@tamc/protocol/principal';
import { z } from 'zod';
import { accountCharsMax, parseAccountText } from '../accounts.ts';
import { parseAmount, renderMoney, type Unit } from '../amounts.ts';
import { waitingFacts } from '../asked.ts';
import { found, machineId, openMachine, toProblem } from '../found.ts';
import { amount, type Money, readMoney, symbol } from '../money.ts';
import { defineWriteTool, type Facts, type Plan, type Problem } from '../tool.ts';
import type { Access } from '../world.ts';

const input = z.object({
  machine: machineId,
  to: z.string().max(accountCharsMax).describe('account or machine'),
  amount,
  purpose: z.string().min(1).max(64),
  symbol,
});
type Wanted = z.output<typeof input>;

interface Prepared {
  readonly wanted: Wanted;
  readonly mandates: readonly MandateReply[];
  readonly machine: Machine;
  readonly money: Money;
  readonly to: Account;
  readonly amount: bigint;
}

export const payTool = defineWriteTool({
  name: 'pay',
  title: 'Pay',
  description: "Pays from a machine's wallet under your mandate; beyond it, asks a person.",
  isDestructive: true,
  input,
  output: z.object({ status: z.string() }),
  plan: async (wanted, { access }) => {
    const prepared = await prepare(access, wanted);
    if (!prepared.ok) return prepared;
    const { mandates, money } = prepared.value;
    const own = mandates.find(
      ({ is_live, delegate, terms }) =>
        is_live && principalToHex(delegate) === access.connection.self && principalToHex(terms.ledger) === money.ledger,
    );
    return ok(planOf(prepared.value, own));
  },
  act: async ({ wanted, machine, money, to, amount }, { commandId }) => {
    const payment = { command_id: commandId, ledger: hexToPrincipal(money.ledger), to: accountToCandid(to), amount };
    const paid = await machine.pay({ ...payment, purpose: wanted.purpose });
    return found(paid, (reply) => replyFacts(reply, money));
  },
});

async function prepare(access: Access, wanted: Wanted): Promise<Result<Prepared, Problem>> {
  const machine = openMachine(access, wanted.machine);
  if (!machine.ok) return machine;
  const to = parseAccountText(wanted.to);
  if (!to.ok) return to;
  const [money, mandates] = await Promise.all([
    readMoney(access, machine.value, wanted.symbol),
    machine.value.mandates(),
  ]);
  if (!money.ok) return money;
  if (!mandates.ok) return refuse(toProblem(mandates.error));
  const parsed = parseAmount(wanted.amount, money.value);
  if (!parsed.ok) return parsed;
  const known = { wanted, machine: machine.value, money: money.value, mandates: mandates.value };
  return ok({ ...known, to: to.value, amount: parsed.value });
}

function planOf(prepared: Prepared, mandate: MandateReply | undefined): Plan<Prepared> {
  const { wanted, money, to, amount } = prepared;
  const paid = renderMoney(amount, money);
  const payee = accountToText(to);
  const fee = renderMoney(money.fee, money);
  return {
    prepared,
    summary: `Pay ${paid} (and a fee of ${fee}) from machine ${wanted.machine} to ${payee} for ${JSON.stringify(wanted.purpose)}.`,
    facts: { machine: wanted.machine, to: payee, amount: paid, ...mandateFacts(mandate, money) },
    needsConfirmation: mandate === undefined || amount > mandate.terms.ask_above,
  };
}

function mandateFacts(mandate: MandateReply | undefined, unit: Unit): Facts {
  if (mandate === undefined) return { mandate: null };
  return { mandate: mandate.mandate, asked_above: renderMoney(mandate.terms.ask_above, unit) };
}

function replyFacts(reply: PayReply, unit: Unit): Facts {
  if ('Waiting' in reply) {
    const { act } = reply.Waiting;
    assert('pay' in act, 'a payment waits as a payment');
    const { amount, reasons: because } = act.pay;
    return waitingFacts(reply.Waiting, { amount: renderMoney(amount, unit), because });
  }
  // The others come of an approval alone.
  assert('Paid' in reply || 'Pending' in reply, 'a payment is paid, pending or waiting');
  const { transfer, amount, fee, status } = 'Paid' in reply ? reply.Paid : reply.Pending;
  const facts = { transfer, amount: renderMoney(amount, unit), fee: renderMoney(fee, unit) };
  if ('paid' in status) return { status: 'paid', ...facts, block: status.paid.block };
  return {
    status: wordOf(status),
    ...facts,
    next: 'The ledger has not answered yet; the money is set aside. Repeat with the same command_id to see how it ended.',
  };
}
