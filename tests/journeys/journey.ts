// What all chapters of a journey share: the network, who lives there, three washers with their controllers, and the books.
import { createHash } from 'node:crypto';
import { type Connection, type Machine, pullProvenEvents } from '@tamc/client';
import { accountOf } from '@tamc/protocol/account';
import { type EventCursor, firstCursor } from '@tamc/protocol/events';
import { sha256 } from '@tamc/protocol/hash';
import { type MachineEvent, machineEvent } from '@tamc/protocol/machine-events';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { type Books, createBooks } from './books.ts';
import { createDevice, type Device } from './device.ts';
import { type Deployed, expectOk, type Network, startNetwork } from './network.ts';
import { meet, type Person } from './people.ts';

/** Minor units: a dollar is a million. */
export const dollar = 1_000_000n;
export const pricePerMinute = 50_000n;
export const fee = 100n;

const names = ['operator', 'ann', 'ben', 'cem', 'delegate', 'supplier', 'stranger'] as const;
export type Name = (typeof names)[number];

export interface Journey {
  readonly network: Network;
  readonly deployed: Deployed;
  readonly deployer: Person;
  readonly people: Readonly<Record<Name, Person>>;
  readonly books: Books;
  readonly washers: Washer[];
  /** Somebody with a key of their own, known by name. */
  meet(name: string): Promise<Person>;
}

export interface Washer {
  readonly id: PrincipalHex;
  readonly account: ReturnType<typeof accountOf>;
  device: Device;
  /** As the operator calls it. */
  readonly machine: Machine;
  readonly seen: MachineEvent[];
  cursor: EventCursor;
}

export async function beginJourney(): Promise<Journey> {
  const network = await startNetwork();
  const deployed = await network.deploy();
  const deployer = await meet(network, deployed, deployed.deployer);
  const met = await Promise.all(names.map(async (name) => [name, await meet(network, deployed, name)] as const));
  const people = Object.fromEntries(met) as Record<Name, Person>;
  const washers: Washer[] = [];
  const accounts = () => ({
    people: Object.values(people),
    machines: washers.map(({ id }) => id),
    others: [accountOf(deployed.desk)],
  });
  const books = createBooks(network, deployer, accounts);
  return {
    network,
    deployed,
    deployer,
    people,
    books,
    washers,
    meet: (name) => meet(network, deployed, name),
  };
}

/** The controller of a washer enrols with a code that only it and the operator know. */
export async function enrolDevice({ network, people, meet }: Journey, id: PrincipalHex, name: string): Promise<Device> {
  const code = codeOf(name);
  const expires_ns = network.nowNs() + 3_600_000_000_000n;
  expectOk(await people.operator.machine(id).issue_enrolment({ code_hash: sha256(code), label: name, expires_ns }));
  const device = createDevice(network, await meet(name), id);
  expectOk(await device.machine.enrol({ code }));
  return device;
}

export const codeOf = (name: string) => new Uint8Array(createHash('sha256').update(`code of ${name}`).digest());

/** Everything new, and proven to be everything: follows on from where it was read last. */
export async function readEvents(connection: Connection, washer: Washer): Promise<readonly MachineEvent[]> {
  const { events, cursor } = expectOk(await pullProvenEvents(connection, washer.id, machineEvent, washer.cursor));
  const found = events.map(({ event }) => event);
  washer.cursor = cursor;
  washer.seen.push(...found);
  return found;
}

export { firstCursor };
