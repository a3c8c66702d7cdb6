// The same random life of a machine's compute on pure rules and in Wasm: the reserve, what it buys and from whom, with the real ledger
// and the real desk, each of which is stopped or frozen for a while.
import { afterAll, it } from 'vitest';
import { secondNs } from '../harness/world.ts';
import { operator, stranger } from '../machine/money-world.ts';
import { expectKinds, live, type Steps } from './lives.ts';
import { commonSteps, createMoneyTwins, expectSameLife, type MoneyTwins } from './money-twins.ts';

const worlds: MoneyTwins[] = [];
afterAll(() => Promise.all(worlds.map((world) => world.close())));

/** More cycles than it has, and fewer than it has. */
const [many, few] = [10n ** 15n, 10n ** 12n];

const termsOf = (more: object = {}) => ({
  target: 3_000n,
  low_cycles: few,
  floor_cycles: 0n,
  top_up_amount: 500n,
  ...more,
});

const steps: Steps<MoneyTwins> = {
  ...commonSteps,
  low: ({ send }, random) =>
    send(operator, 'set_compute', termsOf({ low_cycles: many, target: BigInt(random.pick([0, 1_000, 3_000])) })),
  enough: ({ send }) => send(operator, 'set_compute', termsOf()),
  frozen: ({ send }) => send(operator, 'set_compute', termsOf({ low_cycles: many, floor_cycles: many })),
  'too little': ({ send }) => send(operator, 'set_compute', termsOf({ low_cycles: many, top_up_amount: 0n })),
  'set oddly': ({ send }, random) => {
    const more = random.pick([{ low_cycles: 10n ** 40n }, { floor_cycles: many }, { target: 10n ** 40n }, {}]);
    return send(random.pick([operator, stranger]), 'set_compute', termsOf(more));
  },
  'top up': ({ send }, random) => send(random.pick([operator, stranger]), 'top_up'),
  fund: async (world, random) => {
    if (!world.neighbour.isWell()) return;
    const block = await world.mint(random.pick(['main', 'compute']), BigInt(random.pick([100, 600, 2_000])));
    await world.send(stranger, 'announce_receipt', { ledger: world.home, block });
  },
  pay: (world, random) => world.send(operator, 'pay', world.payment(BigInt(random.pick([10, 300, 2_000])))),
  'desk stops': ({ deskNeighbour }) => deskNeighbour.stop(),
  'desk freezes': ({ deskNeighbour }) => deskNeighbour.freeze(),
  'desk heals': ({ deskNeighbour }) => deskNeighbour.heal(),
  'an hour': ({ pass }) => pass(3_601n * secondNs, 6),
};

const weights = {
  ...{ low: 16, enough: 10, frozen: 4, 'too little': 2, 'set oddly': 4, 'top up': 16, fund: 24, pay: 12 },
  ...{ 'desk stops': 3, 'desk freezes': 3, 'desk heals': 8, 'an hour': 6 },
  ...{ pass: 20, upgrade: 3, 'upgrade desk': 3, stop: 2, freeze: 2, heal: 8 },
};

const eventKinds = [
  ...['ComputeLow', 'ComputeFrozen', 'ComputeRecovered', 'TopUpStarted', 'TopUpPaid', 'TopUpDelivered'],
  ...['TopUpPutOff', 'TopUpAskedAgain', 'TransferPaid', 'ReceiptBooked', 'MachineUpgraded'],
];

it.each([1, 2])(
  '[machine.same] random life %i of compute',
  async (seed) => {
    const world = await createMoneyTwins(seed);
    worlds.push(world);
    await live(world, steps, weights, 160);
    await expectSameLife(world);
  },
  120_000,
);

it('the lives came far', () => {
  expectKinds(worlds, eventKinds);
});
