// `pay`: from a machine's wallet, within this connection's mandate. The canister decides; what exceeds the mandate becomes a request
// that a person approves elsewhere.

import { assert } from '@tamc/base/assert';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Machine, MachineViewReply, MandateReply, PayReply } from '@tamc/client';
import { wordOf } from '@tamc/client/candid-values';
import { type Account, accountToCandid } from '@tamc/protocol/account';
import { accountToText } from '@tamc/protocol/account-text';
import { mandateLimits } from '@tamc/protocol/mandate';
import { hexToPrincipal, parsePrincipal, principalToHex } from '@tamc/protocol/principal';
import { isPrintableLine } from '@tamc/protocol/printable';
import { z } from 'zod';
import { accountCharsMax, parseAccountText } from '../accounts.ts';
import { parsePositive, renderMoney, type Unit } from '../amounts.ts';
import { waitingFacts } from '../asked.ts';
import { found, machineId, openMachine } from '../found.ts';
import { amount, type Money, readMoney, symbol } from '../money.ts';
import { blockProblem, nameOf, readStanding, refuseFirst, type Standing } from '../standing.ts';
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
  readonly standing: Standing;
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
  plan: async (wanted, { access, isRepetition = false }) => {
    const prepared = await prepare(access, wanted);
    if (!prepared.ok) return prepared;
    const { standing, money, amount } = prepared.value;
    const own = standing.mandates.find(({ terms }) => principalToHex(terms.ledger) === money.ledger);
    if (own !== undefined && amount <= own.terms.ask_above) return ok(planOf(prepared.value, own, null));
    // Somebody is asked about what follows: not about what can only fail.
    const problems = [mandateProblem(standing, own), blockProblem(standing), fundsProblem(prepared.value)];
    const possible = refuseFirst(...(isRepetition ? [] : problems));
    return possible.ok ? ok(planOf(prepared.value, own, standing.view)) : possible;
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
  const [money, standing] = await Promise.all([
    readMoney(access, machine.value, wanted.symbol),
    readStanding(machine.value, access.connection.self),
  ]);
  if (!money.ok) return money;
  if (!standing.ok) return standing;
  if (to.value.owner === parsePrincipal(wanted.machine.trim())) return refuse(toSelf);
  if (!isPrintableLine(wanted.purpose, mandateLimits.purposeCharsMax)) return refuse(noPurpose);
  const parsed = parsePositive(wanted.amount, money.value);
  if (!parsed.ok) return parsed;
  const known = { wanted, machine: machine.value, money: money.value, standing: standing.value };
  return ok({ ...known, to: to.value, amount: parsed.value });
}

const toSelf: Problem = {
  code: 'PayeeIsSelf',
  message: 'a machine does not pay itself',
  nextStep: 'Give the account of somebody else in `to`.',
};
const noPurpose: Problem = {
  code: 'PurposeInvalid',
  message: `the purpose must be one line of 1 to ${mandateLimits.purposeCharsMax} printable characters`,
  nextStep: 'Say shortly what the payment is for.',
};

function mandateProblem({ view, isOperator }: Standing, own: MandateReply | undefined): Problem | null {
  if (isOperator || own !== undefined) return null;
  const nextStep = `Ask the operator ${view.operator.toText()} to grant one; nobody else can let you pay from its wallet.`;
  return { code: 'NoMandate', message: 'you have no mandate in force for this money of this machine', nextStep };
}

function fundsProblem({ amount, money }: Prepared): Problem | null {
  const needed = amount + money.fee;
  if (money.available >= needed) return null;
  const [there, wanted] = [renderMoney(money.available, money), renderMoney(needed, money)];
  const nextStep = 'Pay less, or have money sent to the machine.';
  return {
    code: 'FundsMissing',
    message: `its wallet has ${there} available, and this takes ${wanted} with the fee`,
    nextStep,
  };
}

function planOf(prepared: Prepared, mandate: MandateReply | undefined, view: MachineViewReply | null): Plan<Prepared> {
  const { wanted, money, to, amount } = prepared;
  const paid = renderMoney(amount, money);
  const payee = accountToText(to);
  const fee = renderMoney(money.fee, money);
  const isAsked = mandate !== undefined && amount > mandate.terms.ask_above;
  const called = view === null ? '' : `${nameOf(view)}, `;
  return {
    prepared,
    summary: `Pay ${paid} (and a fee of ${fee}) from ${called}machine ${wanted.machine} to ${payee} for ${JSON.stringify(wanted.purpose)}.${isAsked ? becomesRequest : ''}`,
    facts: { machine: wanted.machine, to: payee, amount: paid, ...mandateFacts(mandate, money) },
    needsConfirmation: mandate === undefined || isAsked,
  };
}

const becomesRequest =
  ' It is more than may be paid unasked: agreeing here only makes it a request, which the operator then approves or declines outside this chat.';

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
