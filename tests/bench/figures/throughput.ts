// Durable updates and queries per second of a trivial Azle method, against the same Wasm in a bare loop.
import { Cbor } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { Principal } from '@dfinity/principal';
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
      return [
        await measureUpdates(replica, canister, bare),
        await measureSigned(replica, canister, bare),
        await measureQueries(replica, canister, bare),
      ];
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

/** Whole requests as clients make them, each signed with Ed25519, checked, and answered with a certificate. */
async function measureSigned(replica: Replica, canister: string, bare: Bare): Promise<Figure> {
  const identity = Ed25519KeyIdentity.generate();
  const [value, baseline] = await inTurn(
    rounds,
    () => signedUpdatesPerSecond(replica, canister, identity),
    async () => bare.callsPerSecond('canister_update inc', updates),
  );
  return createFigure('durable updates, signed and certified', 'updates/s', value, baseline, null);
}

async function signedUpdatesPerSecond(
  replica: Replica,
  canister: string,
  identity: Ed25519KeyIdentity,
): Promise<number> {
  const bodies = await Promise.all(
    Array.from({ length: updates }, (_, nonce) => signedCall(identity, canister, nonce)),
  );
  const url = `http://127.0.0.1/api/v4/canister/${canister}/call`;
  const start = performance.now();
  const answers = await Promise.all(bodies.map((body) => replica.fetch(url, { method: 'POST', body })));
  const elapsed = performance.now() - start;
  const refused = answers.find((answer) => answer.status !== 200);
  if (refused !== undefined) throw new Error(`refused: ${refused.status} ${await refused.text()}`);
  return updates / (elapsed / 1000);
}

async function signedCall(
  identity: Ed25519KeyIdentity,
  canister: string,
  nonce: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const content = {
    request_type: 'call',
    canister_id: Principal.fromText(canister),
    method_name: 'inc',
    arg: noArguments,
    sender: identity.getPrincipal(),
    ingress_expiry: BigInt(Date.now() + 120_000) * 1_000_000n,
    nonce: new Uint8Array(new Float64Array([nonce, performance.now()]).buffer),
  };
  const signed = await identity.transformRequest({ endpoint: 'call', request: {}, body: content } as never);
  return new Uint8Array(Cbor.encode((signed as { body: unknown }).body));
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
