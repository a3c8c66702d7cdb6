// The same random life of a registry on pure rules and in Wasm: births, codes, upgrades, ledgers and who governs, with stand-ins of
// machines, some of which are stopped, refuse to be born, wait for others or trap with their new code.
import { Principal } from '@dfinity/principal';
import { bytesToHex } from '@tamc/base/bytes';
import { createRandom, type Random } from '@tamc/base/random';
import { hexToPrincipal, type PrincipalHex, principalToHex, principalToText } from '@tamc/protocol/principal';
import type { Birth } from '@tamc/protocol/registry';
import { afterAll, expect, it } from 'vitest';
import { parseDid } from '../../stack/src/candid/parse-did.ts';
import { canisterArgument, encode, install } from '../harness/canisters.ts';
import { createHolder, secondNs, startNs } from '../harness/world.ts';
import {
  type Built,
  birthOf,
  buildStandIn,
  createRegistryWorldIn,
  governor,
  homeLedger,
  operator,
  type StandIn,
  stranger,
} from '../registry/world.ts';
import { expectKinds, live, type Steps } from './lives.ts';
import { createRecordedWorld } from './recorded.ts';
import { createRegistryTwin } from './registry-twin.ts';
import { createTwins } from './twins.ts';

const folder = 'tests/canisters/registry-probe';
const versions: readonly StandIn[] = ['index', 'second', 'lossy', 'breaking', 'trapping'];
const otherLedger = Principal.fromText('mxzaz-hqaaa-aaaar-qaada-cai');

type RegistryTwins = Awaited<ReturnType<typeof createRegistryTwins>>;

const worlds: RegistryTwins[] = [];
afterAll(() => Promise.all(worlds.map((world) => world.close())));

function methodsOf({ candid }: Built) {
  const methods = parseDid(candid);
  if (!methods.ok) throw new Error(methods.error);
  return methods.value;
}

async function createRegistryTwins(seed: number) {
  const world = await createRecordedWorld();
  const twins = createTwins(world);
  const registryWorld = await createRegistryWorldIn(world, {}, folder);
  const { registry, replica } = { ...registryWorld, ...world };
  const self = principalToHex(Principal.fromText(registry));
  const methods = methodsOf(registryWorld.registryBuild);
  const pair = createRegistryTwin(self, methods);
  twins.add({ name: 'registry', canister: self, ...pair });
  const codes = await Promise.all(versions.map(buildStandIn));
  const chunks = new Map<Built, Uint8Array[]>();
  for (const code of codes) chunks.set(code, await registryWorld.uploadChunks(code.wasm));
  const random = createRandom(seed);
  const standIn = methodsOf(codes[0]!);
  const call = async (canister: string, method: string, arg: Uint8Array, sender: string): Promise<void> => {
    void replica.call({ canister, method, arg, sender });
    await replica.time.tick(1 + random.below(3));
  };
  return {
    ...world,
    ...pair,
    twins,
    random,
    codes,
    chunks,
    holder: await createHolder(world),
    /** Orders that were sent, to be repeated. */
    commands: [] as { readonly by: string; readonly given: object }[],
    send: (by: string, method: string, ...values: unknown[]) =>
      call(registry, method, encode(methods[method]!.argTypes, values), by),
    tell: (machine: PrincipalHex, method: string, ...values: unknown[]) =>
      call(principalToText(machine), method, encode(standIn[method]!.argTypes, values), operator),
    /** By the machine itself, which is among its controllers. */
    manage: (machine: PrincipalHex, method: string) => {
      const id = principalToText(machine);
      return call('aaaaa-aa', method, canisterArgument(id), id);
    },
    upgrade: () => install(replica, registry, registryWorld.registryBuild.wasm, 'upgrade'),
  };
}

type Step = Steps<RegistryTwins>[string];

/** One of those that live; null before the first. */
function machineOf({ twin: { tables } }: RegistryTwins, random: Random): PrincipalHex | null {
  const { machineOrder } = tables;
  return machineOrder.get(random.below(Math.max(1, machineOrder.end())));
}

function withMachine(act: (world: RegistryTwins, machine: PrincipalHex, random: Random) => Promise<unknown>): Step {
  return async (world, random) => {
    const machine = machineOf(world, random);
    if (machine !== null) await act(world, machine, random);
  };
}

function birthsWith({ twin: { tables } }: RegistryTwins, isWanted: (birth: Birth) => boolean): number[] {
  const numbers = Array.from({ length: tables.births.end() }, (_, number) => number);
  return numbers.filter((number) => isWanted(tables.births.get(number)!));
}

async function bear(world: RegistryTwins, by: string, births: object[], hash: [] | [Uint8Array] = []): Promise<void> {
  const given = { command_id: `b${world.commands.length}`, module_hash: hash, births };
  world.commands.push({ by, given });
  await world.send(by, 'bear', given);
}

