// The page's way to the network and its people: reads as the page's own connection, decides as the owner for one act.
import type { Connection, Ed25519KeyIdentity } from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { decide } from '../approve/decide.ts';
import { readStatus } from '../show/read-status.ts';
import type { Status } from '../show/status.ts';
import type { People } from '../world/people.ts';
import type { TownPort } from './approve-routes.ts';

export interface TownPortSettings {
  readonly connection: Connection;
  readonly connectAs: (identity: Ed25519KeyIdentity) => Promise<Connection>;
  readonly registry: PrincipalHex;
  readonly people: Pick<People, 'owner' | 'unsealOwner'>;
  /** Addresses, as far as they are known. */
  readonly network: () => Status['network'];
}

export function createTownPort(settings: TownPortSettings): TownPort {
  const { connection, connectAs, registry, people, network } = settings;
  return {
    readStatus: async () => {
      const owner = people.owner()?.id ?? null;
      const facts = await readStatus(connection, registry, owner);
      return facts.ok
        ? { ok: true, value: { ...facts.value, network: network(), owner, nowNs: connection.nowNs() } }
        : facts;
    },
    unseal: (passphrase) => people.unsealOwner(passphrase),
    decide: async (owner, one, decision) => await decide(await connectAs(owner), one, decision),
  };
}
