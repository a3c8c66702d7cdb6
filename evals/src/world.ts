// A world of a trial: what a scenario arranges and what a grader looks at. Machines and people are called by name; what they are on
// the network is looked up here.
import { assert } from '@tamc/base/assert';
import type { Machine } from '@tamc/client';
import { accountOf } from '@tamc/protocol/account';
import { type PrincipalHex, principalToHex, principalToText } from '@tamc/protocol/principal';
import type { Places } from '@tamc/stack';
import { type Arranging, createArranging, deviceName } from './arranging.ts';
import { type DeviceNotes, lookAtCommands } from './device.ts';
import { assertOk, WorldFault } from './expect.ts';
import type { TrialNetwork } from './network.ts';
import { createPerson, keyOf, type Person } from './people.ts';

/** What is known of a world beside its store, and kept with it. */
export interface Notes {
  readonly places: Places;
  readonly seed: string;
  readonly machines: Map<string, PrincipalHex>;
  readonly devices: Map<string, DeviceNotes>;
  /** What everybody had when the trial began, and when that was. */
  readonly balances: Map<string, bigint>;
  readonly began: { atNs: bigint };
}

export interface Looking {
  readonly network: TrialNetwork;
  readonly notes: Notes;
  meet(name: string): Promise<Person>;
  /** Of a machine or a person. */
  idOf(name: string): PrincipalHex;
  textOf(name: string): string;
  /** As somebody sees it; left out: as its owner. */
  machine(name: string, as?: string): Promise<Machine>;
  /** What of it is outside the network. */
  device(machine: string): DeviceNotes;
  balance(name: string): Promise<bigint>;
  /** Since the trial began. */
  gained(name: string): Promise<bigint>;
}

export interface EvalWorld extends Looking, Arranging {
  /** Every device looks once at what it is asked, and what follows from that happens. */
  look(): Promise<void>;
  /** Notes what everybody has: from here on the trial's. */
  begin(): Promise<void>;
}

export function createEvalWorld(network: TrialNetwork, notes: Notes): EvalWorld {
  const looking = createLooking(network, notes);
  const { meet, machine, balance } = looking;
  return {
    ...looking,
    ...createArranging(looking),
    look: async () => {
      let hasReported = false;
      for (const device of notes.devices.values()) {
        const { id } = await meet(deviceName(device.machine));
        const its = await machine(device.machine, deviceName(device.machine));
        hasReported = (await lookAtCommands(its, id, device, network.nowNs())) || hasReported;
      }
      if (hasReported) await network.settle();
    },
    begin: async () => {
      const names = new Set([...notes.balances.keys(), ...notes.machines.keys()]);
      for (const name of names) notes.balances.set(name, await balance(name));
      notes.began.atNs = network.nowNs();
    },
  };
}

function createLooking(network: TrialNetwork, notes: Notes): Looking {
  const people = new Map<string, Person>();
  const idOf = (name: string): PrincipalHex =>
    notes.machines.get(name) ?? principalToHex(keyOf(notes.seed, name).getPrincipal());
  const meet = async (name: string): Promise<Person> => {
    const known = people.get(name);
    if (known !== undefined) return known;
    const person = createPerson(name, await network.connect(keyOf(notes.seed, name)), notes.places);
    people.set(name, person);
    return person;
  };
  const balance = async (name: string) =>
    assertOk(await (await meet('keeper')).ledger.balanceOf(accountOf(idOf(name))));
  return {
    network,
    notes,
    meet,
    idOf,
    textOf: (name) => principalToText(idOf(name)),
    machine: async (name, as = 'owner') => {
      const id = notes.machines.get(name);
      if (id === undefined) throw new WorldFault(`there is no machine "${name}" in this world`);
      return (await meet(as)).machine(id);
    },
    device: (name) => {
      const found = notes.devices.get(name);
      assert(found !== undefined, `machine "${name}" has no device in this world`);
      return found;
    },
    balance,
    gained: async (name) => (await balance(name)) - (notes.balances.get(name) ?? 0n),
  };
}
