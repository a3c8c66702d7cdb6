// Shell: customers of the town at a machine: at those of the town, and at machines of others that are of a kind they know and have a
// device and a price that they accept. Those of others change nothing about what is wanted of the town's own.
import { ok, type Result } from '@tamc/base/result';
import type { CallError, MachineReply, MachineViewReply, TariffReply } from '@tamc/client';
import { accountOf } from '@tamc/protocol/account';
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { stepCustomerOfOthers } from './customer.ts';
import { type Happening, refusalOf } from './happening.ts';
import { tickOf } from './pace.ts';
import { type Person, readRegistered, type TownState } from './people.ts';
import { isKindName, type KindName, kinds } from './plan.ts';

export interface Visit {
  readonly id: PrincipalHex;
  readonly name: string;
  readonly quantity: bigint;
  readonly commandId: string;
}

type Known = { readonly view: MachineViewReply; readonly tariff: TariffReply | null };

/** Looks whether the machine is free, lets it pull just what it will hold, and orders. */
export async function visit(town: TownState, customer: Person, wanted: Visit, nowNs: bigint): Promise<Happening> {
  const known = await lookAt(customer, wanted.id);
  if (!known.ok) return { kind: 'refused', who: customer.name, error: known.error };
  const { view, tariff } = known.value;
  if (tariff === null || !isFree(view)) return { kind: 'taken', who: customer.name, machine: wanted.name };
  return await order(town, customer, wanted, tariff, nowNs);
}

/** In the order of the registry, so that equal seeds and equal worlds give equal visits. */
export async function visitOthers(
  town: TownState,
  own: ReadonlyMap<string, PrincipalHex>,
  nowNs: bigint,
): Promise<readonly Happening[]> {
  const registered = await readRegistered(town);
  if (!registered.ok) return refusalOf('town', registered);
  const ofTown = new Set(own.values());
  const others = registered.value.filter(({ canister }) => !ofTown.has(principalToHex(canister)));
  const happenings: Happening[] = [];
  for (const other of others) {
    for (const customer of town.people.customers) happenings.push(...(await visitOther(town, customer, other, nowNs)));
  }
  return happenings;
}

async function visitOther(
  town: TownState,
  customer: Person,
  { canister, kind, model: name }: MachineReply,
  nowNs: bigint,
): Promise<readonly Happening[]> {
  const id = principalToHex(canister);
  if (!isKindName(kind)) return [];
  const setting = { seed: town.seed, name: customer.name, pace: town.pace };
  const wish = stepCustomerOfOthers(setting, kind, id, nowNs);
  if (wish === null) return [];
  const known = await lookAt(customer, id);
  // A machine of somebody else that does not answer is no matter of the town.
  if (!known.ok) return [];
  const { view, tariff } = known.value;
  if (tariff === null || view.devices.length === 0 || !isAccepted(town, kind, tariff, wish.quantity)) return [];
  if (!isFree(view)) return [{ kind: 'taken', who: customer.name, machine: name }];
  return [await order(town, customer, { id, name, ...wish }, tariff, nowNs)];
}

/** Customers know what a thing costs in town, and go away from who asks for more than this. */
const priceTimesMax = 3n;

function isAccepted({ options }: TownState, kind: KindName, tariff: TariffReply, quantity: bigint): boolean {
  const { unit, price } = kinds[kind];
  const isKnownMoney = principalToHex(tariff.ledger) === options.ledger && unit in tariff.unit;
  return isKnownMoney && tariff.price <= priceTimesMax * price && quantity <= tariff.quantity_max;
}

async function lookAt(customer: Person, id: PrincipalHex): Promise<Result<Known, CallError>> {
  const machine = customer.machine(id);
  const view = await machine.machine();
  if (!view.ok) return view;
  const tariff = await machine.tariff();
  return tariff.ok ? ok({ view: view.value, tariff: tariff.value[0] ?? null }) : tariff;
}

async function order(
  { pace }: TownState,
  customer: Person,
  { id, name, quantity, commandId }: Visit,
  tariff: TariffReply,
  nowNs: bigint,
): Promise<Happening> {
  const who = customer.name;
  // The hold has the fees of capture and refund in it; the pull costs one more.
  const amount = tariff.price * quantity + 3n * tariff.fee;
  const createdNs = tickOf(pace, nowNs) * pace.tickNs;
  const approved = await customer.ledger.approve({ spender: accountOf(id), amount, createdNs });
  if (!approved.ok) return { kind: 'refused', who, error: approved.error };
  const wanted = { command_id: commandId, tariff: tariff.tariff, quantity, subaccount: [] as [] };
  const placed = await customer.machine(id).order(wanted);
  // The machine's first look counts running orders; one that is still being settled keeps its place a moment longer.
  if (!placed.ok && placed.error.code === 'MachineBusy') return { kind: 'taken', who, machine: name };
  if (!placed.ok) return { kind: 'refused', who, error: placed.error };
  return { kind: 'ordered', who, machine: name, quantity };
}

function isFree({ open_orders, stopped, frozen, quiet, lease, condition: [condition] }: MachineViewReply): boolean {
  const isBroken = condition !== undefined && 'fault' in condition;
  return open_orders === 0 && stopped.length === 0 && !frozen && !quiet && lease.length === 0 && !isBroken;
}
