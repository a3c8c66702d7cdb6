// The town as its inhabitants find it: who they are, and which machine on the network is which of the plan. Found, not remembered.
import { ok, type Result, refuse } from '@tamc/base/result';
import {
  bindLedger,
  bindMachine,
  bindRegistry,
  type CallError,
  type Connection,
  type Ed25519KeyIdentity,
  type Ledger,
  type Machine,
  type MachineReply,
  type Registry,
} from '@tamc/client';
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { createSwitchboard, type TownNetwork } from './network.ts';
import { type Pace, paceOf } from './pace.ts';
import { type MachinePlan, type TownPlan, townPlan } from './plan.ts';
import { keyOf } from './seed.ts';
import type { Reading } from './wear.ts';

export interface TownOptions {
  readonly network: TownNetwork;
  readonly registry: PrincipalHex;
  readonly ledger: PrincipalHex;
  readonly seed: string;
  /** Owner of the ledger's minting account: gives customers their simulated money. */
  readonly minter: Ed25519KeyIdentity;
  /** Whose machines they are; none: somebody who follows from the seed. */
  readonly operator?: Ed25519KeyIdentity;
  /** How many times faster than the network's clock life is here (1). */
  readonly faster?: number;
  /** From one look at the world to the next, in minutes of the town (20). */
  readonly minutesPerTick?: number;
  readonly plan?: TownPlan;
  /** Where raw readings are kept; the network has only their digests. */
  readonly keep?: (reading: Reading) => void;
}

export interface Person {
  readonly name: string;
  readonly connection: Connection;
  readonly id: PrincipalHex;
  readonly registry: Registry;
  readonly ledger: Ledger;
  machine(id: PrincipalHex): Machine;
}

export interface Inhabitants {
  readonly operator: Person;
  readonly minter: Person;
  readonly customers: readonly Person[];
  device(plan: MachinePlan): Person;
}

export interface TownState {
  readonly options: TownOptions;
  readonly network: TownNetwork;
  readonly seed: string;
  readonly pace: Pace;
  readonly plan: TownPlan;
  readonly people: Inhabitants;
  readonly keep: (reading: Reading) => void;
}

export function openTown(options: TownOptions): TownState {
  const { network, seed, plan = townPlan } = options;
  const switchboard = createSwitchboard(network);
  const personOf = (name: string, identity: Ed25519KeyIdentity) =>
    createPerson(options, name, switchboard.as(identity));
  const devices = new Map(
    plan.machines.map(({ name }) => [name, personOf(name, keyOf(seed, 'device', name))] as const),
  );
  return {
    options,
    network,
    seed,
    plan,
    pace: paceOf(options.faster ?? 1, options.minutesPerTick ?? 20),
    people: {
      operator: personOf('operator', options.operator ?? keyOf(seed, 'operator', 'operator')),
      minter: personOf('minter', options.minter),
      customers: plan.customers.map((name) => personOf(name, keyOf(seed, 'customer', name))),
      device: ({ name }) => devices.get(name)!,
    },
    keep: options.keep ?? (() => {}),
  };
}

function createPerson({ registry, ledger }: TownOptions, name: string, connection: Connection): Person {
  return {
    name,
    connection,
    id: connection.self,
    registry: bindRegistry(connection, registry),
    ledger: bindLedger(connection, ledger),
    machine: (id) => bindMachine(connection, id),
  };
}

/** As many as the registry gives at once. */
const pageMax = 200;

/** All machines that are born, whoever operates them, in the order of their births. */
export async function readRegistered({ people }: TownState): Promise<Result<readonly MachineReply[], CallError>> {
  const found: MachineReply[] = [];
  for (let from = 0; ; ) {
    const page = await people.operator.registry.machines(from, pageMax);
    if (!page.ok) return refuse(page.error);
    found.push(...page.value.items);
    if (page.value.next >= page.value.end) return ok(found);
    from = page.value.next;
  }
}

/** Ids of the town's machines that are born, by name. */
export async function findMachines(town: TownState): Promise<Result<ReadonlyMap<string, PrincipalHex>, CallError>> {
  const registered = await readRegistered(town);
  if (!registered.ok) return registered;
  const own = registered.value.filter(({ operator }) => principalToHex(operator) === town.people.operator.id);
  return ok(new Map(own.map(({ model, canister }) => [model, principalToHex(canister)])));
}
