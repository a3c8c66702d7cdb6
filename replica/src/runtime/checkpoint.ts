// The state as it is written to the store, and read back. Owners (canisters, module models) are small records; their
// memories are stored chunk by chunk. Only what changed since the last checkpoint is written.

import type { Principal } from '../codec/principal.ts';
import { decodeRecord, encodeRecord } from '../codec/record.ts';
import type { PagePool } from '../memory/page-pool.ts';
import type { PageTable } from '../memory/page-table.ts';
import type { Canister } from '../state/canister.ts';
import type { ReplicaState, RequestRecord } from '../state/replica-state.ts';
import type { Store } from '../store/store.ts';
import type { Genesis } from './genesis.ts';
import { type Change, createMemoryStore, type MemoryStore, type StoredMemory } from './memory-store.ts';
import type { Modules } from './modules.ts';
import { createRequestBlocks, type RequestBlocks } from './request-blocks.ts';

export interface Checkpointer {
  readonly memories: MemoryStore;
  readonly requests: RequestBlocks;
  /** Collects what this round changed. */
  note(changed: { canisters: Iterable<Principal>; requests: Iterable<string> }): void;
  /** Writes everything noted; the state may go on changing meanwhile. */
  save(state: ReplicaState, modules: Modules, genesis: Genesis): Promise<void>;
}

type StoredScalars = Omit<ReplicaState, 'canisters' | 'requests'>;
type StoredCanister = Omit<Canister, 'code' | 'stable'> & {
  readonly code:
    | (Omit<NonNullable<Canister['code']>, 'heap'> & {
        heap: Omit<NonNullable<Canister['code']>['heap'], 'pages'> & { pages: StoredMemory };
      })
    | null;
  readonly stable: { sizePages: number; pages: StoredMemory };
};
interface StoredModule {
  readonly uploadedBytes: number;
  readonly blob: string;
  readonly model: { readonly heap: StoredMemory; readonly stable: StoredMemory } | null;
}

export function createCheckpointer(store: Store, pool: PagePool): Checkpointer {
  const memories = createMemoryStore(pool, store.read, 1);
  const requests = createRequestBlocks();
  const canisters = new Set<Principal>();
  const savedModules = new Set<string>();
  return {
    memories,
    requests,
    note: (changed) => {
      for (const id of changed.canisters) canisters.add(id);
      for (const id of changed.requests) requests.note(id);
    },
    save: (state, modules, genesis) => {
      const records = [...ownerRecords(store, memories, state, modules, canisters, savedModules)];
      canisters.clear();
      const { canisters: _, requests: __, ...scalars } = state;
      const meta: Change = { key: 'meta', value: encodeRecord({ genesis, scalars }) };
      const chunks = memories.takeChanges(ownedTables(state, modules));
      const changes = chain([[meta], records, requests.takeChanges(state), ...chunks]);
      return store.checkpoint(state.round, changes);
    },
  };
}

function* chain(parts: Iterable<Change>[]): Iterable<Change> {
  for (const part of parts) yield* part;
}

function ownedTables(state: ReplicaState, modules: Modules): Set<PageTable> {
  const owned = new Set<PageTable>();
  for (const { code, stable } of state.canisters.values()) {
    owned.add(stable.pages);
    if (code !== null) owned.add(code.heap.pages);
  }
  for (const hash of modules.hashes()) {
    const model = modules.model(hash);
    if (model !== null) owned.add(model.heap).add(model.stable);
  }
  return owned;
}

function* ownerRecords(
  store: Store,
  memories: MemoryStore,
  state: ReplicaState,
  modules: Modules,
  canisters: Iterable<Principal>,
  savedModules: Set<string>,
): Iterable<Change> {
  for (const hash of modules.hashes()) {
    if (savedModules.has(hash) || modules.model(hash) === null) continue;
    savedModules.add(hash);
    yield { key: `module/${hash}`, value: encodeRecord(moduleRecord(store, memories, modules, hash)) };
  }
  for (const id of canisters) {
    const canister = state.canisters.get(id);
    yield {
      key: `canister/${id}`,
      value: canister === undefined ? null : encodeRecord(canisterRecord(memories, modules, canister)),
    };
  }
}

function moduleRecord(store: Store, memories: MemoryStore, modules: Modules, hash: string): StoredModule {
  const { heap, stable } = modules.model(hash)!;
  const blob = store.putBlob(modules.uploaded(hash));
  const model = { heap: memories.describe(heap, null), stable: memories.describe(stable, null) };
  return { uploadedBytes: modules.uploadedBytes(hash), blob, model };
}

function canisterRecord(memories: MemoryStore, modules: Modules, canister: Canister): StoredCanister {
  const { code, stable } = canister;
  const model = code === null ? null : modules.model(code.moduleHash);
  return {
    ...canister,
    code:
      code === null
        ? null
        : { ...code, heap: { ...code.heap, pages: memories.describe(code.heap.pages, model?.heap ?? null) } },
    stable: { sizePages: stable.sizePages, pages: memories.describe(stable.pages, model?.stable ?? null) },
  };
}

export interface Loaded {
  readonly genesis: Genesis;
  readonly state: ReplicaState;
}

/** The state of the newest checkpoint; null in a store that has none. */
export function loadCheckpoint(store: Store, checkpointer: Checkpointer, modules: Modules): Loaded | null {
  const meta = store.read('meta');
  if (meta === null) return null;
  const { genesis, scalars } = decodeRecord(meta) as { genesis: Genesis; scalars: StoredScalars };
  for (const key of store.keys('module/'))
    loadModule(store, checkpointer.memories, modules, key.slice('module/'.length));
  const canisters = new Map<Principal, Canister>();
  for (const key of store.keys('canister/')) {
    const canister = loadCanister(store, checkpointer.memories, modules, key);
    canisters.set(canister.id, canister);
  }
  return { genesis, state: { ...scalars, canisters, requests: loadRequests(store, checkpointer.requests) } };
}

function loadModule(store: Store, memories: MemoryStore, modules: Modules, hash: string): void {
  const { uploadedBytes, blob, model } = decodeRecord(store.read(`module/${hash}`)!) as StoredModule;
  const opened =
    model === null ? null : { heap: memories.open(model.heap, null), stable: memories.open(model.stable, null) };
  modules.addStored(hash, uploadedBytes, () => store.readBlob(blob), opened);
}

function loadCanister(store: Store, memories: MemoryStore, modules: Modules, key: string): Canister {
  const stored = decodeRecord(store.read(key)!) as StoredCanister;
  const { code, stable } = stored;
  const model = code === null ? null : modules.model(code.moduleHash);
  return {
    ...stored,
    code:
      code === null
        ? null
        : { ...code, heap: { ...code.heap, pages: memories.open(code.heap.pages, model?.heap ?? null) } },
    stable: { sizePages: stable.sizePages, pages: memories.open(stable.pages, model?.stable ?? null) },
  };
}

function loadRequests(store: Store, blocks: RequestBlocks): Map<string, RequestRecord> {
  const requests = new Map<string, RequestRecord>();
  for (const key of store.keys('requests/')) {
    const block = decodeRecord(store.read(key)!) as [string, RequestRecord][];
    for (const [id, record] of block) {
      requests.set(id, record);
      blocks.know(id, record);
    }
  }
  return requests;
}
