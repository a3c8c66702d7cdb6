// Shell (clock, timers): how the town sees its network, in real time and in virtual time. All who live in the town speak through
// one connection, one after the other, each signing with a key of their own.
import { setTimeout } from 'node:timers/promises';
import type { Connection, Ed25519KeyIdentity } from '@tamc/client';
import { hexToPrincipal, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import type { Replica } from '@tamc/replica';

export interface TownNetwork {
  readonly connection: Connection;
  nowNs(): bigint;
  /** Time goes on by so much: it is waited for, or moved. */
  pass(durationNs: bigint, signal?: AbortSignal): Promise<void>;
  /** Called before and after each act: what one act does is done before the next begins, where time is the town's own. */
  before(): Promise<void>;
  after(): Promise<void>;
}

export function realTimeNetwork(connection: Connection): TownNetwork {
  return {
    connection,
    nowNs: connection.nowNs,
    pass: async (durationNs, signal) => {
      const ms = Number(durationNs / 1_000_000n);
      await setTimeout(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    },
    before: async () => {},
    after: async () => {},
  };
}

/** Between two acts; only their order matters. */
const actNs = 1_000_000n;
/** An act's consequences in other canisters: a capture and a refund, there and back. */
const roundsAfterAct = 8;
/** What timers began is over after so many. */
const roundsAfterPass = 12;

/**
 * A replica of this process in virtual time. Each act has a moment of its own, at which nothing else is under way: so equal seeds
 * give equal events, to the nanosecond. `known` is any canister there is, to ask for the time.
 */
export function virtualTimeNetwork(connection: Connection, { time }: Replica, known: PrincipalHex): TownNetwork {
  // Where a town before this one stopped: rounds since its last act have taken some nanoseconds.
  let wantedNs = time.nowNs() - (time.nowNs() % actNs);
  const move = (durationNs: bigint) => {
    wantedNs += durationNs;
    if (wantedNs > time.nowNs()) time.setNs(wantedNs);
  };
  return {
    connection,
    nowNs: () => wantedNs,
    pass: async (durationNs) => {
      move(durationNs);
      await time.tick(roundsAfterPass);
      // A client knows the network's time from its last look at it.
      await connection.agent.syncTime(hexToPrincipal(known));
    },
    before: async () => move(actNs),
    after: () => time.tick(roundsAfterAct),
  };
}

/** The town's connections: one after the other, because they share one agent. */
export interface Switchboard {
  as(identity: Ed25519KeyIdentity): Connection;
}

export function createSwitchboard(network: TownNetwork): Switchboard {
  const { connection } = network;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  };
  return {
    as: (identity) => ({
      ...connection,
      self: principalToHex(identity.getPrincipal()),
      read: (canister, segments) => inTurn(() => connection.read(canister, segments)),
      call: (canister, method, values) =>
        inTurn(async () => {
          const isQuery = method.type.annotations.includes('query');
          if (!isQuery) await network.before();
          connection.agent.replaceIdentity(identity);
          const answer = await connection.call(canister, method, values);
          if (!isQuery) await network.after();
          return answer;
        }),
    }),
  };
}
