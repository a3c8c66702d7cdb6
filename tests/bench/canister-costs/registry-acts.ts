// The registry's calls, with the real machine: births and an upgrade with all the messages that they take.
import { Principal } from '@dfinity/principal';
import { parseDid } from '../../../stack/src/candid/parse-did.ts';
import {
  birthOf,
  build,
  buildStandIn,
  callerOf,
  createRegistryWorld,
  governor,
  homeLedger,
  operator,
  type RegistryWorld,
  stranger,
} from '../../registry/world.ts';
import { createMeter, type Meter } from './meter.ts';
import type { Measured } from './page.ts';
import { type Asked, measureQueries } from './queries.ts';

const assistant = Principal.fromText(stranger);

export async function measureRegistry(): Promise<Measured> {
  const world = await createRegistryWorld();
  const meter = createMeter(world.world.replica, world.registry);
  const memory = await meter.memory(world.registryBuild.wasm);
  await measureGovernance(world, meter);
  await measureBirths(world, meter);
  const hash = await measureUpgrade(world, meter);
  await measureLast(world, meter, hash);
  const methods = parseDid(world.registryBuild.candid);
  if (!methods.ok) throw new Error(methods.error);
  const { replica } = world.world;
  const target = { replica, canister: world.registry, methods: methods.value };
  await measureQueries(target, meter, askedOf(hash, await firstMachine(world)));
  await world.close();
  return { canister: 'registry', memory, wasm: world.registryBuild.wasm, costs: meter.costs };
}

async function measureGovernance(world: RegistryWorld, { measure }: Meter): Promise<void> {
  const first = await build('canisters/machine');
  await measure('add_ledger', () => world.addHomeLedger());
  const chunk_hashes = await world.uploadChunks(first.wasm);
  const code = { kind: 'machine', version: '1', module_hash: first.hash, chunk_hashes, candid: first.candid };
  await measure('approve_code, of the machine', () =>
    world.update(governor, 'approve_code', { ...code, layout: first.layout ?? '' }),
  );
  await measure('set_birth_terms', () =>
    world.update(governor, 'set_birth_terms', {
      births_per_caller: 100,
      birth_cycles: 3_000_000_000_000n,
      compute: { none: null },
    }),
  );
  await measure('allow_operator', () => world.update(governor, 'allow_operator', Principal.fromText(operator), 100));
}

async function measureBirths(world: RegistryWorld, { measure }: Meter): Promise<void> {
  const births = async (count: number, command_id: string, by = operator, of: [] | [Principal] = []) => {
    const births = Array.from({ length: count }, () => ({ ...birthOf(), operator: of }));
    const answer = (await world.update(by, 'bear', { command_id, module_hash: [], births })) as {
      Ok: { first: number };
    };
    const page = async () => (await world.query('births', answer.Ok.first, count)) as { items: { step: object }[] };
    await world.until('born', async () => (await page()).items.every(({ step }) => 'born' in step), 400);
  };
  await births(1, 'unmeasured');
  await measure('bear, 1 machine, until it is born', () => births(1, 'one'));
  await measure('bear, 10 machines, until they are born', () => births(10, 'ten'));
  const grant = { delegate: assistant, terms: termsAt(world.world.replica.time.nowNs()) };
  await measure('set_standing_mandate', () => world.update(operator, 'set_standing_mandate', grant));
  await measure('bear, 1 machine with a standing mandate, until it is born', () =>
    births(1, 'for another', stranger, [Principal.fromText(operator)]),
  );
  await measure('resume_births, refused', () => world.update(operator, 'resume_births', [0]));
  await measure('settle_birth, refused', () => world.update(governor, 'settle_birth', 0, []));
  const machine = (await firstMachine(world)).toText();
  const handover = { operator: assistant, handover: 1 };
  await measure('operator_changed', () => world.update(machine, 'operator_changed', handover));
  const again = { operator: Principal.fromText(operator), handover: 2 };
  await world.update(machine, 'operator_changed', again);
}

