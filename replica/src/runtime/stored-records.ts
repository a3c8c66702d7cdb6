// Canisters and modules as records of a checkpoint: all of them but the pages of their memories, which are named and
// stored by chunks (memory-store.ts).
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { decodeRecord, encodeRecord } from '../codec/record.ts';
import type { Canister, CanisterCode } from '../state/canister.ts';
import type { MemoryModel } from '../state/world.ts';
import type { Store } from '../store/store.ts';
import { type KeptModule, type PreparedModule, restorePrepared } from '../wasm/prepare.ts';
import type { MemoryStore, StoredMemory } from './memory-store.ts';
import type { Modules } from './modules.ts';
import { preparerFingerprint } from './preparer-fingerprint.ts';

export type StoredCanister = Omit<Canister, 'code' | 'stable'> & {
  readonly code: StoredCode | null;
  readonly stable: { readonly sizePages: number; readonly pages: StoredMemory };
};
type StoredCode = Omit<CanisterCode, 'heap'> & {
  readonly heap: Omit<CanisterCode['heap'], 'pages'> & { readonly pages: StoredMemory };
};

export interface StoredModule {
  readonly uploadedBytes: number;
  /** In the blob of the round that brought it (named by its hash) or, where no round has it in one piece, here. */
  readonly bytes: { readonly blob: Uint8Array } | { readonly inline: Uint8Array };
  readonly model: { readonly heap: StoredMemory; readonly stable: StoredMemory };
}

export function canisterToStored(memories: MemoryStore, modules: Modules, canister: Canister): StoredCanister {
  const { code, stable } = canister;
  const model = modelOf(modules, code);
  return {
    ...canister,
    code: code === null ? null : codeToStored(memories, model, code),
    stable: { sizePages: stable.sizePages, pages: memories.describe(stable.pages, model?.stable ?? null) },
  };
}

function codeToStored(memories: MemoryStore, model: MemoryModel | null, code: CanisterCode): StoredCode {
  return { ...code, heap: { ...code.heap, pages: memories.describe(code.heap.pages, model?.heap ?? null) } };
}

export function storedToCanister(memories: MemoryStore, modules: Modules, stored: StoredCanister): Canister {
  const { code, stable } = stored;
  const model = modelOf(modules, code);
  return {
    ...stored,
    code: code === null ? null : storedToCode(memories, model, code),
    stable: { sizePages: stable.sizePages, pages: memories.open(stable.pages, model?.stable ?? null) },
  };
}

function storedToCode(memories: MemoryStore, model: MemoryModel | null, code: StoredCode): CanisterCode {
  return { ...code, heap: { ...code.heap, pages: memories.open(code.heap.pages, model?.heap ?? null) } };
}

function modelOf(modules: Modules, code: { readonly moduleHash: string } | null): MemoryModel | null {
  return code === null ? null : modules.model(code.moduleHash);
}

export function moduleToStored(store: Store, memories: MemoryStore, modules: Modules, hash: string): StoredModule {
  const { heap, stable } = modules.model(hash)!;
  // A blob that a round has brought is on the disk before that round is, and a checkpoint comes after its rounds.
  const bytes = store.hasBlob(hash) ? { blob: parseHex(hash)! } : { inline: modules.uploaded(hash) };
  const model = { heap: memories.describe(heap, null), stable: memories.describe(stable, null) };
  return { uploadedBytes: modules.uploadedBytes(hash), bytes, model };
}

/** `readAgain` reads the module's record once more, so that its bytes need not be kept in memory. */
export function addStoredModule(
  store: Store,
  memories: MemoryStore,
  modules: Modules,
  hash: string,
  stored: StoredModule,
  readAgain: () => StoredModule,
): void {
  const model = { heap: memories.open(stored.model.heap, null), stable: memories.open(stored.model.stable, null) };
  const sources = { uploaded: () => moduleBytes(store, readAgain()), prepared: () => readPrepared(store, hash) };
  modules.addStored(hash, stored.uploadedBytes, sources, model);
}

function moduleBytes(store: Store, { bytes }: StoredModule): Uint8Array {
  return 'blob' in bytes ? store.readBlob(bytesToHex(bytes.blob)) : bytes.inline;
}

/** Only what prepares alike finds what was prepared. */
export const preparedPrefix = () => `prepared/${preparerFingerprint()}/`;
export const preparedKey = (hash: string) => `${preparedPrefix()}${hash}`;

export function preparedToStored({ compile: _, ...kept }: PreparedModule): Uint8Array {
  return encodeRecord(kept);
}

function readPrepared(store: Store, hash: string): PreparedModule | null {
  const kept = store.read(preparedKey(hash));
  return kept === null ? null : restorePrepared(decodeRecord(kept) as KeptModule);
}
