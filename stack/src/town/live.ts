// Shell: one look at the world by everybody, in order: each device does what its machine asks for, each customer what it wants.
// Whoever cannot reach the network tries again at the next look; nothing is done twice, because every act is known by its id.

import { ok, type Result } from '@tamc/base/result';
import { type CallError, type CommandReply, type Machine, type MachineViewReply, wordOf } from '@tamc/client';
import { accountOf } from '@tamc/protocol/account';
import { reportLimits } from '@tamc/protocol/commands';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { parseObject } from '@tamc/protocol/thing';
import { stepCustomer, type Wish } from './customer.ts';
import {
  type DeviceCommand,
  type DeviceSetting,
  type DeviceState,
  isOffline,
  isSilent,
  stepDevice,
  type TimedReport,
} from './device.ts';
import { tickOf } from './pace.ts';
import type { Person, TownState } from './people.ts';
import { kinds, type MachinePlan } from './plan.ts';
import { fundCustomers } from './settle.ts';

/** What happened in one look, for whoever watches. */
export type Happening =
  | { readonly kind: 'reported'; readonly who: string; readonly what: readonly string[] }
  | { readonly kind: 'ordered'; readonly who: string; readonly machine: string; readonly quantity: bigint }
  | { readonly kind: 'taken'; readonly who: string; readonly machine: string }
  | { readonly kind: 'offline'; readonly who: string }
  | { readonly kind: 'refused'; readonly who: string; readonly error: CallError };

/** Money is looked after this often. */
const ticksPerFunding = 72n;

export async function tickTown(
  town: TownState,
  machines: ReadonlyMap<string, PrincipalHex>,
): Promise<readonly Happening[]> {
  const nowNs = town.network.nowNs();
  const happenings: Happening[] = [];
  if (tickOf(town.pace, nowNs) % ticksPerFunding === 0n) {
    happenings.push(...refusalOf('minter', await fundCustomers(town)));
  }
  for (const plan of town.plan.machines) {
    const id = machines.get(plan.name);
    if (id !== undefined) happenings.push(...(await runDevice(town, plan, id, nowNs)));
  }
  for (const customer of town.people.customers) {
    const setting = { seed: town.seed, name: customer.name, pace: town.pace };
    const wish = stepCustomer(setting, town.plan.machines, nowNs);
    const id = wish === null ? undefined : machines.get(wish.machine.name);
    if (wish !== null && id !== undefined) happenings.push(await fulfil(town, customer, wish, id, nowNs));
  }
  return happenings;
}

const refusalOf = (who: string, result: Result<unknown, CallError>): Happening[] =>
  result.ok ? [] : [{ kind: 'refused', who, error: result.error }];

async function runDevice(
  { people, seed, pace, keep }: TownState,
  plan: MachinePlan,
  id: PrincipalHex,
  nowNs: bigint,
): Promise<readonly Happening[]> {
  const setting: DeviceSetting = { seed, plan, pace };
  if (isOffline(setting, nowNs)) return [{ kind: 'offline', who: plan.name }];
  const device = people.device(plan);
  const machine = device.machine(id);
  const view = await machine.machine();
  if (!view.ok) return refusalOf(plan.name, view);
  const own = view.value.devices.find(({ key }) => key.toText() === hexToPrincipal(device.id).toText());
  // Somebody revoked it, or gave its place to a real one.
  if (own === undefined) return [];
  const lastReportNs = own.last_report_ns[0] ?? null;
  if (isAtRest(view.value, isSilent(pace, lastReportNs, nowNs))) return [];
  const known = await lookAt(machine, plan, lastReportNs);
  if (!known.ok) return refusalOf(plan.name, known);
  const commands = known.value.commands.filter((command) => command.device === own.device).map(toCommand);
  const { reports, readings } = stepDevice(setting, known.value.state, commands, nowNs);
  if (reports.length === 0) return [];
  for (const reading of readings) keep(reading);
  const sent = await send(machine, own.last_sequence + 1, reports);
  return sent.ok ? [{ kind: 'reported', who: plan.name, what: reports.map(nameOf) }] : refusalOf(plan.name, sent);
}

interface Known {
  readonly state: DeviceState;
  readonly commands: readonly CommandReply[];
}

