// The same random life of paid use on pure rules and in Wasm: orders, escrow, reports and settlements, with the real ledger, which is
// stopped or frozen for a while.
import { Principal } from '@dfinity/principal';
import type { Random } from '@tamc/base/random';
import { sha256 } from '@tamc/protocol/hash';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { afterAll, it } from 'vitest';
import { codeOf, keyOf } from '../../canisters/machine/test-machine.ts';
import { secondNs } from '../harness/world.ts';
import { dayNs, deviceKey, operator, stranger } from '../machine/money-world.ts';
import { expectKinds, live, type Steps } from './lives.ts';
import { commonSteps, createMoneyTwins, expectSameLife, type MoneyTwins } from './money-twins.ts';

interface UseWorld extends MoneyTwins {
  readonly orders: { readonly by: PrincipalHex; readonly given: object }[];
}

const guests = [keyOf('guest one'), keyOf('guest two'), keyOf('guest three')] as const;
const evidence = new Uint8Array(32).fill(7);

const worlds: UseWorld[] = [];
afterAll(() => Promise.all(worlds.map((world) => world.close())));

const tariffOf = (world: UseWorld, more: object = {}) => ({
  ledger: world.home,
  unit: { use: null },
  price: 100n,
  quantity_max: 20n,
  deadline_ns: 600n * secondNs,
  orders_at_once: 3,
  ...more,
});

async function sendOrder(world: UseWorld, by: PrincipalHex, quantity: bigint, more: object = {}): Promise<void> {
  const tariff = world.twin.tables.tariffNow.get() ?? 0;
  const given = { command_id: `o${world.orders.length}`, tariff, quantity, subaccount: [], ...more };
  world.orders.push({ by, given });
  await world.send(by, 'order', given);
}

/** Of the device, about one of its open commands. */
function sendReport(world: UseWorld, random: Random, by: PrincipalHex, skipped = 0): Promise<void> {
  const { commandQueue, devices } = world.twin.tables;
  const { open } = commandQueue.get();
  const command = open[random.below(Math.max(1, open.length))]?.command ?? random.below(9);
  const body = random.pick([
    { accepted: { command } },
    { acted: { command } },
    { confirmed: { command, quantity: BigInt(random.below(22)), evidence } },
    { confirmed: { command, quantity: BigInt(random.below(12)), evidence } },
    { failed: { command, reason: 'jammed', evidence: [] } },
    { meter: { meter: 'drum', value: 1n, unit: 'min', evidence } },
  ]);
  const sequence = (devices.get(1)?.lastSequence ?? 0) + 1 + skipped;
  const one = { sequence, at_ns: world.now(), body };
  return world.send(by, 'report', random.pick([[one], [one], [one, { ...one, sequence: sequence + 1 }]]));
}

const steps: Steps<UseWorld> = {
  ...commonSteps,
  order: (world, random) => sendOrder(world, random.pick(guests), BigInt(1 + random.below(10))),
  'order oddly': (world, random) => {
    const more = random.pick([
      {},
      { tariff: 77 },
      { subaccount: [new Uint8Array(32).fill(1)] },
      { subaccount: [evidence.slice(1)] },
    ]);
    return sendOrder(
      world,
      random.pick([operator, stranger, ...guests]),
      BigInt(random.pick([0, 1, 5, 10 ** 9])),
      more,
    );
  },
  repeat: async (world, random) => {
    if (world.orders.length === 0) return;
    const { by, given } = random.pick(world.orders);
    await world.send(by, 'order', random.below(4) === 0 ? { ...given, quantity: 9n } : given);
  },
  report: (world, random) => sendReport(world, random, deviceKey),
  'report oddly': (world, random) => sendReport(world, random, random.pick([deviceKey, stranger]), random.below(3) - 1),
  tariff: (world, random) => {
    const more = random.pick([{ price: 30n }, { orders_at_once: 1 }, { unit: { minute: null }, price: 7n }, {}, {}]);
    return world.send(operator, 'set_tariff', tariffOf(world, more));
  },
  'tariff oddly': (world, random) => {
    const ledger = Principal.fromUint8Array(Uint8Array.of(1, 2));
    const more = random.pick([{ price: 0n }, { deadline_ns: 1n }, { orders_at_once: 0 }, { ledger }]);
    return world.send(random.pick([operator, stranger]), 'set_tariff', tariffOf(world, more));
  },
  withdraw: (world, random) => world.send(random.pick([operator, stranger]), 'withdraw_tariff'),
  /** Some run dry, or allow too little. */
  allow: async (world, random) => {
    if (!world.neighbour.isWell()) return;
    await world.approve(random.pick(guests), BigInt(random.pick([0, 500, 50_000])));
    await world.mint(random.pick(guests), BigInt(random.pick([10, 5_000])));
  },
  halt: (world, random) => world.send(random.pick([operator, ...guests]), 'stop', { reason: 'foam' }),
  release: (world) => world.send(operator, 'release_stop'),
  'pay out': (world) =>
    world.send(operator, 'pay', {
      ...world.payment(200n),
      to: { owner: hexToPrincipal(stranger), subaccount: [] },
    }),
};

const weights = {
  ...{
    order: 36,
    'order oddly': 6,
    repeat: 4,
    report: 40,
    'report oddly': 6,
    tariff: 3,
    'tariff oddly': 2,
    withdraw: 1,
  },
  ...{ allow: 8, halt: 1, release: 4, 'pay out': 3 },
  ...{ pass: 16, upgrade: 2, stop: 2, freeze: 3, heal: 10 },
};

const eventKinds = [
  ...['TariffSet', 'OrderPlaced', 'OrderHeld', 'OrderRefused', 'OrderStarted', 'OrderUsed', 'OrderUnused'],
  ...['SettlementStarted', 'SettlementPaid', 'OrderSettled', 'TransferTriedAgain', 'MachineUpgraded'],
];

async function createUseWorld(seed: number): Promise<UseWorld> {
  const world: UseWorld = { ...(await createMoneyTwins(seed)), orders: [] };
  const enrolment = { code_hash: sha256(codeOf('d')), label: 'device', expires_ns: world.now() + dayNs };
  await world.machine.done(operator, 'issue_enrolment', enrolment);
  await world.machine.done(deviceKey, 'enrol', { code: codeOf('d') });
  await world.machine.done(operator, 'set_tariff', tariffOf(world));
  for (const guest of guests) {
    await world.mint(guest, 40_000n);
    await world.approve(guest, 30_000n);
  }
  return world;
}

it.each([1, 2])(
  '[machine.same] random life %i of paid use',
  async (seed) => {
    const world = await createUseWorld(seed);
    worlds.push(world);
    await live(world, steps, weights, 160);
    await expectSameLife(world);
  },
  120_000,
);

it('the lives came far', () => {
  expectKinds(worlds, eventKinds);
});
