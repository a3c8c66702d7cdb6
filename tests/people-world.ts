// A network in this process on a folder of its own, as the commands of people find one: deployed to, with an owner, a machine of
// theirs, and an assistant that may do little by itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bindLedger,
  bindMachine,
  bindRegistry,
  type Connection,
  connect,
  createIdentity,
  type Ed25519KeyIdentity,
  type Machine,
} from '@tamc/client';
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import type { CandidMandateTerms } from '@tamc/protocol/mandate';
import { hexToPrincipal, type PrincipalHex, principalToHex, principalToText } from '@tamc/protocol/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { type DeployedWorld, deployWorld } from '../stack/src/deploy/deploy-world.ts';
import { openNetworkFolder } from '../stack/src/deploy/network-folder.ts';
import { kinds, thingOf } from '../stack/src/town/plan.ts';
import { openPeople } from '../stack/src/world/people.ts';
import { expectOk } from './journeys/network.ts';

export const passphrase = 'six words that nobody else knows';
export const dollar = 1_000_000n;
const dayNs = 86_400_000_000_000n;
export const nowNs = () => BigInt(Date.now()) * 1_000_000n;

export interface PeopleWorld {
  readonly folder: string;
  readonly url: string;
  readonly replica: Replica;
  readonly places: DeployedWorld;
  readonly keeper: Connection;
  readonly owner: Connection;
  readonly assistant: Connection;
  /** A washer of the owner's, with 100 dollars and a mandate for the assistant: five dollars a day, asked above one. */
  readonly washer: PrincipalHex;
  meet(identity?: Ed25519KeyIdentity): Promise<Connection>;
  bear(operator: Connection, model: string, kind?: keyof typeof kinds): Promise<PrincipalHex>;
  fund(machine: PrincipalHex, amount: bigint): Promise<void>;
  /** As the assistant, to the owner; the numbers of the requests. */
  askToPay(amount: bigint, purpose: string): Promise<number>;
  askFor(act: Parameters<Machine['ask']>[0]['act'], reason: string): Promise<number>;
  close(): Promise<void>;
}

export async function createPeopleWorld(): Promise<PeopleWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'tamc-people-world-'));
  const network = openNetworkFolder(folder);
  const replica = await createReplica({ memory: true });
  const { url } = await replica.listen({ port: 0 });
  const meet = async (identity = createIdentity()) => expectOk(await connect({ url, identity }));
  const keeper = await meet(network.identity());
  const places = expectOk(await deployWorld(keeper));
  for (const [name, id] of Object.entries({ registry: places.registry, ledger: places.ledger })) {
    network.setCanister(name, principalToText(id));
  }
  const people = openPeople(folder);
  const owner = await meet(await people.createOwner(passphrase));
  const assistant = await meet(people.assistant('assistant').identity);
  network.setRunning({ url, page: 'http://127.0.0.1:1/', mcp: 'http://127.0.0.1:1/mcp', pid: process.pid });
  let commands = 0;
  const command_id = () => `command ${commands++}`;
  const fund = async (machine: PrincipalHex, amount: bigint) => {
    const to = accountOf(machine);
    const block = expectOk(await bindLedger(keeper, places.ledger).transfer({ to, amount, createdNs: nowNs() }));
    const announced = { ledger: hexToPrincipal(places.ledger), block };
    expectOk(await bindMachine(owner, machine).announce_receipt(announced));
  };
  const bear = (operator: Connection, model: string, kind: keyof typeof kinds = 'washer') =>
    bearMachine(operator, places.registry, model, kind);
  const washer = await bear(owner, 'washer 9');
  await fund(washer, 100n * dollar);
  const delegate = hexToPrincipal(assistant.self);
  const terms = termsOn(places.ledger);
  expectOk(await bindMachine(owner, washer).grant_mandate({ command_id: command_id(), delegate, terms }));
  const own = bindMachine(assistant, washer);
  return {
    folder,
    url,
    replica,
    places,
    keeper,
    owner,
    assistant,
    washer,
    meet,
    bear,
    fund,
    askToPay: async (amount, purpose) => {
      const to = accountToCandid(accountOf(owner.self));
      const ledger = hexToPrincipal(places.ledger);
      const reply = expectOk(await own.pay({ command_id: command_id(), ledger, to, amount, purpose }));
      if (!('Waiting' in reply)) throw new Error('it was paid without asking');
      return reply.Waiting.request;
    },
    askFor: async (act, reason) => expectOk(await own.ask({ command_id: command_id(), act, reason })).request,
    close: async () => {
      await replica.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function termsOn(ledger: PrincipalHex, changes: Partial<CandidMandateTerms> = {}): CandidMandateTerms {
  return {
    label: 'assistant',
    ledger: hexToPrincipal(ledger),
    amount_range: { min: 0n, max: 2n * dollar },
    budget: { amount: 5n * dollar, period_ns: dayNs },
    agent_recurrence: 100,
    allowed_payees: { any: null },
    allowed_purposes: { any: null },
    not_before_ns: nowNs() - dayNs,
    expires_ns: nowNs() + 30n * dayNs,
    reserve_floor: 0n,
    ask_above: dollar,
    powers: ['command', 'control', 'tariff', 'enrol'],
    ...changes,
  };
}

async function bearMachine(
  operator: Connection,
  registryId: PrincipalHex,
  model: string,
  kind: keyof typeof kinds,
): Promise<PrincipalHex> {
  const registry = bindRegistry(operator, registryId);
  const thing = thingOf({ name: model, kind, place: 'eyckpp', isRoaming: false, bornWearPpm: null });
  const { charter } = kinds[kind];
  const birth = { operator: [] as [], kind, make: 'Simulated', model, place: 'eyckpp', thing, charter };
  const ordered = { command_id: `bear ${model}`, module_hash: [] as [], births: [birth] };
  const { first } = expectOk(await registry.bear(ordered));
  for (let look = 0; look < 300; look++) {
    const [found] = expectOk(await registry.births(first, 1)).items;
    if (found !== undefined && 'born' in found.step) return principalToHex(found.canister[0]!);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it was never born');
}