/** The first look tells whether there is anything to do; only then the rest is asked for. */
async function lookAt(
  machine: Machine,
  { kind }: MachinePlan,
  lastReportNs: bigint | null,
): Promise<Result<Known, CallError>> {
  const { part, meter } = kinds[kind];
  const [commands, condition, meters] = await Promise.all([
    machine.open_commands(),
    machine.condition(),
    machine.meters(),
  ]);
  if (!commands.ok) return commands;
  if (!condition.ok) return condition;
  if (!meters.ok) return meters;
  const own = condition.value.find((item) => item.part === part);
  const state = {
    wearPpm: own?.wear_ppm[0] ?? null,
    fault: own?.fault[0] ?? null,
    judgedNs: own?.at_ns ?? 0n,
    meter: meters.value.find((item) => item.meter === meter)?.value ?? 0n,
    lastReportNs,
  };
  return ok({ state, commands: commands.value });
}

/** Nothing is asked of it, nothing is wrong with it, and it was heard of lately. */
function isAtRest({ open_commands, condition: [condition] }: MachineViewReply, isSilent: boolean): boolean {
  const isWell = condition !== undefined && ('good' in condition || 'watch' in condition);
  return open_commands === 0 && isWell && !isSilent;
}

function toCommand({ command, action, arguments: json, accepted_ns, expires_ns }: CommandReply): DeviceCommand {
  const quantity = parseObject(json)?.quantity;
  return {
    command,
    action,
    quantity: typeof quantity === 'string' && /^\d{1,24}$/.test(quantity) ? BigInt(quantity) : 0n,
    acceptedNs: accepted_ns[0] ?? null,
    expiresNs: expires_ns,
  };
}

async function send(
  machine: Machine,
  first: number,
  reports: readonly TimedReport[],
): Promise<Result<null, CallError>> {
  for (let from = 0; from < reports.length; from += reportLimits.batchMax) {
    const batch = reports
      .slice(from, from + reportLimits.batchMax)
      .map(({ atNs, body }, i) => ({ sequence: first + from + i, at_ns: atNs, body }));
    const sent = await machine.report(batch);
    if (!sent.ok) return sent;
    const [refused] = sent.value.refused;
    if (refused !== undefined) {
      const { code, message, next_step: nextStep } = refused.refusal;
      return { ok: false, error: { kind: 'state', code, message, nextStep, rejectCode: null } };
    }
  }
  return ok(null);
}

const nameOf = ({ body }: TimedReport) => {
  const word = wordOf(body);
  return 'condition' in body ? `${word} ${wordOf(body.condition.verdict)}` : word;
};

/** Looks whether the machine is free, lets it pull just what it will hold, and orders. */
async function fulfil(
  { pace }: TownState,
  customer: Person,
  { machine: plan, quantity, commandId }: Wish,
  id: PrincipalHex,
  nowNs: bigint,
): Promise<Happening> {
  const who = customer.name;
  const machine = customer.machine(id);
  const view = await machine.machine();
  if (!view.ok) return { kind: 'refused', who, error: view.error };
  const tariffs = await machine.tariff();
  if (!tariffs.ok) return { kind: 'refused', who, error: tariffs.error };
  const [tariff] = tariffs.value;
  if (tariff === undefined || !isFree(view.value)) return { kind: 'taken', who, machine: plan.name };
  // The hold has the fees of capture and refund in it; the pull costs one more.
  const amount = tariff.price * quantity + 3n * tariff.fee;
  const createdNs = tickOf(pace, nowNs) * pace.tickNs;
  const approved = await customer.ledger.approve({ spender: accountOf(id), amount, createdNs });
  if (!approved.ok) return { kind: 'refused', who, error: approved.error };
  const order = { command_id: commandId, tariff: tariff.tariff, quantity, subaccount: [] as [] };
  const placed = await machine.order(order);
  // The machine's first look counts running orders; one that is still being settled keeps its place a moment longer.
  if (!placed.ok && placed.error.code === 'MachineBusy') return { kind: 'taken', who, machine: plan.name };
  if (!placed.ok) return { kind: 'refused', who, error: placed.error };
  return { kind: 'ordered', who, machine: plan.name, quantity };
}

function isFree({ open_orders, stopped, frozen, quiet, lease, condition: [condition] }: MachineViewReply): boolean {
  const isBroken = condition !== undefined && 'fault' in condition;
  return open_orders === 0 && stopped.length === 0 && !frozen && !quiet && lease.length === 0 && !isBroken;
}
