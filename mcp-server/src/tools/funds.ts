// `fund`: simulated money out of nothing, on a network where money is simulated.
import { ok, type Result, refuse } from '@tamc/base/result';
import { wordOf } from '@tamc/client/candid-values';
import { bindMachine } from '@tamc/client/machine';
import { bindRegistry } from '@tamc/client/registry';
import { accountToText } from '@tamc/protocol/account-text';
import { hexToPrincipal, principalToHex } from '@tamc/protocol/principal';
import { z } from 'zod';
import { accountCharsMax, parseAccountText } from '../accounts.ts';
import { parsePositive, renderMoney, type Unit } from '../amounts.ts';
import { allFound } from '../found.ts';
import { keeperProblem } from '../keeper.ts';
import { amount } from '../money.ts';
import { defineWriteTool, type Problem } from '../tool.ts';
import type { Access } from '../world.ts';

const input = z.object({ to: z.string().max(accountCharsMax).describe('account or machine'), amount });

export const fundTool = defineWriteTool({
  name: 'fund',
  title: 'Simulated money',
  description: 'Makes simulated money and gives it to an account. Only where money is simulated; it is worth nothing.',
  toolset: 'operate',
  input,
  output: z.object({ status: z.string() }),
  plan: async (wanted, { access, keeper }) => {
    const { funding } = keeper;
    if (funding === undefined) return refuse(keeperProblem('make money'));
    const to = parseAccountText(wanted.to);
    if (!to.ok) return to;
    const money = await readSimulatedMoney(access);
    if (!money.ok) return money;
    const units = parsePositive(wanted.amount, money.value);
    if (!units.ok) return units;
    const given = renderMoney(units.value, money.value);
    const payee = accountToText(to.value);
    const summary = `Make ${given} of simulated money and give it to ${payee}.`;
    const prepared = { funding, to: to.value, units: units.value, money: money.value, payee, given };
    return ok({ prepared, summary, facts: { to: payee, amount: given }, needsConfirmation: false });
  },
  act: async ({ funding, to, units, money, payee, given }, { access, commandId }) => {
    const block = await funding.fund(access, to, units, commandId);
    if (!block.ok) return block;
    // A machine books what it is told of; for any other account this is refused, and nothing is lost by it.
    const receipt = { ledger: hexToPrincipal(money.ledger), block: block.value };
    const booked = await bindMachine(access.connection, to.owner).announce_receipt(receipt);
    const facts = { to: payee, amount: given, block: block.value, simulated: true };
    return ok({ status: booked.ok ? 'funded_and_booked' : 'funded', ...facts });
  },
});

type Money = Unit & { readonly ledger: ReturnType<typeof principalToHex> };

async function readSimulatedMoney({ connection, registry }: Access): Promise<Result<Money, Problem>> {
  const bound = bindRegistry(connection, registry);
  const read = await allFound({ settings: bound.settings(), ledgers: bound.ledgers() });
  if (!read.ok) return read;
  const { settings, ledgers } = read.value;
  const network = wordOf(settings.network);
  if (network !== 'embedded' && network !== 'local') return refuse(isReal);
  const home = ledgers.find((one) => one.home)?.ledger;
  if (home === undefined) return refuse(noMoney);
  return ok({ ledger: principalToHex(home.id), symbol: home.symbol, decimals: home.decimals });
}

const isReal: Problem = {
  code: 'MoneyIsReal',
  message: 'money on this network is not simulated',
  nextStep: 'Ask the person to send money to the account.',
};
const noMoney: Problem = {
  code: 'NoHomeLedger',
  message: 'this network has no ledger of its own yet',
  nextStep: 'Deploy first.',
};
