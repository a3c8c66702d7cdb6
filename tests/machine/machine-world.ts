// A machine of real Wasm on a replica in virtual time, called by its own interface as anybody.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode as decodeValue } from '@tamc/base/codec';
import { type Enveloped, envelopedCodec } from '@tamc/protocol/events';
import { type MachineInit, MachineInitType } from '@tamc/protocol/identity';
import { hexToPrincipal, type PrincipalHex, principalToHex, principalToText } from '@tamc/protocol/principal';
import { buildCanister } from '@tamc/stack';
import { type MachineEvent, machineEvent } from '../../canisters/machine/events.ts';
import { init as initGiven } from '../../canisters/machine/test-machine.ts';
import { type Methods, parseDid } from '../../stack/src/candid/parse-did.ts';
import { createCanister, decode, encode, install, reply, tryInstall } from '../harness/canisters.ts';
import type { TestWorld } from '../harness/world.ts';

const built = new Map<string, ReturnType<typeof build>>();

async function build(folder: string): Promise<{ wasm: Uint8Array; methods: Methods }> {
  const result = await buildCanister(folder);
  if (!result.ok) throw new Error(`${folder} does not build: ${JSON.stringify(result.error)}`);
  const methods = parseDid(result.value.candid);
  if (!methods.ok) throw new Error(methods.error);
  return { wasm: result.value.wasm, methods: methods.value };
}

export function buildMachine(folder = 'canisters/machine') {
  const known = built.get(folder) ?? build(folder);
  built.set(folder, known);
  return known;
}

export const committedCandid = () =>
  readFileSync(join(import.meta.dirname, '../../canisters/machine/machine.did'), 'utf8');

export type MachineOnReplica = Awaited<ReturnType<typeof createMachine>>;

/** Candid values are checked by the interface at run time; tests say what they expect of them. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test states
export type Value = any;

export async function createMachine(world: TestWorld, folder?: string, init: MachineInit = initGiven) {
  const { replica } = world;
  const { wasm, methods } = await buildMachine(folder);
  const canister = await createCanister(replica);
  await install(replica, canister, wasm, 'install', encode([MachineInitType], [init]));
  const call = async (kind: 'call' | 'query', caller: PrincipalHex, method: string, values: unknown[]) => {
    const { argTypes, retTypes } = methods[method]!;
    const arg = encode(argTypes, values);
    const data = await reply(replica[kind]({ canister, method, arg, sender: principalToText(caller) }));
    return decode(retTypes, data)[0] as Value;
  };
  const events = async (from = 0): Promise<Enveloped<MachineEvent>[]> => {
    const page = await call('query', '04' as PrincipalHex, 'events', [BigInt(from), 500]);
    return page.events.map((bytes: Uint8Array) => decodeValue(envelopedCodec(machineEvent), Uint8Array.from(bytes)));
  };
  return {
    canister,
    methods,
    /** The answer as it is. */
    update: (caller: PrincipalHex, method: string, ...values: unknown[]) => call('call', caller, method, values),
    /** What is in `Ok`. */
    done: async (caller: PrincipalHex, method: string, ...values: unknown[]) => {
      const answer = await call('call', caller, method, values);
      if (!('Ok' in answer)) throw new Error(`refused: ${answer.Err.code}: ${answer.Err.message}`);
      return answer.Ok as Value;
    },
    /** The code of the refusal. */
    refused: async (caller: PrincipalHex, method: string, ...values: unknown[]): Promise<string> => {
      const answer = await call('call', caller, method, values);
      if ('Ok' in answer) throw new Error('done, although a refusal was expected');
      return answer.Err.code;
    },
    query: (method: string, ...values: unknown[]) => call('query', '04' as PrincipalHex, method, values),
    queryBy: (caller: PrincipalHex, method: string, ...values: unknown[]) => call('query', caller, method, values),
    events,
    /** Decided for by those who may, as the machine asks for; then installed without a stop. */
    upgrade: async () => {
      const hash = new Uint8Array(32).fill(9);
      await call('call', principalToHex(init.operator), 'approve_upgrade', [{ hash }]);
      await call('call', principalToHex(init.registry), 'prepare_upgrade', [[{ hash }]]);
      await install(replica, canister, wasm, 'upgrade');
    },
    tryUpgrade: () => tryInstall(replica, canister, wasm, 'upgrade'),
  };
}

export const candidPrincipal = (hex: PrincipalHex) => hexToPrincipal(hex);