async function decideAndUpgrade(world: RegistryTwins, machine: PrincipalHex, { hash }: Built): Promise<void> {
  await world.tell(machine, 'approve_upgrade', hash);
  await world.send(operator, 'upgrade', { machine: hexToPrincipal(machine), module_hash: hash });
}

const approve: Step = (world, random) => {
  const code = random.pick(world.codes);
  const found = world.chunks.get(code)!;
  const chunk_hashes = random.below(3) === 0 ? [new Uint8Array(32)] : found;
  const version = `v${random.below(9)}`;
  return world.send(random.pick([governor, governor, governor, stranger]), 'approve_code', {
    ...{ kind: 'machine', version, module_hash: code.hash, chunk_hashes },
    ...{ candid: code.candid, layout: code.layout ?? '' },
  });
};

const odd = (random: Random) =>
  random.pick([
    { ...birthOf(), make: 'Acme\u0000' },
    { ...birthOf(), thing: '{}' },
    { ...birthOf(), place: 'nowhere at all' },
    { ...birthOf(), operator: [Principal.fromText(stranger)] },
    { ...birthOf('stillborn') },
  ]);

const termsOf = (random: Random) => ({
  label: random.pick(['assistant', 'assistant', 'assistant', 'bad\nlabel']),
  ledger: homeLedger,
  amount_range: { min: 0n, max: 10n },
  budget: { amount: 100n, period_ns: 86_400n * secondNs },
  agent_recurrence: 3,
  allowed_payees: { any: null },
  allowed_purposes: { any: null },
  not_before_ns: 0n,
  expires_ns: startNs + 30n * 86_400n * secondNs,
  reserve_floor: 0n,
  ask_above: 0n,
  powers: ['tariff'],
});

const steps = {
  pass: (world, random) => world.pass(BigInt(random.pick([1, 3, 12, 65, 700])) * secondNs, random.pick([2, 6])),
  upgrade: (world) => world.upgrade(),
  approve,
  retire: (world, random) =>
    world.send(random.pick([governor, governor, operator]), 'retire_code', random.pick(world.codes.slice(2)).hash),
  bear: (world, random) =>
    bear(
      world,
      operator,
      Array.from({ length: 1 + random.below(2) }, () => birthOf()),
    ),
  'bear oddly': (world, random) => {
    const hash: [] | [Uint8Array] = random.pick([[], [], [random.pick(world.codes).hash], [new Uint8Array(32)]]);
    return bear(
      world,
      random.pick([operator, stranger]),
      random.pick([[birthOf(), odd(random)], [odd(random)], []]),
      hash,
    );
  },
  'bear stillborn': (world) => bear(world, operator, [birthOf('stillborn'), birthOf()]),
  /** The machine waits for somebody and so cannot be stopped; the registry waits for that, until nobody hears the answer any more. */
  'upgrade amid a stop': withMachine(async (world, machine) => {
    const { canister, hold, release } = world.holder;
    await world.tell(machine, 'ask', Principal.fromText(canister), 'update', hold);
    const { moduleHash } = world.twin.tables.machines.get(machine)!;
    const [first, second] = world.codes;
    await decideAndUpgrade(world, machine, bytesToHex(second!.hash) === moduleHash ? first! : second!);
    await world.pass(secondNs, 6);
    await world.upgrade();
    await release();
  }),
  repeat: async (world, random) => {
    if (world.commands.length === 0) return;
    const { by, given } = random.pick(world.commands);
    await world.send(by, 'bear', random.below(4) === 0 ? { ...given, births: [birthOf(), birthOf()] } : given);
  },
  resume: (world, random) => {
    const failed = birthsWith(world, ({ problem }) => problem !== null);
    return world.send(random.pick([operator, operator, stranger]), 'resume_births', [random.pick([...failed, 0])]);
  },
  settle: (world, random) => {
    const unknown = birthsWith(world, ({ isUnknown }) => isUnknown);
    return world.send(random.pick([governor, governor, operator]), 'settle_birth', random.pick([...unknown, 1]), []);
  },
  'decide for': withMachine((world, machine, random) =>
    world.tell(machine, 'approve_upgrade', random.pick(world.codes).hash),
  ),
  'upgrade machine': withMachine((world, machine, random) => {
    const module_hash = random.pick(world.codes).hash;
    const given = { machine: hexToPrincipal(machine), module_hash };
    return world.send(random.pick([operator, stranger]), 'upgrade', given);
  }),
  'decide and upgrade': withMachine((world, machine, random) => {
    // To the second version, back to the first, or to the one that traps.
    return decideAndUpgrade(world, machine, world.codes[random.pick([1, 1, 0, 4])]!);
  }),
  'resume upgrade': (world, random) => {
    const upgrade = Math.max(0, world.twin.tables.upgrades.end() - 1 - random.below(2));
    return world.send(random.pick([operator, stranger]), 'resume_upgrade', upgrade);
  },
  'wait for': withMachine((world, machine) => world.tell(machine, 'wait_for', homeLedger, 'icrc1_transfer')),
  'wait no more': withMachine((world, machine) => world.tell(machine, 'wait_no_more')),
  'machine stops': withMachine((world, machine) => world.manage(machine, 'stop_canister')),
  'machine starts': withMachine((world, machine) => world.manage(machine, 'start_canister')),
  'hand over': withMachine((world, machine, random) => {
    const by = random.pick([principalToText(machine), principalToText(machine), stranger]);
    const to = Principal.fromText(random.pick([operator, stranger, 'aaaaa-aa']));
    return world.send(by, 'operator_changed', { operator: to, handover: random.below(5) });
  }),
  'add ledger': (world, random) => {
    const id = random.pick([homeLedger, otherLedger, otherLedger, Principal.fromText(stranger)]);
    const given = {
      id,
      symbol: random.pick(['ICP', 'USD', 'USD', '']),
      decimals: 8,
      fee: 10n,
      home: random.below(4) === 0,
    };
    return world.send(random.pick([governor, governor, operator]), 'add_ledger', given);
  },
  'retire ledger': (world, random) =>
    world.send(governor, 'retire_ledger', random.pick([homeLedger, otherLedger, otherLedger, otherLedger])),
  terms: (world, random) =>
    world.send(random.pick([governor, governor, stranger]), 'set_birth_terms', {
      births_per_caller: random.pick([200, 200, 200, 10 ** 9]),
      birth_cycles: random.pick([3n * 10n ** 12n, 2n * 10n ** 12n]),
      compute: { none: null },
    }),
  allow: (world, random) => {
    const who = Principal.fromText(random.pick([stranger, stranger, 'aaaaa-aa']));
    return world.send(random.pick([governor, governor, operator]), 'allow_operator', who, random.pick([3, 5, 10 ** 9]));
  },
  govern: async (world) => {
    await world.send(governor, 'offer_governance', [Principal.fromText(stranger)]);
    await world.send(operator, 'accept_governance');
    await world.send(stranger, 'accept_governance');
    await world.send(stranger, 'offer_governance', [Principal.fromText(governor)]);
    await world.send(governor, 'accept_governance');
  },
  mandate: (world, random) => {
    const delegate = Principal.fromText(random.pick([stranger, stranger, operator]));
    if (random.below(4) === 0) return world.send(operator, 'revoke_standing_mandate', delegate);
    return world.send(operator, 'set_standing_mandate', { delegate, terms: termsOf(random) });
  },
} satisfies Steps<RegistryTwins>;

