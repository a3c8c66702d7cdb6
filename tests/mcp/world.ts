// A network in this process, deployed to as `tamc deploy` does it, and assistants on it: real MCP clients before the real server, each
// with a key of its own. Time follows the clock until it is held.
import { createHash } from 'node:crypto';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { ok } from '@tamc/base/result';
import {
  bindLedger,
  bindMachine,
  bindRegistry,
  type Connection,
  connect,
  createManagement,
  type Ed25519KeyIdentity,
  identityFromSeed,
  type Machine,
} from '@tamc/client';
import { machineVersion } from '@tamc/machine/version';
import {
  type Access,
  type AuditEntry,
  createConfirmations,
  createServerFactory,
  readTexts,
  type ServerSettings,
  tools,
  type World,
} from '@tamc/mcp-server';
import { type Account, accountOf } from '@tamc/protocol/account';
import type { CandidMandateTerms } from '@tamc/protocol/mandate';
import { hexToPrincipal, type PrincipalHex, parsePrincipal, principalToText } from '@tamc/protocol/principal';
import { createReplica, type Replica } from '@tamc/replica';
import type { Deployer } from '../../stack/src/deploy/canister-steps.ts';
import { defaultConfiguration } from '../../stack/src/deploy/configuration.ts';
import { buildModules, deploymentSteps } from '../../stack/src/deploy/deployment.ts';
import { runSteps } from '../../stack/src/deploy/steps.ts';
import { expectOk } from '../journeys/network.ts';
import { root } from '../program.ts';

export type Mode = 'auto' | 'legacy';
export type Json = Readonly<Record<string, unknown>>;

export interface Person {
  readonly id: PrincipalHex;
  readonly text: string;
  readonly principal: ReturnType<typeof hexToPrincipal>;
  readonly account: Account;
  readonly connection: Connection;
  machine(id: string): Machine;
}

/** What a host sees of one answer. */
export interface Answer {
  /** Null for an error. */
  readonly facts: Json | null;
  readonly text: string;
}

export interface Assistant {
  readonly client: Client;
  readonly person: Person;
  readonly audited: readonly AuditEntry[];
  call(name: string, args?: Json): Promise<Answer>;
  /** Plans, and confirms where that is asked. */
  act(name: string, args: Json): Promise<Answer>;
  /** The clock by which confirm tokens expire. */
  passMs(ms: number): void;
}

export interface McpWorld {
  readonly replica: Replica;
  readonly owner: Person;
  readonly minter: Person;
  readonly ledger: PrincipalHex;
  meet(name: string): Promise<Person>;
  assist(name: string, mode?: Mode, changes?: Partial<ServerSettings>): Promise<Assistant>;
  /** Time stands still meanwhile, and nothing happens on the network but what is called. */
  held<T>(work: () => Promise<T>): Promise<T>;
  readonly registry: PrincipalHex;
  fund(account: Account, amount: bigint): Promise<bigint>;
  /** Into a machine's wallet, and booked there. */
  fundMachine(id: string, amount: bigint): Promise<void>;
  nowNs(): bigint;
  close(): Promise<void>;
}

export const dollar = 1_000_000n;
const clockNs = () => BigInt(Date.now()) * 1_000_000n;
const keyOf = (name: string) => identityFromSeed(new Uint8Array(createHash('sha256').update(`mcp: ${name}`).digest()));

export async function createMcpWorld(): Promise<McpWorld> {
  const replica = await createReplica({ memory: true, virtualTime: { startNs: clockNs() } });
  replica.time.autoProgress();
  const closers: (() => Promise<void>)[] = [];
  const meet = async (name: string) => await meetOn(replica, keyOf(name));
  const [minter, owner] = [await meet('minter'), await meet('owner')];
  const { ledger, registry } = await deploy(minter.connection);
  /** It may bring machines to life for the owner, and nothing else: what it may do on them, tests give by themselves. */
  const letBear = async ({ principal: delegate }: Person) => {
    const terms = nothingTerms(ledger, clockNs());
    expectOk(await bindRegistry(owner.connection, registry).set_standing_mandate({ delegate, terms }));
  };
  let stamps = 0n;
  const fund = async (to: Account, amount: bigint) => {
    const createdNs = clockNs() + stamps++;
    return expectOk(await bindLedger(minter.connection, ledger).transfer({ to, amount, createdNs }));
  };
  return {
    replica,
    owner,
    minter,
    ledger,
    meet,
    fund,
    nowNs: clockNs,
    registry,
    held: async (work) => {
      replica.time.stopProgress();
      // A round that had begun is over then.
      await replica.time.tick();
      return await work().finally(() => replica.time.autoProgress());
    },
    assist: async (name, mode = 'auto', changes = {}) => {
      const person = await meet(name);
      if (person.id !== owner.id) await letBear(person);
      const { assistant, close } = await assist(person, { registry, owner: owner.id }, mode, changes);
      closers.push(close);
      return assistant;
    },
    fundMachine: async (id, amount) => {
      const block = await fund(accountOf(parsePrincipal(id)!), amount);
      expectOk(await owner.machine(id).announce_receipt({ ledger: hexToPrincipal(ledger), block }));
    },
    close: async () => {
      for (const close of closers) await close();
      await replica.close();
    },
  };
}

