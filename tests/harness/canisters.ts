// A replica under test and canisters in it, through its in-process calls. Arguments are encoded by an independent library.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import type { Answer, Replica } from '@tamc/replica';
import createWabt from 'wabt';

/** Enough for every execution to set its largest cost aside. */
export const plentyOfCycles = 1_000_000_000_000_000n;

const createArgs = IDL.Record({
  amount: IDL.Opt(IDL.Nat),
  settings: IDL.Opt(IDL.Null),
  specified_id: IDL.Opt(IDL.Principal),
});
const installArgs = IDL.Record({
  mode: IDL.Variant({ install: IDL.Null, reinstall: IDL.Null, upgrade: IDL.Null }),
  canister_id: IDL.Principal,
  wasm_module: IDL.Vec(IDL.Nat8),
  arg: IDL.Vec(IDL.Nat8),
});
const canisterArg = IDL.Record({ canister_id: IDL.Principal });

export function encode(types: IDL.Type[], values: unknown[]): Uint8Array {
  return new Uint8Array(IDL.encode(types, values));
}

export function decode(types: IDL.Type[], data: Uint8Array): unknown[] {
  return IDL.decode(types, data as unknown as ArrayBuffer & Uint8Array) as unknown[];
}

export async function reply(answer: Promise<Answer>): Promise<Uint8Array> {
  const got = await answer;
  if (got.kind === 'rejected') throw new Error(`rejected with ${got.code} ${got.errorCode}: ${got.message}`);
  return got.data;
}

export async function createCanister(replica: Replica, cycles = plentyOfCycles): Promise<string> {
  const arg = encode([createArgs], [{ amount: [cycles], settings: [], specified_id: [] }]);
  const data = await reply(
    replica.call({ canister: 'aaaaa-aa', method: 'provisional_create_canister_with_cycles', arg }),
  );
  return (decode([canisterArg], data)[0] as { canister_id: Principal }).canister_id.toText();
}

export type Mode = 'install' | 'reinstall' | 'upgrade';

export function tryInstall(
  replica: Replica,
  canister: string,
  wasm: Uint8Array,
  mode: Mode = 'install',
  arg = encode([], []),
): Promise<Answer> {
  const record = { mode: { [mode]: null }, canister_id: Principal.fromText(canister), wasm_module: wasm, arg };
  return replica.call({ canister: 'aaaaa-aa', method: 'install_code', arg: encode([installArgs], [record]) });
}

export async function install(
  replica: Replica,
  canister: string,
  wasm: Uint8Array,
  mode: Mode = 'install',
  arg?: Uint8Array,
): Promise<void> {
  await reply(tryInstall(replica, canister, wasm, mode, arg));
}

/** A management call that takes only the canister: start_canister, stop_canister, uninstall_code, … */
export function manage(replica: Replica, method: string, canister: string): Promise<Answer> {
  return replica.call({
    canister: 'aaaaa-aa',
    method,
    arg: encode([canisterArg], [{ canister_id: Principal.fromText(canister) }]),
  });
}

export async function createWith(replica: Replica, wasm: Uint8Array, cycles?: bigint): Promise<string> {
  const canister = await createCanister(replica, cycles);
  await install(replica, canister, wasm);
  return canister;
}

let wabt: ReturnType<typeof createWabt> | null = null;

/** A module from WebAssembly text. */
export async function compileWat(text: string): Promise<Uint8Array> {
  wabt ??= createWabt();
  const module = (await wabt).parseWat('test.wat', text, {
    bulk_memory: true,
    sign_extension: true,
    mutable_globals: true,
    multi_value: true,
  });
  const { buffer } = module.toBinary({});
  module.destroy();
  return buffer;
}

const settingTypes = {
  controllers: IDL.Vec(IDL.Principal),
  compute_allocation: IDL.Nat,
  memory_allocation: IDL.Nat,
  freezing_threshold: IDL.Nat,
  reserved_cycles_limit: IDL.Nat,
  wasm_memory_limit: IDL.Nat,
  wasm_memory_threshold: IDL.Nat,
  minimum_incoming_canister_call_cycles: IDL.Nat,
} as const;

export type Settings = Partial<Record<Exclude<keyof typeof settingTypes, 'controllers'>, bigint>> & {
  controllers?: string[];
};

export function updateSettings(replica: Replica, canister: string, settings: Settings): Promise<Answer> {
  const { controllers, ...numbers } = settings;
  const given = Object.entries(numbers).map(([name, value]) => [name, [value]] as const);
  const values = Object.fromEntries(given) as Record<string, unknown>;
  if (controllers !== undefined) values.controllers = [controllers.map((text) => Principal.fromText(text))];
  const names = Object.keys(values) as (keyof typeof settingTypes)[];
  const type = IDL.Record(Object.fromEntries(names.map((name) => [name, IDL.Opt(settingTypes[name] as IDL.Type)])));
  const arg = encode(
    [IDL.Record({ canister_id: IDL.Principal, settings: type })],
    [{ canister_id: Principal.fromText(canister), settings: values }],
  );
  return replica.call({ canister: 'aaaaa-aa', method: 'update_settings', arg });
}

/** The argument of a management call that takes only the canister. */
export function canisterArgument(canister: string): Uint8Array {
  return encode([canisterArg], [{ canister_id: Principal.fromText(canister) }]);
}

/** The module with a custom section at its end. */
export function withCustomSection(wasm: Uint8Array, name: string, content = ''): Uint8Array {
  const nameBytes = Buffer.from(name);
  const length = 1 + nameBytes.length + Buffer.byteLength(content);
  if (length > 127) throw new Error('lengths above 127 take more than a byte');
  return Buffer.concat([wasm, Buffer.from([0, length, nameBytes.length]), nameBytes, Buffer.from(content)]);
}
