// Shell (clock, network of this process): a network on a folder, whose answers can be lost and which can be restarted while clients
// hold connections to it. Time follows the clock.
import { assert } from '@tamc/base/assert';
import { type Connection, connect, type Ed25519KeyIdentity } from '@tamc/client';
import { createReplica, type Replica } from '@tamc/replica';

export interface TrialNetwork {
  connect(identity: Ed25519KeyIdentity): Promise<Connection>;
  nowNs(): bigint;
  /** So many rounds at once, instead of waiting for them. */
  pass(rounds: number): Promise<void>;
  /** What an act leads to is over then: some of it is done by timers, for which time is moved. */
  settle(): Promise<void>;
  /** The next update is carried out, its answer never arrives, and the network is away until it is restarted. */
  loseNextAnswer(): void;
  /** Stops and starts again with what is on the disk. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A timer of our canisters waits a second at least; what it began goes to another canister and back, some times. */
const timerNs = 1_100_000_000n;
const roundsToTimer = 6;
const roundsAfterTimer = 8;

const clockNs = () => BigInt(Date.now()) * 1_000_000n;
const url = 'http://127.0.0.1';

export async function openTrialNetwork(store: string): Promise<TrialNetwork> {
  let replica = await open(store);
  let state: 'there' | 'losing' | 'away' = 'there';
  const reach: typeof fetch = async (input, init) => {
    if (state === 'away') throw gone();
    const answer = await replica.fetch(input, init);
    if (state !== 'losing' || !isUpdate(input)) return answer;
    state = 'away';
    throw gone();
  };
  return {
    connect: async (identity) => {
      const found = await connect({ url, fetch: reach, rootKey: replica.rootKey, identity });
      assert(found.ok, 'a network of this process can be connected to');
      return found.value;
    },
    nowNs: () => (replica.time.nowNs() > clockNs() ? replica.time.nowNs() : clockNs()),
    pass: (rounds) => replica.time.tick(rounds),
    settle: async () => {
      await replica.time.tick(roundsToTimer);
      replica.time.advanceNs(timerNs);
      // From here on time is ahead of the clock by so much.
      replica.time.autoProgress();
      await replica.time.tick(roundsAfterTimer);
    },
    loseNextAnswer: () => {
      state = 'losing';
    },
    restart: async () => {
      state = 'away';
      await replica.close();
      replica = await open(store);
      state = 'there';
    },
    close: () => replica.close(),
  };
}

async function open(store: string): Promise<Replica> {
  const replica = await createReplica({ store, virtualTime: true });
  if (clockNs() > replica.time.nowNs()) replica.time.setNs(clockNs());
  replica.time.autoProgress();
  return replica;
}

/** As Node's own fetch fails when the other end is gone. */
function gone(): TypeError {
  return new TypeError('fetch failed', { cause: new Error('the network of this trial is away') });
}

function isUpdate(input: Parameters<typeof fetch>[0]): boolean {
  const address = input instanceof Request ? input.url : String(input);
  return new URL(address).pathname.endsWith('/call');
}