function nothingTerms(ledger: PrincipalHex, nowNs: bigint): CandidMandateTerms {
  return {
    label: 'assistant',
    ledger: hexToPrincipal(ledger),
    amount_range: { min: 0n, max: 0n },
    budget: { amount: 0n, period_ns: 1n },
    agent_recurrence: 0,
    allowed_payees: { only: [] },
    allowed_purposes: { only: [] },
    not_before_ns: 0n,
    expires_ns: nowNs + 24n * 3_600_000_000_000n,
    reserve_floor: 0n,
    ask_above: 0n,
    powers: [],
  };
}

async function meetOn({ fetch, rootKey }: Replica, identity: Ed25519KeyIdentity): Promise<Person> {
  const connection = expectOk(await connect({ url: 'http://127.0.0.1', fetch, rootKey, identity }));
  const id = connection.self;
  return {
    id,
    text: principalToText(id),
    principal: hexToPrincipal(id),
    account: accountOf(id),
    connection,
    machine: (machine) => bindMachine(connection, parsePrincipal(machine)!),
  };
}

async function deploy(connection: Connection) {
  const ids = new Map<string, PrincipalHex>();
  const management = createManagement(connection);
  const deployer: Deployer = {
    connection,
    management,
    cyclesAre: 'given',
    create: (cycles) => management.createWithCycles(cycles),
    remembered: { idOf: (name) => ids.get(name) ?? null, remember: (name, id) => ids.set(name, id) },
  };
  const modules = expectOk(await buildModules(() => {}));
  const steps = deploymentSteps(deployer, defaultConfiguration('embedded'), modules, machineVersion);
  expectOk(await runSteps(steps, { started: () => {}, ended: () => {} }));
  return { ledger: ids.get('ledger')!, registry: ids.get('registry')! };
}

async function assist(
  person: Person,
  places: Pick<Access, 'registry' | 'owner'>,
  mode: Mode,
  changes: Partial<ServerSettings>,
) {
  let aheadMs = 0;
  const audited: AuditEntry[] = [];
  const world: World = {
    caller: person.id,
    open: async () => ok({ connection: person.connection, ...places, nowNs: clockNs }),
    nowMs: () => Date.now() + aheadMs,
    audit: (entry) => audited.push(entry),
  };
  const handler = createMcpHandler(createServerFactory({ ...settingsOf(world), ...changes }));
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode } });
  const fetch = (url: string | URL, init?: RequestInit) => handler.fetch(new Request(url, init));
  await client.connect(new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch }));
  const call = async (name: string, args: Json = {}) => await callOn(client, name, args);
  const assistant: Assistant = {
    client,
    person,
    audited,
    call,
    act: async (name, args) => {
      const planned = await call(name, args);
      const confirm = planned.facts?.confirm;
      return confirm === undefined ? planned : await call(name, { ...args, confirm });
    },
    passMs: (ms) => {
      aheadMs += ms;
    },
  };
  const close = async () => {
    await client.close();
    await handler.close();
  };
  return { assistant, close };
}

export function settingsOf(world: World): ServerSettings {
  return {
    world,
    confirmations: createConfirmations(world.nowMs),
    // What it limits is tested by itself; random sequences are faster than any conversation.
    limiter: { take: () => null },
    isReadOnly: false,
    isSimulated: false,
    version: '0.0.0',
    tools,
    toolsets: new Set(['default']),
    texts: readTexts(root),
    onFault: (error) => {
      throw error;
    },
  };
}

async function callOn(client: Client, name: string, args: Json): Promise<Answer> {
  const { content, isError, structuredContent } = await client.callTool({ name, arguments: args });
  const [first] = content;
  const text = first?.type === 'text' ? first.text : '';
  return { text, facts: isError === true ? null : (structuredContent as Json) };
}
