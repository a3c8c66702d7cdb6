// The state as it is written to the store, and read back. Owners (canisters, module models) are small records; their
// memories are stored chunk by chunk. Only what changed since the last checkpoint is written.

import type { Principal } from '../codec/principal.ts';
import { decodeRecord, encodeRecord } from '../codec/record.ts';
import type { PagePool } from '../memory/page-pool.ts';
import type { PageTable } from '../memory/page-table.ts';
import type { Canister } from '../state/canister.ts';
import type { ReplicaState, RequestRecord } from '../state/replica-state.ts';
import type { MemoryModel } from '../state/world.ts';
import type { Store } from '../store/store.ts';
import { executionVersion, stateFormat } from '../version.ts';
import type { PreparedModule } from '../wasm/prepare.ts';
import { createCrowding } from './crowding.ts';
import type { Genesis } from './genesis.ts';
import { type Change, createMemoryStore, type MemoryStore } from './memory-store.ts';
import type { Modules } from './modules.ts';
import type { Network } from './network.ts';
import { assertReadable, type Recorded } from './recorded-by.ts';
import { createRequestBlocks, type RequestBlocks } from './request-blocks.ts';
import {
  addStoredModule,
  canisterToStored,
  moduleToStored,
  preparedKey,
  preparedToStored,
  type StoredCanister,
  type StoredModule,
  storedToCanister,
} from './stored-records.ts';

export interface Checkpointer {
  /** Collects what a round changed. */
  note(changed: { canisters: Iterable<Principal>; requests: Iterable<string> }): void;
  /** Writes everything noted; the state may go on changing meanwhile. Then lets go of memory that is not in use. */
  save(network: Network): Promise<void>;
  /** So much memory is in use that a checkpoint, after which some of it can go, is due. */
  isCrowded(): boolean;
  /** So much that nothing should be executed before that checkpoint is there. */
  isOverfull(): boolean;
  /** The state of the newest checkpoint; null in a store that has none. */
  load(modules: Modules): Loaded | null;
}

export interface Loaded extends Recorded {
  readonly genesis: Genesis;
  readonly state: ReplicaState;
  /** Canisters with work, in the order in which they get their turns. */
  readonly ready: readonly Principal[];
}

interface Meta extends Recorded {
  readonly genesis: Genesis;
  readonly scalars: Omit<ReplicaState, 'canisters' | 'requests' | 'retiredIds'> & Partial<ReplicaState>;
  readonly ready: readonly Principal[];
}

interface Saving {
  readonly store: Store;
  readonly memories: MemoryStore;
  readonly requests: RequestBlocks;
  /** Changed since the last checkpoint. */
  readonly canisters: Set<Principal>;
  /** With the model that was stored: a module that was forgotten and came back has another one. */
  readonly savedModules: Map<string, MemoryModel>;
  /** Keys of modules as they were prepared; those of another version leave with the next checkpoint. */
  readonly savedPrepared: Set<string>;
}

/** For a network that is not kept. */
export const noCheckpoints: Checkpointer = {
  note: () => {},
  save: () => Promise.resolve(),
  isCrowded: () => false,
  isOverfull: () => false,
  load: () => null,
};

export function createCheckpointer(store: Store, pool: PagePool, pageBytesMax: number): Checkpointer {
  const memories = createMemoryStore(pool, store.read, 1);
  const requests = createRequestBlocks();
  const saving: Saving = {
    store,
    memories,
    requests,
    canisters: new Set(),
    savedModules: new Map(),
    savedPrepared: new Set(),
  };
  const crowding = createCrowding(pool, memories, pageBytesMax);
  return {
    note: (changed) => {
      for (const id of changed.canisters) saving.canisters.add(id);
      for (const id of changed.requests) requests.note(id);
    },
    save: async (network) => {
      await store.checkpoint(network.state.round, takeChanges(saving, network));
      crowding.relieve(network);
    },
    isCrowded: crowding.isCrowded,
    isOverfull: crowding.isOverfull,
    load: (modules) => load(saving, modules),
  };
}

