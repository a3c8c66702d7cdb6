// Canisters and modules as records of a checkpoint: all of them but the pages of their memories, which are named and
// stored by chunks (memory-store.ts).

import { decodeRecord, encodeRecord } from '../codec/record.ts';
import type { Canister, CanisterCode } from '../state/canister.ts';
import type { MemoryModel } from '../state/world.ts';
import type { Store } from '../store/store.ts';
import { type KeptModule, type PreparedModule, restorePrepared } from '../wasm/prepare.ts';
import type { MemoryStore, StoredMemory } from './memory-store.ts';
import type { ModuleSources, Modules } from './modules.ts';
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

/** The module as it was uploaded is a blob; its name is the module's hash. */
export function moduleToStored(store: Store, memories: MemoryStore, modules: Modules, hash: string): StoredModule {
  if (!store.hasBlob(hash)) store.putBlob(modules.uploaded(hash));
  const { heap, stable } = modules.model(hash)!;
  const model = { heap: memories.describe(heap, null), stable: memories.describe(stable, null) };
  return { uploadedBytes: modules.uploadedBytes(hash), model };
}

export function addStoredModule(
  store: Store,
  memories: MemoryStore,
  modules: Modules,
  hash: string,
  { uploadedBytes, model }: StoredModule,
): void {
  const opened = { heap: memories.open(model.heap, null), stable: memories.open(model.stable, null) };
  modules.addStored(hash, uploadedBytes, sourcesIn(store, hash), opened);
}

export const moduleKey = (hash: string) => `module/${hash}`;
/** Only what prepares alike finds what was prepared. */
export const preparedPrefix = () => `prepared/${preparerFingerprint()}/`;
export const preparedKey = (hash: string) => `${preparedPrefix()}${hash}`;

/** A module that is in the newest checkpoint. */
export function sourcesIn(store: Store, hash: string): ModuleSources {
  return {
    uploaded: () => store.readBlob(hash),
    prepared: () => {
      const kept = store.read(preparedKey(hash));
      return kept === null ? null : restorePrepared(decodeRecord(kept) as KeptModule);
    },
  };
}

export function encodePrepared({ compile: _, ...kept }: PreparedModule): Uint8Array {
  return encodeRecord(kept);
}
