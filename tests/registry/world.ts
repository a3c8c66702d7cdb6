// A registry on a replica, with a governor, a home ledger and modules of the stand-in machine, and the verbs of its tests.
import { createHash } from 'node:crypto';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import type { ReplicaOptions } from '@tamc/replica';
import { buildCanister } from '@tamc/stack';
import { parseDid } from '../../stack/src/candid/parse-did.ts';
import { createCanister, install, reply } from '../harness/canisters.ts';
import { createTestWorld, secondNs, type TestWorld } from '../harness/world.ts';

export const governor = principalOf(1);
export const operator = principalOf(2);
export const stranger = principalOf(3);
export const homeLedger = Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai');

function principalOf(number: number): string {
  return Principal.selfAuthenticating(Uint8Array.of(number)).toText();
}

export interface Built {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly candid: string;
  readonly layout: string | null;
  readonly hash: Uint8Array;
}

export async function build(source: string): Promise<Built> {
  const built = await buildCanister(source);
  if (!built.ok) throw new Error(`${source} does not build: ${JSON.stringify(built.error)}`);
  return { ...built.value, hash: sha256(built.value.wasm) };
}

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());

export type StandIn = 'index' | 'second' | 'lossy' | 'breaking' | 'trapping';
export const buildStandIn = (version: StandIn) => build(`tests/canisters/stand-in-machine/${version}.ts`);

/** Calls by the interface that the canister's own build tells. */
export function callerOf(world: TestWorld, canister: string, candid: string) {
  const methods = parseDid(candid);
  if (!methods.ok) throw new Error(methods.error);
  const encodeArgs = (method: string, values: unknown[]) =>
    new Uint8Array(IDL.encode(methods.value[method]!.argTypes, values));
  const decodeReply = (method: string, data: Uint8Array): unknown =>
    IDL.decode(methods.value[method]!.retTypes, Uint8Array.from(data))[0];
  return {
    update: async (sender: string, method: string, ...values: unknown[]): Promise<unknown> => {
      const arg = encodeArgs(method, values);
      return decodeReply(method, await reply(world.replica.call({ canister, method, arg, sender })));
    },
    query: async (method: string, ...values: unknown[]): Promise<unknown> => {
      const arg = encodeArgs(method, values);
      return decodeReply(method, await reply(world.replica.query({ canister, method, arg })));
    },
  };
}

const uploadArgs = IDL.Record({ canister_id: IDL.Principal, chunk: IDL.Vec(IDL.Nat8) });
const chunkBytesMax = 1 << 20;

export interface RegistryOptions {
  readonly network?: 'embedded' | 'local' | 'main' | 'engine';
  readonly birthsPerCaller?: number;
  readonly birthCycles?: bigint;
  readonly replica?: ReplicaOptions;
}

export async function createRegistryWorld(options: RegistryOptions = {}) {
  return createRegistryWorldIn(await createTestWorld(options.replica), options);
}

/** `folder`: where the source of the registry lies. */
export async function createRegistryWorldIn<World extends TestWorld>(
  world: World,
  options: RegistryOptions = {},
  folder = 'canisters/registry',
) {
  const built = await build(folder);
  const registry = await createCanister(world.replica);
  const init = {
    governor: Principal.fromText(governor),
    network: { [options.network ?? 'embedded']: null },
    births_per_caller: options.birthsPerCaller ?? 200,
    birth_cycles: options.birthCycles ?? 3_000_000_000_000n,
    compute: { none: null },
  };
  const arg = new Uint8Array(IDL.encode(initTypes(built.candid), [init]));
  await install(world.replica, registry, built.wasm, 'install', arg);
  const calls = callerOf(world, registry, built.candid);

  const uploadChunks = async (wasm: Uint8Array) => {
    const hashes: Uint8Array[] = [];
    for (let at = 0; at < wasm.length; at += chunkBytesMax) {
      const chunk = wasm.slice(at, at + chunkBytesMax);
      const value = { canister_id: Principal.fromText(registry), chunk };
      const chunkArg = new Uint8Array(IDL.encode([uploadArgs], [value]));
      await reply(world.replica.call({ canister: 'aaaaa-aa', method: 'upload_chunk', arg: chunkArg }));
      hashes.push(sha256(chunk));
    }
    return hashes;
  };

  return {
    ...world,
    ...calls,
    world,
    registry,
    registryBuild: built,
    uploadChunks,
    approve: async (code: Built, version: string): Promise<unknown> => {
      const chunk_hashes = await uploadChunks(code.wasm);
      const args = { kind: 'machine', version, module_hash: code.hash, chunk_hashes, candid: code.candid };
      return calls.update(governor, 'approve_code', { ...args, layout: code.layout ?? '' });
    },
    addHomeLedger: () =>
      calls.update(governor, 'add_ledger', { id: homeLedger, symbol: 'ICP', decimals: 8, fee: 10_000n, home: true }),
    /** Time passes until the query's answer is as wanted. */
    until: async (what: string, isSo: () => Promise<boolean>, rounds = 200): Promise<void> => {
      for (let i = 0; i < rounds; i++) {
        if (await isSo()) return;
        await world.pass(secondNs / 2n, 5);
      }
      throw new Error(`it never came to this: ${what}`);
    },
  };
}

export type RegistryWorld = Awaited<ReturnType<typeof createRegistryWorld>>;

/** The types of a service's install argument are the input types of a method with the same text. */
function initTypes(candid: string): IDL.Type[] {
  const method = candid.replace(/^service: (\([\s\S]*?\)) -> \{/, 'service: { _init: $1 -> ();');
  const parsed = parseDid(method);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value._init!.argTypes;
}

export const thing = JSON.stringify({
  '@context': 'https://www.w3.org/2022/wot/td/v1.1',
  title: 'Washer',
  actions: { start: {} },
  properties: {},
});

export function birthOf(kind = 'washer') {
  return { operator: [], kind, make: 'Acme', model: 'W1', place: 'u281z', thing, charter: 'Wash well.' };
}