/** Of a stand-in, whose code is small: the registry does the same for every machine. */
async function measureUpgrade(world: RegistryWorld, { measure }: Meter): Promise<Uint8Array> {
  const [first, second] = [await buildStandIn('index'), await buildStandIn('second')];
  await world.approve(second, 'second');
  await world.approve(first, 'first');
  const order = { command_id: 'stand-in', module_hash: [first.hash], births: [birthOf()] };
  const { Ok } = (await world.update(operator, 'bear', order)) as { Ok: { first: number } };
  const birth = async () => ((await world.query('birth', Ok.first)) as [{ step: object; canister: [Principal] }])[0];
  await world.until('the birth', async () => 'born' in (await birth()).step);
  const [machine] = (await birth()).canister;
  await callerOf(world.world, machine.toText(), first.candid).update(operator, 'approve_upgrade', second.hash);
  const status = async () => ((await world.query('upgrade_status', 0)) as [{ outcome: [] | [object] }])[0];
  await measure(
    'upgrade, of a stand-in, until it is over',
    () => world.update(stranger, 'upgrade', { machine, module_hash: second.hash }),
    () => world.until('the upgrade is over', async () => (await status()).outcome.length > 0, 800),
  );
  await measure('resume_upgrade, refused', () => world.update(stranger, 'resume_upgrade', 0));
  return second.hash;
}

async function measureLast(world: RegistryWorld, { measure }: Meter, hash: Uint8Array): Promise<void> {
  await measure('revoke_standing_mandate', () => world.update(operator, 'revoke_standing_mandate', assistant));
  await world.update(operator, 'set_standing_mandate', {
    delegate: assistant,
    terms: termsAt(world.world.replica.time.nowNs()),
  });
  await measure('retire_code', () => world.update(governor, 'retire_code', hash));
  const other = { id: Principal.fromText(world.registry), symbol: 'OLD', decimals: 2, fee: 1n, home: false };
  await world.update(governor, 'add_ledger', other);
  await measure('retire_ledger', () => world.update(governor, 'retire_ledger', other.id));
  await measure('offer_governance', () => world.update(governor, 'offer_governance', [Principal.fromText(operator)]));
  await measure('accept_governance', () => world.update(operator, 'accept_governance'));
}

async function firstMachine(world: RegistryWorld): Promise<Principal> {
  const { items } = (await world.query('machines', 0, 1)) as { items: [{ canister: Principal }] };
  return items[0].canister;
}

function termsAt(nowNs: bigint) {
  return {
    label: 'assistant',
    ledger: homeLedger,
    amount_range: { min: 0n, max: 5n },
    budget: { amount: 20n, period_ns: 86_400_000_000_000n },
    agent_recurrence: 100,
    allowed_payees: { any: null },
    allowed_purposes: { any: null },
    not_before_ns: 0n,
    expires_ns: nowNs + 86_400_000_000_000n,
    reserve_floor: 0n,
    ask_above: 5n,
    powers: ['command', 'tariff'],
  };
}

function askedOf(hash: Uint8Array, machine: Principal): readonly Asked[] {
  const boss = Principal.fromText(operator);
  return [
    { method: 'settings' },
    { method: 'codes' },
    { method: 'code_texts', values: [hash] },
    { method: 'ledgers' },
    { method: 'money_terms' },
    { method: 'standing_mandates', values: [boss] },
    { method: 'birth', values: [0] },
    { method: 'births', values: [0, 10], about: '10 births' },
    { method: 'machine', values: [machine] },
    { method: 'machines', values: [0, 10], about: '10 machines' },
    { method: 'machines_of', values: [boss, 0, 10], about: '10 machines' },
    { method: 'upgrade_status', values: [0] },
    { method: 'upgrades', values: [0, 10] },
    { method: 'events', values: [0n, 20], about: '20 events' },
    { method: 'open_calls' },
    { method: 'layout' },
  ];
}
