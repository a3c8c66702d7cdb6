// Which chunk of which memory stands under which key of the store. Chunks are packed against the memory model of their
// module; a chunk that is not needed stays on disk until somebody touches it.

import { packChunk, unpackChunk } from '../memory/packing.ts';
import type { PagePool } from '../memory/page-pool.ts';
import { type Chunk, chunkAt, createPageTable, type PageTable, unloadCleanChunks } from '../memory/page-table.ts';

export interface Change {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A memory as it is named in the record of its owner. */
export interface StoredMemory {
  readonly id: number;
  readonly chunks: readonly number[];
}

export interface MemoryStore {
  /** The page table of a memory that is stored; its chunks are read when they are touched. */
  open(stored: StoredMemory, model: PageTable | null): PageTable;
  /** Names the memory for its owner's record, and remembers it for `takeChanges`. */
  describe(table: PageTable, model: PageTable | null): StoredMemory;
  /**
   * Everything that differs from what is stored, of the memories in `owned`; chunks of memories that nobody owns any
   * more are removed. The pages are held as they are now until they have been packed.
   */
  takeChanges(owned: ReadonlySet<PageTable>): Iterable<Change>[];
  /** Gives back the pages of memories that are stored and that nobody uses now. */
  unload(tables: Iterable<PageTable>): void;
}

interface Known {
  readonly id: number;
  readonly model: PageTable | null;
  readonly stored: Set<number>;
}

export function createMemoryStore(
  pool: PagePool,
  read: (key: string) => Uint8Array | null,
  nextId: number,
): MemoryStore {
  const known = new Map<PageTable, Known>();
  let next = nextId;
  return {
    open: (stored, model) => {
      const table = createPageTable(pool);
      const entry: Known = { id: stored.id, model, stored: new Set(stored.chunks) };
      next = Math.max(next, stored.id + 1);
      for (const index of stored.chunks) table.onDisk.add(index);
      table.load = (index) => loadChunk(pool, read, entry, index);
      known.set(table, entry);
      return table;
    },
    describe: (table, model) => {
      const entry = known.get(table) ?? { id: next++, model, stored: new Set<number>() };
      known.set(table, entry);
      table.load = (index) => loadChunk(pool, read, entry, index);
      for (const index of table.dirtyChunks) setMembership(entry.stored, index, chunkAt(table, index) !== undefined);
      return { id: entry.id, chunks: [...entry.stored].sort((a, b) => a - b) };
    },
    takeChanges: (owned) =>
      [...known].map(([table, entry]) =>
        owned.has(table) ? changesOf(pool, table, entry) : forget(known, table, entry),
      ),
    unload: (tables) => {
      for (const table of tables) if (known.has(table)) unloadCleanChunks(table);
    },
  };
}

function setMembership(set: Set<number>, index: number, member: boolean): void {
  if (member) set.add(index);
  else set.delete(index);
}

const keyOf = (id: number, index: number) => `memory/${String(id).padStart(10, '0')}/${String(index).padStart(6, '0')}`;

function loadChunk(pool: PagePool, read: (key: string) => Uint8Array | null, entry: Known, index: number): Chunk {
  const packed = read(keyOf(entry.id, index));
  if (packed === null) throw new Error(`the store has lost chunk ${index} of memory ${entry.id}`);
  return unpackChunk(pool, packed, entry.model === null ? undefined : chunkAt(entry.model, index));
}

/** A chunk and the model's chunk as they are now; the pages cannot be written in place until they have been packed. */
interface Held {
  readonly index: number;
  readonly chunk: Chunk | undefined;
  readonly model: Chunk | undefined;
}

function changesOf(pool: PagePool, table: PageTable, entry: Known): Iterable<Change> {
  const held = [...table.dirtyChunks].map((index): Held => {
    const chunk = hold(pool, chunkAt(table, index));
    const isPacked = chunk !== undefined && entry.model !== null;
    return { index, chunk, model: isPacked ? hold(pool, chunkAt(entry.model, index)) : undefined };
  });
  table.dirtyChunks.clear();
  return packHeld(pool, entry, held);
}

function hold(pool: PagePool, chunk: Chunk | undefined): Chunk | undefined {
  for (const slot of chunk ?? []) pool.retain(slot);
  return chunk?.slice();
}

function letGo(pool: PagePool, chunk: Chunk | undefined): void {
  for (const slot of chunk ?? []) pool.release(slot);
}

function* packHeld(pool: PagePool, entry: Known, held: readonly Held[]): Iterable<Change> {
  for (const { index, chunk, model } of held) {
    const value = chunk === undefined ? null : packChunk(pool, chunk, model);
    letGo(pool, chunk);
    letGo(pool, model);
    yield { key: keyOf(entry.id, index), value };
  }
}

function forget(known: Map<PageTable, Known>, table: PageTable, entry: Known): Iterable<Change> {
  known.delete(table);
  return [...entry.stored].map((index) => ({ key: keyOf(entry.id, index), value: null }));
}
