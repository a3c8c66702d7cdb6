// The probe canister on a replica in virtual time, with typed methods.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { encode as encodeValue } from '@tamc/base/codec';
import { type CandidEvents, EventsType } from '@tamc/protocol/events';
import { AnswerType } from '@tamc/protocol/refusal';
import { buildCanister } from '@tamc/stack';
import { type Operation, operationsCodec } from '../canisters/tables-probe/operations.ts';
import { createWith, decode, encode, install, reply } from '../harness/canisters.ts';
import type { TestWorld } from '../harness/world.ts';

let built: Promise<Uint8Array> | null = null;

export function buildProbe(): Promise<Uint8Array> {
  built ??= buildCanister('tests/canisters/tables-probe').then((result) => {
    if (!result.ok) throw new Error(`the probe does not build: ${JSON.stringify(result.error)}`);
    return result.value.wasm;
  });
  return built;
}

export interface Sent {
  readonly id: string;
  readonly callee: string;
  readonly method?: string;
  readonly argument?: Uint8Array;
  readonly isRepeatable?: boolean;
}

const sendTypes = [IDL.Text, IDL.Principal, IDL.Text, IDL.Vec(IDL.Nat8), IDL.Bool];
const sendValues = ({ id, callee, method = 'update', argument = encode([], []), isRepeatable = true }: Sent) => {
  return [id, Principal.fromText(callee), method, argument, isRepeatable];
};

export type Probe = Awaited<ReturnType<typeof createProbe>>;

export async function createProbe({ replica }: TestWorld) {
  const wasm = await buildProbe();
  const canister = await createWith(replica, wasm);
  const update = (method: string, types: IDL.Type[], values: unknown[]) =>
    replica.call({ canister, method, arg: encode(types, values) });
  const updated = async (method: string, result: IDL.Type, types: IDL.Type[] = [], values: unknown[] = []) =>
    decode([result], await reply(update(method, types, values)))[0];
  const queried = async (method: string, result: IDL.Type, types: IDL.Type[] = [], values: unknown[] = []) =>
    decode([result], await reply(replica.query({ canister, method, arg: encode(types, values) })))[0];
  return {
    canister,
    run: async (operations: readonly Operation[]) =>
      (await updated('run', IDL.Text, [IDL.Vec(IDL.Nat8)], [encodeValue(operationsCodec, operations)])) as string,
    runRaw: (bytes: Uint8Array) => update('run', [IDL.Vec(IDL.Nat8)], [bytes]),
    hash: async () => (await queried('hash', IDL.Text)) as string,
    send: (sent: Sent) => updated('send', AnswerType(IDL.Text), sendTypes, sendValues(sent)),
    sendOnce: (commandId: string, sent: Sent) =>
      updated('sendOnce', AnswerType(IDL.Text), [IDL.Text, ...sendTypes], [commandId, ...sendValues(sent)]),
    /** Not awaited answer, for calls that never come back. */
    sendOnceOpen: (commandId: string, sent: Sent) =>
      update('sendOnce', [IDL.Text, ...sendTypes], [commandId, ...sendValues(sent)]),
    setFault: async (fault: string) => {
      await reply(update('setFault', [IDL.Text], [fault]));
    },
    settled: async (id: string) => (await queried('settled', IDL.Text, [IDL.Text], [id])) as string,
    open: async () => (await queried('open', IDL.Vec(IDL.Text))) as string[],
    events: async (from: number, limit: number) =>
      (await queried('events', EventsType, [IDL.Nat, IDL.Nat32], [from, limit])) as CandidEvents,
    layout: async () => (await queried('layout', IDL.Text)) as string,
    measure: async (name: string, times: number) =>
      Number(await updated('measure', IDL.Nat64, [IDL.Text, IDL.Nat32], [name, times])),
    upgrade: () => install(replica, canister, wasm, 'upgrade'),
  };
}
