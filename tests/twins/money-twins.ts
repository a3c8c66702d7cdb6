// A machine with money and a desk, each of Wasm and on pure rules, with a real ledger and one that lies or is silent, and what a
// random life of theirs is made of.
import { Principal } from '@dfinity/principal';
import { createRandom } from '@tamc/base/random';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { principalToHex, principalToText } from '@tamc/protocol/principal';
import { encode, install } from '../harness/canisters.ts';
import { secondNs } from '../harness/world.ts';
import { buildMachine } from '../machine/machine-world.ts';
import { createMoneyWorldIn } from '../machine/money-world.ts';
import { createDeskTwin } from './desk-twin.ts';
import { createNeighbour } from './faults.ts';
import type { Steps } from './lives.ts';
import { createMachineTwin } from './machine-twin.ts';
import { createRecordedWorld } from './recorded.ts';
import { createTwins } from './twins.ts';

const folders = { machineFolder: 'tests/canisters/machine-probe', deskFolder: 'tests/canisters/desk-probe' };

export type MoneyTwins = Awaited<ReturnType<typeof createMoneyTwins>>;

export async function createMoneyTwins(seed: number) {
  const world = await createRecordedWorld();
  const twins = createTwins(world);
  const money = await createMoneyWorldIn({ world, ...folders });
  const { replica, machine, desk, self, ledger } = money;
  const deskBuild = await buildMachine(folders.deskFolder);
  const deskSelf = principalToHex(Principal.fromText(desk));
  const pair = createMachineTwin(self, machine.methods);
  twins.add({ name: 'machine', canister: self, ...pair });
  const deskNeighbour = createNeighbour(replica, desk);
  const { isWell } = deskNeighbour;
  twins.add({ name: 'desk', canister: deskSelf, isWell, ...createDeskTwin(deskSelf, deskBuild.methods) });
  const random = createRandom(seed);
  return {
    ...money,
    ...pair,
    twins,
    random,
    neighbour: createNeighbour(replica, ledger.canister),
    deskNeighbour,
    upgradeDesk: () => install(replica, desk, deskBuild.wasm, 'upgrade'),
    /** Without waiting for the answer, which may never come. */
    send: async (caller: PrincipalHex, method: string, ...values: unknown[]): Promise<void> => {
      const arg = encode(machine.methods[method]!.argTypes, values);
      void replica.call({ canister: machine.canister, method, arg, sender: principalToText(caller) });
      await replica.time.tick(1 + random.below(3));
    },
  };
}

/** Whatever the life is about: time, new code, and neighbours that fail. */
export const commonSteps = {
  pass: ({ pass }, random) => pass(BigInt(random.pick([1, 3, 12, 65, 400, 4_000])) * secondNs, random.pick([1, 3, 8])),
  upgrade: ({ machine }) => machine.upgrade(),
  'upgrade desk': async ({ upgradeDesk, deskNeighbour }) => {
    if (deskNeighbour.isWell()) await upgradeDesk();
  },
  stop: ({ neighbour }) => neighbour.stop(),
  freeze: ({ neighbour }) => neighbour.freeze(),
  heal: ({ neighbour }) => neighbour.heal(),
} satisfies Steps<MoneyTwins>;

/** In the end, when everything has come to rest. */
export async function expectSameLife({ neighbour, deskNeighbour, twins, pass }: MoneyTwins): Promise<void> {
  await neighbour.heal();
  await deskNeighbour.heal();
  for (let i = 0; i < 10; i++) await pass(600n * secondNs, 6);
  await twins.compare();
  await twins.compareHashes();
}