const weights: Readonly<Record<keyof typeof steps, number>> = {
  ...{ pass: 24, upgrade: 3, approve: 8, retire: 4, bear: 6, 'bear oddly': 6, 'bear stillborn': 2 },
  ...{ 'upgrade amid a stop': 5, repeat: 3, resume: 8, settle: 4, 'decide for': 4, 'upgrade machine': 4 },
  ...{ 'decide and upgrade': 14, 'resume upgrade': 5, 'wait for': 1, 'wait no more': 3, 'machine stops': 3 },
  ...{ 'machine starts': 6, 'hand over': 8, 'add ledger': 8, 'retire ledger': 5, terms: 3, allow: 5, govern: 1 },
  ...{ mandate: 6 },
};

const eventKinds = [
  ...['CodeApproved', 'CodeRefused', 'CodeRetired', 'CodesCompared', 'LedgerAdded', 'LedgerRetired', 'BirthFailed'],
  ...['MachineRegistered', 'BirthResumed', 'OperatorChanged', 'UpgradeInstalled', 'UpgradeRefused', 'UpgradeFailed'],
  ...['MachineUpgraded', 'StandingMandateSet', 'StandingMandateRevoked', 'BirthTermsSet', 'OperatorAllowed'],
];

it.each([1, 2])(
  '[registry.same] random life %i of a registry',
  async (seed) => {
    const world = await createRegistryTwins(seed);
    worlds.push(world);
    await world.send(governor, 'add_ledger', { id: homeLedger, symbol: 'ICP', decimals: 8, fee: 10n, home: true });
    for (const code of world.codes.filter((_, i) => i < 2 || i === 4)) {
      await world.send(governor, 'approve_code', {
        ...{ kind: 'machine', version: '1', module_hash: code.hash, chunk_hashes: world.chunks.get(code)! },
        ...{ candid: code.candid, layout: code.layout ?? '' },
      });
    }
    await bear(world, operator, [birthOf(), birthOf()]);
    await live(world, steps, weights, 160);
    for (let i = 0; i < 10; i++) await world.pass(120n * secondNs, 6);
    await world.twins.compare();
    await world.twins.compareHashes();
  },
  120_000,
);

it('the lives came far', () => {
  expectKinds(worlds, eventKinds);
  expect(worlds.some(({ twin }) => twin.lostCalls() > 0)).toBe(true);
});
