// The modules of a network, each prepared and compiled once however many canisters run it, with the memory image that
// its first canister had after installation: later canisters share the pages in which they equal it.
import { assert } from '@tamc/base/assert';
import { bytesToHex } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { sha256 } from '../crypto/sha256.ts';
import { clearPageTable } from '../memory/page-table.ts';
import type { MemoryModel, ModuleStore } from '../state/world.ts';
import { apiSignature } from '../system-api/imports.ts';
import { type ModuleRefusal, type PreparedModule, prepareModule } from '../wasm/prepare.ts';

interface StoredModule {
  prepared: PreparedModule | null;
  readonly uploadedBytes: number;
  readonly sources: ModuleSources;
  model: MemoryModel | null;
}

/** Where a module is read when it is needed. */
export interface ModuleSources {
  /** As it was uploaded. */
  readonly uploaded: () => Uint8Array;
  /** As it was prepared before, by what prepares as this program does; null where it was not. */
  readonly prepared: () => PreparedModule | null;
}

export interface Modules extends ModuleStore {
  /** A module that is stored already; it is prepared when it is first needed. */
  addStored(moduleHash: string, uploadedBytes: number, sources: ModuleSources, model: MemoryModel | null): void;
  /** Null while it was not needed. */
  preparedSoFar(moduleHash: string): PreparedModule | null;
  hashes(): Iterable<string>;
  has(moduleHash: string): boolean;
  size(): number;
  /** Forgets modules that no canister runs, but for the newest few: they may be about to be installed once more. */
  prune(used: ReadonlySet<string>): void;
  uploaded(moduleHash: string): Uint8Array;
}

export function createModules(): Modules {
  const modules = new Map<string, StoredModule>();
  const get = (moduleHash: string): StoredModule => {
    const module = modules.get(moduleHash);
    assert(module !== undefined, `module ${moduleHash} is known`);
    return module;
  };
  return {
    prepare: (uploaded) => prepare(modules, uploaded),
    get: (moduleHash) => preparedOf(get(moduleHash)),
    uploadedBytes: (moduleHash) => get(moduleHash).uploadedBytes,
    uploaded: (moduleHash) => get(moduleHash).sources.uploaded(),
    model: (moduleHash) => get(moduleHash).model,
    setModel: (moduleHash, model) => {
      get(moduleHash).model = model;
    },
    addStored: (moduleHash, uploadedBytes, sources, model) => {
      modules.set(moduleHash, { prepared: null, uploadedBytes, sources, model });
    },
    preparedSoFar: (moduleHash) => get(moduleHash).prepared,
    hashes: () => modules.keys(),
    has: (moduleHash) => modules.has(moduleHash),
    size: () => modules.size,
    prune: (used) => prune(modules, used),
  };
}

function prepare(modules: Map<string, StoredModule>, uploaded: Uint8Array): Result<PreparedModule, string> {
  const moduleHash = bytesToHex(sha256(uploaded));
  const known = modules.get(moduleHash);
  if (known !== undefined) return ok(preparedOf(known));
  const prepared = prepareModule(uploaded, apiSignature);
  if (!prepared.ok) return refuse(renderRefusal(prepared.error));
  const copy = Uint8Array.from(uploaded);
  const sources = { uploaded: () => copy, prepared: () => null };
  modules.set(moduleHash, { prepared: prepared.value, uploadedBytes: uploaded.length, sources, model: null });
  return ok(prepared.value);
}

/** As a client reads it: the advice on a line of its own. */
function renderRefusal({ message, help }: ModuleRefusal): string {
  return help === '' ? message : `${message.replace(/\.$/, '')}.\n${help}`;
}

const unusedMax = 4;

function prune(modules: Map<string, StoredModule>, used: ReadonlySet<string>): void {
  const unused = [...modules].filter(([hash]) => !used.has(hash));
  for (const [hash, { model }] of unused.slice(0, -unusedMax)) {
    if (model !== null) for (const table of [model.heap, model.stable]) clearPageTable(table);
    modules.delete(hash);
  }
}

function preparedOf(module: StoredModule): PreparedModule {
  module.prepared ??= module.sources.prepared() ?? prepareAgain(module.sources.uploaded());
  return module.prepared;
}

function prepareAgain(uploaded: Uint8Array): PreparedModule {
  const prepared = prepareModule(uploaded, apiSignature);
  assert(prepared.ok, 'a module that was accepted once is accepted again');
  return prepared.value;
}
