// Durable updates and queries per second of a trivial Azle method, against the same Wasm in a bare loop.
import type { Replica } from '@tamc/replica';
import { createWith, reply } from '../../harness/canisters.ts';
import { buildSample } from '../../harness/sample.ts';
import { createBareCanister, noArguments } from '../bare-loop.ts';
import { type Benchmark, createFigure, type Figure, inTurn } from '../figure.ts';
import { openReplica } from '../open-replica.ts';

const updates = 2_000;
const queries = 2_000;
const rounds = 5;

export const throughput: Benchmark = {
  name: 'throughput',
  about: 'durable updates and queries of a trivial Azle canister, unsigned, in process',
  run: async (say) => {
    const wasm = await buildSample();
    const { replica, remove } = await openReplica();
    try {
      const canister = await createWith(replica, wasm);
      const bare = createBareCanister(wasm);
      say(`${updates} updates in flight at once, ${rounds} rounds, in turn with the bare loop`);
      return [await measureUpdates(replica, canister, bare), await measureQueries(replica, canister, bare)];
    } finally {
      await remove();
    }
  },
};

type Bare = ReturnType<typeof createBareCanister>;

async function measureUpdates(replica: Replica, canister: string, bare: Bare): Promise<Figure> {
  const [value, baseline] = await inTurn(
    rounds,
    () => updatesPerSecond(replica, canister, updates),
    async () => bare.callsPerSecond('canister_update inc', updates),
  );
  return createFigure('durable updates', 'updates/s', value, baseline, { kind: 'ratioAtLeast', bound: 0.4 });
}

async function measureQueries(replica: Replica, canister: string, bare: Bare): Promise<Figure> {
  const [value, baseline] = await inTurn(
    rounds,
    () => queriesPerSecond(replica, canister, queries),
    async () => bare.callsPerSecond('canister_query count', queries),
  );
  return createFigure('queries', 'queries/s', value, baseline, { kind: 'ratioAtLeast', bound: 0.5 });
}

export async function updatesPerSecond(replica: Replica, canister: string, count: number): Promise<number> {
  const start = performance.now();
  const calls = Array.from({ length: count }, () => reply(replica.call({ canister, method: 'inc', arg: noArguments })));
  await Promise.all(calls);
  return count / ((performance.now() - start) / 1000);
}

export async function queriesPerSecond(replica: Replica, canister: string, count: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) await reply(replica.query({ canister, method: 'count', arg: noArguments }));
  return count / ((performance.now() - start) / 1000);
}
