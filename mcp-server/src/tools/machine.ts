// `machine`: one machine in depth, in one query; what strangers wrote is fenced.
import { ok, refuse } from '@tamc/base/result';
import type {
  BalanceReply,
  ConditionReply,
  DeviceReply,
  IdentityReply,
  Machine,
  MachineViewReply,
  MandateReply,
  OrderReply,
  TariffReply,
} from '@tamc/client';
import { wordOf } from '@tamc/client/candid-values';
import { verdicts } from '@tamc/protocol/condition';
import { z } from 'zod';
import { renderAmount, renderMoney, type Unit } from '../amounts.ts';
import { fence, fenceUnlessWord } from '../fence.ts';
import { isoTime, machineId, openMachine, toProblem } from '../found.ts';
import { unitOf, unitsOf } from '../money.ts';
import { defineReadTool, type Facts, type Found } from '../tool.ts';
import { commandFacts } from './commands.ts';

type Units = ReturnType<typeof unitsOf>;

export const machineTool = defineReadTool({
  name: 'machine',
  title: 'One machine',
  description: 'One machine in depth: state, condition, devices, tariff, balances, orders, your mandate.',
  input: z.object({ machine: machineId }),
  output: z.object({ id: z.string(), state: z.string() }),
  read: async ({ machine: text }, { access }) => {
    const machine = openMachine(access, text);
    return machine.ok ? await readMachine(machine.value, text) : machine;
  },
});

/**
 * How much is shown of what devices and strangers fill: together below what an answer holds, whatever they write. The worst parts
 * come first. Orders are those among the newest commands, as their cause.
 */
const shown = { commands: 4, parts: 8, devices: 8, actions: 24, reasonChars: 60 } as const;
const verdictsWorstFirst: readonly string[] = [...verdicts].reverse();

async function readMachine(machine: Machine, id: string): Found {
  const read = await machine.overview({ commands: shown.commands });
  if (!read.ok) return refuse(toProblem(read.error));
  const { machine: view, identity, condition, tariff, balances, own_mandates, commands, orders } = read.value;
  const units = unitsOf(balances);
  return ok({
    id,
    state: stateOf(view),
    ...describe(identity),
    devices: view.devices.slice(0, shown.devices).map(deviceFacts),
    device_count: view.devices.length,
    control: view.lease.map(({ holder, ends_ns }) => ({ holder: holder.toText(), until: isoTime(ends_ns) }))[0] ?? null,
    condition: worstFirst(condition).slice(0, shown.parts).map(conditionFacts),
    part_count: condition.length,
    open_commands: view.open_commands,
    commands: commands.map(commandFacts),
    open_orders: view.open_orders,
    orders: orders.map((order) => orderFacts(order, unitOf(units, order.ledger))),
    tariff: tariff.map((terms) => tariffFacts(terms, units))[0] ?? null,
    balances: balances.map(balanceFacts),
    your_mandate: own_mandates.map((mandate) => mandateFacts(mandate, units)),
  });
}

function orderFacts(order: OrderReply, unit: Unit): Facts {
  const { used, refund_reason, captured, refunded } = order;
  return {
    order: order.order,
    status: wordOf(order.status),
    customer: order.customer.owner.toText(),
    quantity: order.quantity,
    used: used[0] ?? null,
    paid: renderMoney(captured, unit),
    refunded: renderMoney(refunded, unit),
    ...(refund_reason[0] === undefined ? {} : { refund_reason: fence(refund_reason[0], shown.reasonChars) }),
  };
}

function worstFirst(condition: readonly ConditionReply[]): readonly ConditionReply[] {
  const rank = ({ verdict }: ConditionReply) => verdictsWorstFirst.indexOf(wordOf(verdict));
  return condition.toSorted((a, b) => rank(a) - rank(b));
}

function deviceFacts({ device, label, last_report_ns: [last] }: DeviceReply): Facts {
  return { device, label: fence(label), last_report: last === undefined ? null : isoTime(last) };
}

function conditionFacts({ part, verdict, wear_ppm, fault, confidence_ppm, at_ns }: ConditionReply): Facts {
  return {
    part: fence(part),
    verdict: wordOf(verdict),
    wear: wear_ppm.map(share)[0] ?? null,
    fault: fault.map((text) => fence(text, shown.reasonChars))[0] ?? null,
    confidence: share(confidence_ppm),
    at: isoTime(at_ns),
  };
}

const share = (ppm: number) => ppm / 1_000_000;

function tariffFacts({ tariff, ledger, unit: per, price, quantity_max }: TariffReply, units: Units): Facts {
  const unit = unitOf(units, ledger);
  return {
    number: tariff,
    per: wordOf(per),
    price: renderAmount(price, unit),
    symbol: unit.symbol,
    most: quantity_max,
  };
}

function balanceFacts({ purse, booked, available, symbol, decimals }: BalanceReply): Facts {
  const unit = { symbol, decimals };
  return {
    purse: wordOf(purse),
    booked: renderAmount(booked, unit),
    available: renderAmount(available, unit),
    symbol,
  };
}

function stateOf({ stopped, frozen, quiet }: MachineViewReply): string {
  const [stop] = stopped;
  if (stop !== undefined) return `stopped since ${isoTime(stop.since_ns)}: ${fence(stop.reason)}`;
  if (frozen) return 'frozen: it saves its last cycles; send it money, then it tops up';
  return quiet ? 'quiet: an upgrade is being prepared' : 'working';
}

function describe({ kind, make, model, place, operator, actions, version, born_ns }: IdentityReply): Facts {
  return {
    kind: fenceUnlessWord(kind),
    make: fence(make),
    model: fence(model),
    place: fenceUnlessWord(place),
    operator: operator.toText(),
    actions: actions.slice(0, shown.actions).map(fenceUnlessWord),
    version,
    born: isoTime(born_ns),
  };
}

function mandateFacts({ mandate, terms, spent, payments }: MandateReply, units: Units): Facts {
  const unit = unitOf(units, terms.ledger);
  return {
    mandate,
    powers: terms.powers,
    budget: renderMoney(terms.budget.amount, unit),
    period_hours: Number(terms.budget.period_ns / 3_600_000_000_000n),
    spent: renderMoney(spent, unit),
    payments,
    ask_above: renderMoney(terms.ask_above, unit),
    payees: 'any' in terms.allowed_payees ? 'anybody' : terms.allowed_payees.only.length,
    until: isoTime(terms.expires_ns),
  };
}
