// The management canister, as far as building and deploying need it: creation, code in one piece or in chunks, settings.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { bytesToHex } from '@tamc/base/bytes';
import { ok, type Result } from '@tamc/base/result';
import { hexToPrincipal, managementCanister, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import type { CallError } from './call-error.ts';
import type { Connection, Method } from './connection.ts';

type Called<T> = Promise<Result<T, CallError>>;

export type InstallMode = 'install' | 'reinstall' | 'upgrade';

export interface Management {
  /** Only networks for development give cycles away like this. */
  createWithCycles(cycles: bigint, at?: PrincipalHex): Called<PrincipalHex>;
  /** The same for a canister that is there. */
  topUp(canister: PrincipalHex, cycles: bigint): Called<void>;
  /** For whom the subnet serves without cycles: the administrators of a Cloud Engine. */
  create(subnetMember: PrincipalHex): Called<PrincipalHex>;
  install(canister: PrincipalHex, mode: InstallMode, module: Uint8Array, argument: Uint8Array): Called<void>;
  /** Puts a piece of at most 1 MiB into the canister's chunk store and tells its hash. */
  uploadChunk(canister: PrincipalHex, chunk: Uint8Array): Called<string>;
  storedChunks(canister: PrincipalHex): Called<ReadonlySet<string>>;
  clearChunks(canister: PrincipalHex): Called<void>;
  setControllers(canister: PrincipalHex, controllers: readonly PrincipalHex[]): Called<void>;
  start(canister: PrincipalHex): Called<void>;
  stop(canister: PrincipalHex): Called<void>;
  cyclesOf(canister: PrincipalHex): Called<bigint>;
  /** False while it is stopping or stopped. */
  isRunning(canister: PrincipalHex): Called<boolean>;
}

const Canister = IDL.Record({ canister_id: IDL.Principal });
const Settings = IDL.Record({ controllers: IDL.Opt(IDL.Vec(IDL.Principal)) });
const Chunk = IDL.Record({ hash: IDL.Vec(IDL.Nat8) });
const Status = IDL.Variant({ running: IDL.Null, stopping: IDL.Null, stopped: IDL.Null });
const Mode = IDL.Variant({ install: IDL.Null, reinstall: IDL.Null, upgrade: IDL.Opt(IDL.Record({})) });

/** Fields that are left out are options, which Candid allows. */
const types = {
  provisional_create_canister_with_cycles: IDL.Func(
    [IDL.Record({ amount: IDL.Opt(IDL.Nat), specified_id: IDL.Opt(IDL.Principal) })],
    [Canister],
  ),
  provisional_top_up_canister: IDL.Func([IDL.Record({ canister_id: IDL.Principal, amount: IDL.Nat })], []),
  create_canister: IDL.Func([IDL.Record({ settings: IDL.Opt(Settings) })], [Canister]),
  install_code: IDL.Func(
    [
      IDL.Record({
        mode: Mode,
        canister_id: IDL.Principal,
        wasm_module: IDL.Vec(IDL.Nat8),
        arg: IDL.Vec(IDL.Nat8),
      }),
    ],
    [],
  ),
  upload_chunk: IDL.Func([IDL.Record({ canister_id: IDL.Principal, chunk: IDL.Vec(IDL.Nat8) })], [Chunk]),
  stored_chunks: IDL.Func([Canister], [IDL.Vec(Chunk)]),
  clear_chunk_store: IDL.Func([Canister], []),
  update_settings: IDL.Func([IDL.Record({ canister_id: IDL.Principal, settings: Settings })], []),
  start_canister: IDL.Func([Canister], []),
  stop_canister: IDL.Func([Canister], []),
  canister_status: IDL.Func([Canister], [IDL.Record({ cycles: IDL.Nat, status: Status })]),
};

/** Doing these twice ends like doing them once. */
const repeatable: ReadonlySet<string> = new Set([
  'upload_chunk',
  'stored_chunks',
  'clear_chunk_store',
  'update_settings',
  'start_canister',
  'stop_canister',
  'canister_status',
]);

export function createManagement(connection: Connection): Management {
  const call = async <T>(name: keyof typeof types, about: PrincipalHex, value: unknown, read: (answer: never) => T) => {
    const method: Method = { name, type: types[name], isRepeatable: repeatable.has(name), about };
    const answer = await connection.call(managementCanister, method, [value]);
    return answer.ok ? ok(read(answer.value[0] as never)) : answer;
  };
  const simple = (name: keyof typeof types) => (canister: PrincipalHex) =>
    call(name, canister, { canister_id: hexToPrincipal(canister) }, () => undefined);
  return {
    createWithCycles: (cycles, at = managementCanister) =>
      call('provisional_create_canister_with_cycles', at, { amount: [cycles], specified_id: [] }, idOf),
    topUp: (canister, amount) => {
      const value = { canister_id: hexToPrincipal(canister), amount };
      return call('provisional_top_up_canister', canister, value, () => undefined);
    },
    create: (subnetMember) => call('create_canister', subnetMember, { settings: [] }, idOf),
    install: (canister, mode, module, argument) => {
      const value = { mode: modeOf(mode), canister_id: hexToPrincipal(canister), wasm_module: module, arg: argument };
      return call('install_code', canister, value, () => undefined);
    },
    uploadChunk: (canister, chunk) =>
      call('upload_chunk', canister, { canister_id: hexToPrincipal(canister), chunk }, hashOf),
    storedChunks: (canister) =>
      call(
        'stored_chunks',
        canister,
        { canister_id: hexToPrincipal(canister) },
        (answer: CandidChunk[]) => new Set(answer.map(hashOf)),
      ),
    clearChunks: simple('clear_chunk_store'),
    setControllers: (canister, controllers) => {
      const settings = { controllers: [controllers.map(hexToPrincipal)] };
      return call('update_settings', canister, { canister_id: hexToPrincipal(canister), settings }, () => undefined);
    },
    start: simple('start_canister'),
    stop: simple('stop_canister'),
    cyclesOf: (canister) =>
      call(
        'canister_status',
        canister,
        { canister_id: hexToPrincipal(canister) },
        ({ cycles }: { cycles: bigint }) => cycles,
      ),
    isRunning: (canister) =>
      call(
        'canister_status',
        canister,
        { canister_id: hexToPrincipal(canister) },
        ({ status }: { status: object }) => 'running' in status,
      ),
  };
}

interface CandidChunk {
  readonly hash: Uint8Array | number[];
}

function idOf({ canister_id: id }: { readonly canister_id: Principal }): PrincipalHex {
  return principalToHex(id);
}

function hashOf({ hash }: CandidChunk): string {
  return bytesToHex(Uint8Array.from(hash));
}

function modeOf(mode: InstallMode): unknown {
  return { [mode]: mode === 'upgrade' ? [] : null };
}
