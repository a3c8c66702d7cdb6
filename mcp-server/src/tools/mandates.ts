// `set_mandate`: what a delegate may spend and do on a machine. Only its operator gives, changes or takes one; for a delegate the same
// wish becomes a request to that operator.

import { ok, type Result, refuse } from '@tamc/base/result';
import type { Machine, MandateReply } from '@tamc/client';
import { readMandates } from '@tamc/client/machine-wallet';
import type { CandidMandateTerms } from '@tamc/protocol/mandate';
import { powers } from '@tamc/protocol/powers';
import { hexToPrincipal, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { isPrintableLine } from '@tamc/protocol/printable';
import { requestLimits } from '@tamc/protocol/request';
import { z } from 'zod';
import { accountCharsMax } from '../accounts.ts';
import { renderMoney } from '../amounts.ts';
import { waitingFacts } from '../asked.ts';
import { found, isoTime, machineId, openMachine, parseId, toProblem } from '../found.ts';
import { hourNs, termsOf } from '../mandate-terms.ts';
import { amount, type Money, readMoney, symbol } from '../money.ts';
import { readStanding, type Standing } from '../standing.ts';
import { defineWriteTool, type Facts, type Found, type Problem, type ToolContext } from '../tool.ts';
import type { Access } from '../world.ts';

const input = z.object({
  machine: machineId,
  delegate: z.string().max(63),
  revoke: z.boolean().optional(),
  powers: z.array(z.enum(powers)).max(5).optional(),
  budget: amount.optional(),
  every_hours: z.number().int().min(1).max(8_784).optional(),
  ask_above: amount.optional(),
  payees: z.array(z.string().max(accountCharsMax)).max(50).optional(),
  days: z.number().int().min(1).max(1_095).optional(),
  reason: z.string().max(256).optional(),
  symbol,
});
type Wanted = z.output<typeof input>;

interface Prepared {
  readonly does: 'grant' | 'revoke' | 'ask';
  readonly reason: string;
  readonly machine: Machine;
  readonly delegate: PrincipalHex;
  readonly money: Money;
  readonly terms: CandidMandateTerms;
  /** Of this delegate on this ledger, when it was planned. */
  readonly former: MandateReply | null;
}

export const setMandateTool = defineWriteTool({
  name: 'set_mandate',
  title: 'Give, change or revoke a mandate',
  description:
    'What a delegate may spend and do: the operator gives it, others ask. Unset stays as it was, at first nothing.',
  isDestructive: true,
  input,
  output: z.object({ status: z.string() }),
  plan: async (wanted, { access }) => {
    const prepared = await prepare(access, wanted);
    if (!prepared.ok) return prepared;
    const { does } = prepared.value;
    const facts = does === 'revoke' ? {} : termsFacts(prepared.value);
    const summary = `${verbs[does]} ${wanted.delegate} on machine ${wanted.machine}.`;
    // Taking power away needs no second thought, and asking for it is decided by a person.
    const needsConfirmation = does === 'grant';
    return ok({ prepared: prepared.value, summary, facts: { machine: wanted.machine, ...facts }, needsConfirmation });
  },
  act: (prepared, context) => acts[prepared.does](prepared, context),
});

const verbs: Readonly<Record<Prepared['does'], string>> = {
  grant: 'Give a mandate to',
  revoke: 'Revoke the mandate of',
  ask: 'Ask the operator for a mandate for',
};

const acts: Readonly<Record<Prepared['does'], (prepared: Prepared, context: ToolContext) => Found>> = {
  grant,
  revoke,
  ask,
};

async function prepare(access: Access, wanted: Wanted): Promise<Result<Prepared, Problem>> {
  const machine = openMachine(access, wanted.machine);
  if (!machine.ok) return machine;
  const delegate = parseId(wanted.delegate, 'delegate');
  if (!delegate.ok) return delegate;
  const money = await readMoney(access, machine.value, wanted.symbol);
  if (!money.ok) return money;
  const [standing, mandates] = await Promise.all([
    readStanding(machine.value, access.connection.self),
    readMandates(machine.value),
  ]);
  if (!standing.ok) return standing;
  if (!mandates.ok) return refuse(toProblem(mandates.error));
  const former = formerOf(mandates.value, delegate.value, money.value.ledger);
  const terms = termsOf(wanted, former?.terms ?? null, money.value, access.nowNs());
  if (!terms.ok) return terms;
  const { reason = '' } = wanted;
  const does = wayOf(standing.value, wanted.revoke === true, reason);
  if (!does.ok) return does;
  const parsed = { delegate: delegate.value, money: money.value, terms: terms.value, former };
  return ok({ does: does.value, reason, machine: machine.value, ...parsed });
}

/** The canister decides the same; here it spares a plan that could not be carried out. */
function wayOf(standing: Standing, isRevoked: boolean, reason: string): Result<Prepared['does'], Problem> {
  if (standing.isOperator) return ok(isRevoked ? 'revoke' : 'grant');
  if (isRevoked) return refuse(notRevocable);
  if (standing.mandates.length === 0) return refuse(notDelegate(standing));
  return isPrintableLine(reason, requestLimits.reasonCharsMax) ? ok('ask') : refuse(noReason);
}

function notDelegate({ view }: Standing): Problem {
  return {
    code: 'NotDelegate',
    message: 'only a delegate with a mandate in force may ask for one',
    nextStep: `Let the operator ${view.operator.toText()} grant a mandate first.`,
  };
}

const noReason: Problem = {
  code: 'ReasonInvalid',
  message: 'who asks for a mandate gives a reason: one printable line',
  nextStep: 'Say shortly in `reason` what it is needed for: the operator decides by it.',
};

const notRevocable: Problem = {
  code: 'NotOperator',
  message: 'only the operator of a machine takes a mandate away',
  nextStep: 'Ask the person who has that key to do it outside this chat.',
};

/** One per delegate and ledger. */
function formerOf(
  mandates: readonly MandateReply[],
  delegate: PrincipalHex,
  ledger: PrincipalHex,
): MandateReply | null {
  const isTheirs = ({ delegate: who, terms }: MandateReply) =>
    principalToHex(who) === delegate && principalToHex(terms.ledger) === ledger;
  return mandates.find(isTheirs) ?? null;
}

function termsFacts({ terms, money }: Prepared): Facts {
  return {
    powers: terms.powers,
    budget: renderMoney(terms.budget.amount, money),
    every_hours: Number(terms.budget.period_ns / hourNs),
    ask_above: renderMoney(terms.ask_above, money),
    payees: 'any' in terms.allowed_payees ? 'anybody' : terms.allowed_payees.only.length,
    until: isoTime(terms.expires_ns),
  };
}

async function grant(prepared: Prepared, { commandId }: ToolContext): Found {
  const { machine, delegate, terms } = prepared;
  const granted = await machine.grant_mandate({ command_id: commandId, delegate: hexToPrincipal(delegate), terms });
  if (!granted.ok) return refuse(toProblem(granted.error));
  return ok({ status: 'given', mandate: granted.value.mandate, ...termsFacts(prepared) });
}

async function ask(prepared: Prepared, { commandId }: ToolContext): Found {
  const { machine, delegate, terms, reason } = prepared;
  const act = { grant_mandate: { delegate: hexToPrincipal(delegate), terms } };
  const asked = await machine.ask({ command_id: commandId, act, reason });
  return found(asked, (request) => waitingFacts(request, termsFacts(prepared)));
}

async function revoke({ machine, former }: Prepared): Found {
  if (former === null) return ok({ status: 'none', next: 'There was no mandate to revoke.' });
  const { mandate } = former;
  const revoked = await machine.revoke_mandate({ mandate });
  return revoked.ok ? ok({ status: 'revoked', mandate }) : refuse(toProblem(revoked.error));
}
