// `set_tariff`: what a use costs. Whoever ordered before keeps the price that was agreed.
import { ok, type Result } from '@tamc/base/result';
import type { Machine, TariffReply, TariffTerms } from '@tamc/client';
import { wordOf } from '@tamc/client/candid-values';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { units, useLimits } from '@tamc/protocol/use';
import { z } from 'zod';
import { parsePositive, renderMoney } from '../amounts.ts';
import { found, machineId, openMachine } from '../found.ts';
import { amount, type Money, readMoney, symbol } from '../money.ts';
import { defineWriteTool, type Found, type Problem } from '../tool.ts';
import type { Access } from '../world.ts';

const minuteNs = 60_000_000_000n;

const input = z.object({
  machine: machineId,
  per: z.enum(units),
  price: amount,
  symbol,
  most: z.number().int().min(1).max(1_000_000).optional().describe('per order'),
  deadline_minutes: z.number().int().min(1).max(10_080).optional(),
  orders_at_once: z.number().int().min(1).max(16).optional(),
});
type Wanted = z.output<typeof input>;

interface Prepared {
  readonly machine: Machine;
  readonly money: Money;
  readonly terms: TariffTerms;
  /** Null: there is none. */
  readonly current: TariffReply | null;
}

export const setTariffTool = defineWriteTool({
  name: 'set_tariff',
  title: 'Set the tariff',
  description: 'Sets what a use of a machine costs.',
  isOnceHere: true,
  input,
  output: z.object({ status: z.string() }),
  plan: async (wanted, { access }) => {
    const prepared = await prepare(access, wanted);
    if (!prepared.ok) return prepared;
    const { terms, money, current } = prepared.value;
    const price = `${renderMoney(terms.price, money)} per ${wanted.per}`;
    const summary = `Set the tariff of machine ${wanted.machine}: ${price}, at most ${terms.quantity_max} per order.`;
    return ok({
      prepared: prepared.value,
      summary,
      facts: { machine: wanted.machine, price },
      needsConfirmation: false,
      ground: `tariff ${current?.tariff ?? 'none'}`,
      isThere: isThere(prepared.value),
    });
  },
  act: setOnce,
});

async function prepare(access: Access, wanted: Wanted): Promise<Result<Prepared, Problem>> {
  const machine = openMachine(access, wanted.machine);
  if (!machine.ok) return machine;
  const money = await readMoney(access, machine.value, wanted.symbol);
  if (!money.ok) return money;
  const price = parsePositive(wanted.price, money.value, useLimits.priceMax);
  if (!price.ok) return price;
  const terms: TariffTerms = {
    ledger: hexToPrincipal(money.value.ledger),
    unit: { [wanted.per]: null },
    price: price.value,
    quantity_max: BigInt(wanted.most ?? 120),
    deadline_ns: BigInt(wanted.deadline_minutes ?? 180) * minuteNs,
    orders_at_once: wanted.orders_at_once ?? 1,
  };
  const current = await machine.value.tariff();
  return found(current, ([tariff = null]) => ({ machine: machine.value, money: money.value, terms, current: tariff }));
}

/** Every tariff has a number of its own; the same one again is not set again. */
async function setOnce(prepared: Prepared): Found {
  const { machine, money, terms, current } = prepared;
  if (current !== null && isThere(prepared)) return ok(factsOf(current, money, 'already_set'));
  return found(await machine.set_tariff(terms), (set) => factsOf(set, money, 'set'));
}

const isThere = ({ current, terms }: Prepared) => current !== null && isSame(current, terms);

function isSame(a: TariffTerms, b: TariffTerms): boolean {
  const asText = ({ ledger, unit, price, quantity_max, deadline_ns, orders_at_once }: TariffTerms) =>
    [ledger.toText(), wordOf(unit), price, quantity_max, deadline_ns, orders_at_once].join();
  return asText(a) === asText(b);
}

function factsOf(tariff: TariffReply, money: Money, status: string) {
  return {
    status,
    tariff: tariff.tariff,
    price: renderMoney(tariff.price, money),
    per: wordOf(tariff.unit),
    most: tariff.quantity_max,
    next: `Customers order under tariff number ${tariff.tariff}.`,
  };
}
