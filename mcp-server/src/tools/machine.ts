// `machine`: one machine in depth. Every part is asked for at once; what strangers wrote is fenced.
import { ok } from '@tamc/base/result';
import type { Machine } from '@tamc/client';
import { z } from 'zod';
import { renderAmount } from '../amounts.ts';
import { fence } from '../fence.ts';
import { isoTime, machineId, openMachine, toProblem } from '../found.ts';
import { defineReadTool, type Facts } from '../tool.ts';

export const machineTool = defineReadTool({
  name: 'machine',
  title: 'One machine',
  description: 'One machine in depth: state, condition, devices, tariff, balances, orders, your mandate.',
  input: z.object({ machine: machineId }),
  output: z.object({ id: z.string(), state: z.string() }),
  read: async ({ machine: text }, { access }) => {
    const machine = openMachine(access, text);
    return machine.ok ? await readMachine(machine.value, text, access.connection.self) : machine;
  },
});

async function readMachine(machine: Machine, id: string, self: string) {
  const [view, identity, condition, tariff, balances, mandates] = await Promise.all([
    machine.machine(),
    machine.identity(),
    machine.condition(),
    machine.tariff(),
    machine.balances(),
    machine.mandates(),
  ]);
  for (const part of [view, identity, condition, tariff, balances, mandates]) {
    if (!part.ok) return { ok: false as const, error: toProblem(part.error) };
  }
  if (!view.ok || !identity.ok || !condition.ok || !tariff.ok || !balances.ok || !mandates.ok)
    throw new Error('seen above');
  const units = new Map(balances.value.map(({ ledger, symbol, decimals }) => [ledger.toText(), { symbol, decimals }]));
  const facts: Facts = {
    id,
    state: stateOf(view.value),
    ...describe(identity.value),
    devices: view.value.devices.map(({ device, label, last_report_ns: [last] }) => ({
      device,
      label: fence(label),
      last_report: last === undefined ? null : isoTime(last),
    })),
    control:
      view.value.lease.map(({ holder, ends_ns }) => ({ holder: holder.toText(), until: isoTime(ends_ns) }))[0] ?? null,
    open_orders: view.value.open_orders,
    open_commands: view.value.open_commands,
    condition: condition.value.map((part) => ({
      part: fence(part.part),
      verdict: Object.keys(part.verdict)[0],
      wear: part.wear_ppm.map((ppm) => ppm / 1_000_000)[0] ?? null,
      fault: part.fault.map((fault) => fence(fault))[0] ?? null,
      confidence: part.confidence_ppm / 1_000_000,
      at: isoTime(part.at_ns),
    })),
    tariff:
      tariff.value.map((terms) => {
        const unit = units.get(terms.ledger.toText());
        return {
          number: terms.tariff,
          per: Object.keys(terms.unit)[0],
          price: unit === undefined ? terms.price.toString() : renderAmount(terms.price, unit),
          symbol: unit?.symbol,
          most: terms.quantity_max.toString(),
        };
      })[0] ?? null,
    balances: balances.value.map(({ purse, booked, available, symbol, decimals }) => ({
      purse: Object.keys(purse)[0],
      booked: renderAmount(booked, { symbol, decimals }),
      available: renderAmount(available, { symbol, decimals }),
      symbol,
    })),
    your_mandate: mandates.value
      .filter(({ delegate, is_live }) => is_live && hexOf(delegate) === self)
      .map(renderMandate),
  };
  return ok(facts);
}

type Reply<N extends keyof Machine> =
  Awaited<ReturnType<Machine[N]>> extends infer R ? (R extends { ok: true; value: infer V } ? V : never) : never;

function stateOf({ stopped, frozen, quiet }: Reply<'machine'>): string {
  const [stop] = stopped;
  if (stop !== undefined) return `stopped since ${isoTime(stop.since_ns)}: ${fence(stop.reason)}`;
  if (frozen) return 'frozen: it saves its last cycles; send it money, then it tops up';
  return quiet ? 'quiet: an upgrade is being prepared' : 'working';
}

function describe({ kind, make, model, place, operator, actions, version, born_ns }: Reply<'identity'>): Facts {
  return {
    kind: fence(kind),
    make: fence(make),
    model: fence(model),
    place: fence(place, 12),
    operator: operator.toText(),
    actions: actions.map((action) => fence(action, 60)),
    version,
    born: isoTime(born_ns),
  };
}

function hexOf(principal: { toHex(): string }): string {
  return principal.toHex().toLowerCase();
}

function renderMandate({ mandate, terms, spent, payments }: Reply<'mandates'>[number]): Facts {
  return {
    mandate,
    powers: terms.powers,
    budget: terms.budget.amount.toString(),
    spent: spent.toString(),
    payments,
    ask_above: terms.ask_above.toString(),
    until: isoTime(terms.expires_ns),
  };
}
