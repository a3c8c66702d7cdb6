// Reads all that `tamc machine ID` shows of one machine, asked for at once. Changes nothing.
import { ok, type Result } from '@tamc/base/result';
import {
  type BalanceReply,
  bindMachine,
  type CallError,
  type ComputeReply,
  type ConditionReply,
  type Connection,
  type IdentityReply,
  type Machine,
  type MachineViewReply,
  type MandateReply,
  type OrderReply,
  readMandates,
  type TariffReply,
} from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { readWaiting, type Waiting } from '../approve/waiting.ts';
import { readMachine as readSummary, type TownMachine } from '../town/read-town.ts';

export interface MachineFacts {
  readonly summary: TownMachine;
  readonly view: MachineViewReply;
  readonly identity: IdentityReply;
  readonly condition: readonly ConditionReply[];
  readonly tariff: TariffReply | null;
  readonly mandates: readonly MandateReply[];
  readonly balances: readonly BalanceReply[];
  readonly compute: ComputeReply;
  /** Those that are open, after the last few that are not. */
  readonly orders: readonly OrderReply[];
  readonly waiting: readonly Waiting[];
}

export async function readMachineFacts(
  connection: Connection,
  id: PrincipalHex,
): Promise<Result<MachineFacts, CallError>> {
  const machine = bindMachine(connection, id);
  const summary = await readSummary(connection, id);
  if (!summary.ok) return summary;
  const [view, identity, condition, tariff, mandates, balances, compute, orders, waiting] = await Promise.all([
    machine.machine(),
    machine.identity(),
    machine.condition(),
    machine.tariff(),
    readMandates(machine),
    machine.balances(),
    machine.compute(),
    readOrders(machine),
    readWaiting(connection, [summary.value]),
  ]);
  if (!view.ok) return view;
  if (!identity.ok) return identity;
  if (!condition.ok) return condition;
  if (!tariff.ok) return tariff;
  if (!mandates.ok) return mandates;
  if (!balances.ok) return balances;
  if (!compute.ok) return compute;
  if (!orders.ok) return orders;
  if (!waiting.ok) return waiting;
  return ok({
    summary: summary.value,
    view: view.value,
    identity: identity.value,
    condition: condition.value,
    tariff: tariff.value[0] ?? null,
    mandates: mandates.value,
    balances: balances.value,
    compute: compute.value,
    orders: orders.value,
    waiting: waiting.value,
  });
}

const pageMax = 100;
/** A machine keeps 2,000 orders. */
const pagesMax = 21;
const endedShown = 3;

async function readOrders(machine: Machine): Promise<Result<readonly OrderReply[], CallError>> {
  const all: OrderReply[] = [];
  for (let page = 0; page < pagesMax; page++) {
    const found = await machine.orders((all.at(-1)?.order ?? -1) + 1, pageMax);
    if (!found.ok) return found;
    all.push(...found.value);
    if (found.value.length < pageMax) break;
  }
  const isOpen = ({ status }: OrderReply) => 'pulling' in status || 'running' in status || 'settling' in status;
  const ended = all.filter((order) => !isOpen(order)).slice(-endedShown);
  return ok([...ended, ...all.filter(isOpen)]);
}