/** What it gives is fixed here and now, though it is encoded as it is asked for. */
function takeChanges(saving: Saving, network: Network): Iterable<Change> {
  const { state, modules, genesis, scheduler } = network;
  const { canisters: _, requests: __, ...scalars } = state;
  const by = { format: stateFormat, execution: executionVersion };
  const meta: Meta = { ...by, genesis, scalars, ready: [...scheduler.ready] };
  const owners = [...moduleRecords(saving, modules), ...canisterRecords(saving, network)];
  const prepared = preparedRecords(saving, modules);
  const chunks = saving.memories.takeChanges(ownedTables(state, modules));
  return chain([
    [{ key: 'meta', value: encodeRecord(meta) }],
    owners,
    prepared,
    saving.requests.takeChanges(state),
    ...chunks,
  ]);
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

function* moduleRecords({ store, memories, savedModules }: Saving, modules: Modules): Iterable<Change> {
  for (const [hash, saved] of savedModules) {
    const model = modules.has(hash) ? modules.model(hash) : null;
    if (model === saved) continue;
    savedModules.delete(hash);
    if (model === null) yield { key: `module/${hash}`, value: null };
  }
  for (const hash of modules.hashes()) {
    const model = modules.model(hash);
    if (savedModules.has(hash) || model === null) continue;
    savedModules.set(hash, model);
    yield { key: `module/${hash}`, value: encodeRecord(moduleToStored(store, memories, modules, hash)) };
  }
}

/** They stay as they are, so they are encoded when they are asked for. */
function preparedRecords({ savedModules, savedPrepared }: Saving, modules: Modules): Iterable<Change> {
  const wanted = new Set([...savedModules.keys()].map(preparedKey));
  const gone = [...savedPrepared].filter((key) => !wanted.has(key));
  for (const key of gone) savedPrepared.delete(key);
  const added = [...savedModules.keys()].flatMap((hash) => {
    const prepared = savedPrepared.has(preparedKey(hash)) ? null : modules.preparedSoFar(hash);
    return prepared === null ? [] : [{ key: preparedKey(hash), prepared }];
  });
  for (const { key } of added) savedPrepared.add(key);
  return chain([gone.map((key) => ({ key, value: null })), encodePrepared(added)]);
}

function* encodePrepared(added: readonly { key: string; prepared: PreparedModule }[]): Iterable<Change> {
  for (const { key, prepared } of added) yield { key, value: preparedToStored(prepared) };
}

function* canisterRecords({ memories, canisters }: Saving, { state, modules }: Network): Iterable<Change> {
  for (const id of canisters) {
    const canister = state.canisters.get(id);
    const value = canister === undefined ? null : encodeRecord(canisterToStored(memories, modules, canister));
    yield { key: `canister/${id}`, value };
  }
  canisters.clear();
}

function load(saving: Saving, modules: Modules): Loaded | null {
  const bytes = saving.store.read('meta');
  if (bytes === null) return null;
  const meta = decodeRecord(bytes) as Meta;
  assertReadable(meta);
  loadModules(saving, modules);
  const canisters = loadCanisters(saving, modules);
  const requests = loadRequests(saving);
  // Stores of an older version have no such list. The order of fields is part of the state's hash.
  const { retiredIds = [] } = meta.scalars;
  return { ...meta, state: { ...meta.scalars, retiredIds, canisters, requests } };
}

function loadModules({ store, memories, savedModules, savedPrepared }: Saving, modules: Modules): void {
  for (const key of store.keys('prepared/')) savedPrepared.add(key);
  for (const key of store.keys('module/')) {
    const hash = key.slice('module/'.length);
    const read = () => decodeRecord(store.read(key)!) as StoredModule;
    addStoredModule(store, memories, modules, hash, read(), read);
    savedModules.set(hash, modules.model(hash)!);
  }
}

function loadCanisters({ store, memories }: Saving, modules: Modules): Map<Principal, Canister> {
  const canisters = new Map<Principal, Canister>();
  for (const key of store.keys('canister/')) {
    const canister = storedToCanister(memories, modules, decodeRecord(store.read(key)!) as StoredCanister);
    canisters.set(canister.id, canister);
  }
  return canisters;
}

function loadRequests({ store, requests }: Saving): Map<string, RequestRecord> {
  const loaded = new Map<string, RequestRecord>();
  for (const key of store.keys('requests/')) {
    for (const [id, stored] of decodeRecord(store.read(key)!) as [string, RequestRecord][]) {
      // The first version did not note which canister was called.
      const record = { ...stored, canisterId: stored.canisterId ?? stored.effectiveId };
      loaded.set(id, record);
      requests.know(id, record);
    }
  }
  return loaded;
}
