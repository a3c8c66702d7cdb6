// The same random life of a simulated desk on pure rules and in Wasm, with a real ledger that is stopped or frozen for a while.
import { Principal } from '@dfinity/principal';
import { createRandom, type Random } from '@tamc/base/random';
import { principalToHex } from '@tamc/protocol/principal';
import { DeskInitType } from '@tamc/protocol/simulated-desk';
import { afterAll, expect, it } from 'vitest';
import { createCanister, encode, install } from '../harness/canisters.ts';
import { secondNs } from '../harness/world.ts';
import { accountOf, buildLedger, installLedger, minter, person } from '../ledger/harness.ts';
import { buildMachine } from '../machine/machine-world.ts';
import { createDeskTwin } from './desk-twin.ts';
import { createNeighbour } from './faults.ts';
import { createRecordedWorld } from './recorded.ts';
import { createTwins } from './twins.ts';

type DeskWorld = Awaited<ReturnType<typeof createDeskWorld>>;

const worlds: DeskWorld[] = [];
afterAll(() => Promise.all(worlds.map((world) => world.close())));

async function createDeskWorld() {
  const world = await createRecordedWorld();
  const { replica } = world;
  const ledger = await installLedger(replica, await buildLedger(), { transfer_fee: 10n });
  const { wasm, methods } = await buildMachine('tests/canisters/desk-probe');
  const desk = await createCanister(replica);
  const self = principalToHex(Principal.fromText(desk));
  const twins = createTwins(world);
  const pair = createDeskTwin(self, methods);
  twins.add({ name: 'desk', canister: self, ...pair });
  const init = { ledger: Principal.fromText(ledger.canister), cycles_per_unit: 10n ** 9n };
  await install(replica, desk, wasm, 'install', encode([DeskInitType], [init]));
  // Who can be sold to, the desk itself, and who can hold no cycles.
  const payers = [Principal.fromText(ledger.canister), Principal.fromText(desk), person(1)];
  for (const payer of payers) await ledger.transfer(minter.owner, { to: accountOf(payer), amount: 10n ** 12n });
  const neighbour = createNeighbour(replica, ledger.canister);
  const topUp = methods.top_up!.argTypes;
  return { ...world, ...pair, ledger, desk, wasm, topUp, twins, payers, neighbour, blocks: payers.length };
}

const kinds = ['pay', 'pay', 'pay', 'ask', 'ask', 'ask', 'ask', 'ask', 'odd', 'pass', 'pass'] as const;
const rare = ['stop', 'freeze', 'heal', 'heal', 'upgrade'] as const;

async function step(world: DeskWorld, random: Random): Promise<void> {
  const { replica, ledger, desk, wasm, neighbour, topUp, payers } = world;
  /** Not waited for, so that sales overtake each other. */
  const ask = (block: bigint) => {
    void replica.call({ canister: desk, method: 'top_up', arg: encode(topUp, [{ block }]) });
  };
  switch (random.pick([...kinds, ...rare])) {
    case 'pay': {
      if (!neighbour.isWell()) return;
      const to = accountOf(random.pick([Principal.fromText(desk), Principal.fromText(desk), person(2)]));
      // Some pay too much for one sale.
      const amount = random.pick([0n, 1n, 100n, 100n, 10n ** 11n]);
      await ledger.transfer(random.pick(payers), { to, amount });
      world.blocks++;
      return;
    }
    case 'ask':
      ask(BigInt(random.below(world.blocks + 2)));
      return;
    case 'odd':
      ask(random.pick([2n ** 64n, 2n ** 100n, 10n ** 9n]));
      return;
    case 'pass':
      return world.pass(BigInt(random.pick([1, 2, 10, 60, 300])) * secondNs, 4);
    case 'stop':
      return neighbour.stop();
    case 'freeze':
      return neighbour.freeze();
    case 'heal':
      return neighbour.heal();
    case 'upgrade':
      return install(replica, desk, wasm, 'upgrade');
  }
}

const saleKinds = ['SaleAsked', 'SaleBegun', 'SaleDelivered', 'SaleFailed', 'SaleRejected'];

it.each([1, 2])(
  '[desk.same] random life %i',
  async (seed) => {
    const world = await createDeskWorld();
    worlds.push(world);
    const random = createRandom(seed);
    for (let i = 0; i < 120; i++) {
      await step(world, random);
      if (i % 20 === 19) await world.twins.compare();
    }
    await world.neighbour.heal();
    for (let i = 0; i < 5; i++) await world.pass(300n * secondNs, 4);
    await world.twins.compare();
    await world.twins.compareHashes();
  },
  120_000,
);

it('the lives came far', () => {
  const kinds = worlds.flatMap(({ twin }) => [...twin.kinds()]);
  expect(kinds).toEqual(expect.arrayContaining(saleKinds));
});
