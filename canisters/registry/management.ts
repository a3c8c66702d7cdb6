// Calls to the management canister and what they answer. Its answers are trusted to be what they say, not to be well formed.
import { IDL } from '@dfinity/candid';
import { parseHex } from '@tamc/base/bytes';
import { bytesToHexQuickly } from '@tamc/base/utf8';
import { caseOf, fieldOf, isKind, readCandid } from '@tamc/protocol/candid-reader';
import { hexToPrincipal, managementCanister, type PrincipalHex } from '@tamc/protocol/principal';
import type { OutgoingCall } from '@tamc/shared/rule';

const Blob = IDL.Vec(IDL.Nat8);
const CreateType = IDL.Record({ settings: IDL.Opt(IDL.Record({ controllers: IDL.Opt(IDL.Vec(IDL.Principal)) })) });
const CanisterType = IDL.Record({ canister_id: IDL.Principal });
const SettingsType = IDL.Record({
  canister_id: IDL.Principal,
  settings: IDL.Record({ controllers: IDL.Opt(IDL.Vec(IDL.Principal)) }),
});
const InstallType = IDL.Record({
  mode: IDL.Variant({ install: IDL.Null, upgrade: IDL.Opt(IDL.Null) }),
  target_canister: IDL.Principal,
  store_canister: IDL.Opt(IDL.Principal),
  chunk_hashes_list: IDL.Vec(IDL.Record({ hash: Blob })),
  wasm_module_hash: Blob,
  arg: Blob,
});

/** No answer that is read here comes near. */
const answerBytesMax = 65_536;

function managementCall(
  id: string,
  method: string,
  type: IDL.Type,
  value: unknown,
  { cycles = 0n, isRepeatable = true }: { cycles?: bigint; isRepeatable?: boolean } = {},
): OutgoingCall {
  const argument = new Uint8Array(IDL.encode([type], [value]));
  return { id, callee: managementCanister, method, argument, cycles, isRepeatable };
}

/** Not repeatable: each call makes another canister. */
export function createCanisterCall(id: string, controller: PrincipalHex, cycles: bigint): OutgoingCall {
  const value = { settings: [{ controllers: [[hexToPrincipal(controller)]] }] };
  return managementCall(id, 'create_canister', CreateType, value, { cycles, isRepeatable: false });
}

export interface Installation {
  readonly mode: 'install' | 'upgrade';
  readonly target: PrincipalHex;
  readonly store: PrincipalHex;
  readonly moduleHash: string;
  readonly chunkHashes: readonly string[];
  readonly argument: Uint8Array;
}

/** Not repeatable: a second install is refused, and a second upgrade would run the migration again. */
export function installCall(id: string, { mode, target, store, moduleHash, chunkHashes, argument }: Installation) {
  const value = {
    mode: mode === 'install' ? { install: null } : { upgrade: [] },
    target_canister: hexToPrincipal(target),
    store_canister: [hexToPrincipal(store)],
    chunk_hashes_list: chunkHashes.map((hash) => ({ hash: parseHex(hash)! })),
    wasm_module_hash: parseHex(moduleHash)!,
    arg: argument,
  };
  return managementCall(id, 'install_chunked_code', InstallType, value, { isRepeatable: false });
}

export function setControllersCall(id: string, canister: PrincipalHex, controllers: readonly PrincipalHex[]) {
  const value = {
    canister_id: hexToPrincipal(canister),
    settings: { controllers: [controllers.map(hexToPrincipal)] },
  };
  return managementCall(id, 'update_settings', SettingsType, value);
}

export type CanisterMethod = 'canister_status' | 'start_canister' | 'stop_canister' | 'stored_chunks';

export function canisterCall(id: string, method: CanisterMethod, canister: PrincipalHex): OutgoingCall {
  return managementCall(id, method, CanisterType, { canister_id: hexToPrincipal(canister) });
}

/** Null when the answer is something else. */
export function answerToCanister(bytes: Uint8Array): PrincipalHex | null {
  const answer = readCandid(bytes, answerBytesMax);
  const id = answer.ok ? fieldOf(answer.value[0], 'canister_id') : null;
  return isKind(id, 'principal') ? (bytesToHexQuickly(id.bytes) as PrincipalHex) : null;
}

export interface CanisterStatus {
  readonly isStopped: boolean;
  readonly moduleHash: string | null;
}

export function answerToStatus(bytes: Uint8Array): CanisterStatus | null {
  const answer = readCandid(bytes, answerBytesMax);
  if (!answer.ok) return null;
  const status = fieldOf(answer.value[0], 'status');
  const hash = fieldOf(answer.value[0], 'module_hash');
  if (!isKind(status, 'variant')) return null;
  return {
    isStopped: caseOf(status, 'stopped') !== undefined,
    moduleHash: hash instanceof Uint8Array ? bytesToHexQuickly(hash) : null,
  };
}

/** Hashes of the stored chunks. */
export function answerToChunks(bytes: Uint8Array): ReadonlySet<string> | null {
  const answer = readCandid(bytes, answerBytesMax);
  const chunks = answer.ok ? answer.value[0] : null;
  if (!isKind(chunks, 'list')) return null;
  const hashes = chunks.items.map((item) => fieldOf(item, 'hash'));
  return new Set(hashes.flatMap((hash) => (hash instanceof Uint8Array ? [bytesToHexQuickly(hash)] : [])));
}
