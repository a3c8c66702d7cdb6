// A network in this process in virtual time, deployed to as `tamc deploy` does it, for a town to settle on.
import { type Connection, connect, type Ed25519KeyIdentity, identityFromSeed } from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { deployWorld } from '../stack/src/deploy/deploy-world.ts';
import { createTown, type Town, type TownOptions, virtualTimeNetwork } from '../stack/src/town/index.ts';
import { expectOk } from './journeys/network.ts';

const hourNs = 3_600_000_000_000n;
/** In its first day a scooter loses the network in the middle of a ride. */
export const seed = 'town 12';
/** Midnight, some hours after which people in the town get up. */
const midnightNs = 1_800_000_000n * 1_000_000_000n - ((1_800_000_000n * 1_000_000_000n) % (24n * hourNs));

export interface TownWorld {
  readonly replica: Replica;
  readonly connection: Connection;
  readonly minter: Ed25519KeyIdentity;
  readonly ledger: PrincipalHex;
  readonly registry: PrincipalHex;
  readonly desk: PrincipalHex;
  /** A connection of its own, by which the town is reached. */
  meet(): Promise<Connection>;
  /** One that knows nothing of those before it. */
  openTown(options?: Partial<TownOptions>): Promise<Town>;
  close(): Promise<void>;
}

export async function createTownWorld(): Promise<TownWorld> {
  const replica = await createReplica({ memory: true, virtualTime: { startNs: midnightNs } });
  const minter = identityFromSeed(new Uint8Array(32).fill(7));
  const meet = async () => {
    const { fetch, rootKey } = replica;
    return expectOk(await connect({ url: 'http://127.0.0.1', fetch, rootKey, identity: minter }));
  };
  const connection = await meet();
  const { ledger, registry, desk } = expectOk(await deployWorld(connection));
  // From here on the town's time begins, however long the deployment took.
  replica.time.setNs(midnightNs + 6n * hourNs);
  await replica.time.tick(3);
  return {
    replica,
    connection,
    minter,
    ledger,
    registry,
    desk: desk!,
    meet,
    openTown: async (options = {}) => {
      const network = virtualTimeNetwork(await meet(), replica, registry);
      await network.pass(0n);
      return createTown({ network, registry, ledger, seed, minter, ...options });
    },
    close: () => replica.close(),
  };
}
