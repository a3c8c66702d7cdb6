// `order`: a paid use, as a customer. The money is this connection's own. The number of the tariff is part of the order, and a
// tariff never changes under its number: what was planned is what is paid.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Machine, OrderReply, TariffReply } from '@tamc/client';
import { wordOf } from '@tamc/client/candid-values';
import { bindLedger } from '@tamc/client/ledger';
import { accountOf } from '@tamc/protocol/account';
import { principalToHex } from '@tamc/protocol/principal';
import { z } from 'zod';
import { renderMoney, type Unit } from '../amounts.ts';
import { found, isoTime, machineId, openMachine, parseId, toProblem } from '../found.ts';
import { unitOf, unitsOf } from '../money.ts';
import { blockProblem, deviceProblem, nameOf, refuseFirst, standingOf } from '../standing.ts';
import { defineWriteTool, type Facts, type Found, type Problem, type ToolContext } from '../tool.ts';
import type { Access } from '../world.ts';

const input = z.object({
  machine: machineId,
  tariff: z.number().int().min(0).max(4_000_000_000).describe('its number'),
  quantity: z.number().int().min(1).max(1_000_000),
});
type Wanted = z.output<typeof input>;

interface Prepared {
  readonly wanted: Wanted;
  /** By its model, for who is asked. */
  readonly called: string;
  readonly machine: Machine;
  readonly tariff: TariffReply;
  readonly unit: Unit;
  /** What the machine will hold until it knows what was used. */
  readonly hold: bigint;
}

/** The machine pulls at once; what it did not pull by then it may not. */
const allowanceNs = 600_000_000_000n;

export const orderTool = defineWriteTool({
  name: 'order',
  title: 'Order a use',
  description: 'Orders a use of a machine and pays from your own account; what is not used is refunded.',
  input,
  output: z.object({ status: z.string() }),
  plan: async (wanted, { access, isRepetition = false }) => {
    const prepared = await prepare(access, wanted, isRepetition);
    if (!prepared.ok) return prepared;
    const { tariff, unit, hold, called } = prepared.value;
    const price = `${renderMoney(tariff.price, unit)} per ${wordOf(tariff.unit)}`;
    const held = renderMoney(hold, unit);
    const summary = `Order ${wanted.quantity} × ${wordOf(tariff.unit)} of ${called}, machine ${wanted.machine}, at ${price}: ${held} is held from your account.`;
    return ok({
      prepared: prepared.value,
      summary,
      facts: { machine: wanted.machine, price, hold: held },
      needsConfirmation: true,
    });
  },
  act: orderUse,
});

async function prepare(access: Access, wanted: Wanted, isRepetition: boolean) {
  const { machine: text, tariff: number, quantity } = wanted;
  const machine = openMachine(access, text);
  if (!machine.ok) return machine;
  const read = await machine.value.overview({ commands: 0 });
  if (!read.ok) return refuse(toProblem(read.error));
  const { balances, machine: view } = read.value;
  const [tariff] = read.value.tariff;
  if (tariff?.tariff !== number) return refuse(otherTariff(tariff));
  if (BigInt(quantity) > tariff.quantity_max) return refuse(tooMany(tariff));
  const standing = standingOf(read.value, access.connection.self);
  const busy = view.running_orders >= tariff.orders_at_once ? busyProblem(tariff) : null;
  const possible = refuseFirst(...(isRepetition ? [] : [blockProblem(standing), deviceProblem(standing), busy]));
  if (!possible.ok) return possible;
  const hold = tariff.price * BigInt(quantity) + 2n * tariff.fee;
  const unit = unitOf(unitsOf(balances), tariff.ledger);
  const short = isRepetition ? null : await fundsProblem(access, tariff, hold, unit);
  if (short !== null) return refuse(short);
  const prepared: Prepared = {
    wanted,
    called: nameOf(view),
    machine: machine.value,
    tariff,
    unit,
    hold,
  };
  return ok(prepared);
}

/** What the machine holds, and the fee of the approval and of its pull. */
async function fundsProblem(
  { connection }: Access,
  { ledger, fee }: TariffReply,
  hold: bigint,
  unit: Unit,
): Promise<Problem | null> {
  const needed = hold + 2n * fee;
  const balance = await bindLedger(connection, principalToHex(ledger)).balanceOf(accountOf(connection.self));
  if (!balance.ok) return toProblem(balance.error);
  if (balance.value >= needed) return null;
  const [there, wanted] = [renderMoney(balance.value, unit), renderMoney(needed, unit)];
  const nextStep = 'Order less, or ask the person to send money to your account: `network` says who you are.';
  return {
    code: 'FundsMissing',
    message: `your account has ${there}, and this takes ${wanted} with the fees`,
    nextStep,
  };
}

function busyProblem({ orders_at_once }: TariffReply): Problem {
  const message = `this machine serves ${orders_at_once} at once, and as many are under way`;
  return { code: 'MachineBusy', message, nextStep: 'Try again when one has ended, or take another machine.' };
}

function tooMany({ quantity_max, unit }: TariffReply): Problem {
  const message = `one order is for at most ${quantity_max} × ${wordOf(unit)}`;
  return { code: 'QuantityInvalid', message, nextStep: 'Order less.' };
}

function otherTariff(tariff: TariffReply | undefined): Problem {
  if (tariff === undefined) {
    return { code: 'NoTariff', message: 'this machine has no tariff', nextStep: 'Nobody can order from it now.' };
  }
  const nextStep = 'Read the machine again, and order under that number if the price is still right.';
  return { code: 'TariffChanged', message: `the tariff in force is number ${tariff.tariff}`, nextStep };
}

async function orderUse(prepared: Prepared, { access, commandId, isRepetition = false }: ToolContext): Found {
  const { machine, unit, wanted } = prepared;
  const approved = await approve(access, prepared);
  // An order that is there was paid for: no money is left to approve another, and none is needed to be told of it.
  if (!approved.ok && !(isRepetition && approved.error.code === 'InsufficientFunds')) return approved;
  const order = { command_id: commandId, tariff: wanted.tariff, quantity: BigInt(wanted.quantity) };
  return found(await machine.order({ ...order, subaccount: [] }), (placed) => orderFacts(placed, unit));
}

/** Just what it will pull, and for minutes only: an allowance that is left over is gone by itself. */
async function approve(
  { connection, nowNs }: Access,
  { wanted, tariff, hold }: Prepared,
): Promise<Result<void, Problem>> {
  const machine = parseId(wanted.machine, 'machine');
  if (!machine.ok) return machine;
  const approval = {
    spender: accountOf(machine.value),
    amount: hold + tariff.fee,
    expiresNs: nowNs() + allowanceNs,
    createdNs: nowNs(),
  };
  const approved = await bindLedger(connection, principalToHex(tariff.ledger)).approve(approval);
  return approved.ok ? ok(undefined) : refuse(toProblem(approved.error));
}

function orderFacts(placed: OrderReply, unit: Unit): Facts {
  return {
    status: wordOf(placed.status),
    order: placed.order,
    quantity: placed.quantity,
    per: wordOf(placed.unit),
    hold: renderMoney(placed.hold, unit),
    until: placed.deadline_ns.map(isoTime)[0] ?? null,
    next: 'The device has been told to start. Look at the machine for how the order ends; what is not used comes back.',
  };
}
