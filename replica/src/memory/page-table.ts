// Which pool page stands at which place of a canister's heap or stable memory. Two levels, so that a sparse memory of
// many gigabytes costs what is used of it. A chunk (1 MiB) is the unit in which memory is written to disk, and read
// back when it is first touched.
import { type PagePool, type Slot, zeroSlot } from './page-pool.ts';

export const chunkPages = 256;

/** The slots of one chunk; every non-zero entry owns a reference. */
export type Chunk = Int32Array;

export interface PageTable {
  readonly pool: PagePool;
  /** Sparse: a missing chunk is all zero, unless it is listed in `onDisk`. */
  readonly chunks: (Chunk | undefined)[];
  /** Chunks that are stored but not in memory. */
  readonly onDisk: Set<number>;
  /** Chunks that differ from what is stored. */
  readonly dirtyChunks: Set<number>;
  /** Reads a stored chunk. */
  load: (index: number) => Chunk;
}

export function createPageTable(pool: PagePool): PageTable {
  return { pool, chunks: [], onDisk: new Set(), dirtyChunks: new Set(), load: nothingStored };
}

function nothingStored(index: number): never {
  throw new Error(`chunk ${index} of a memory that was never stored is not in memory`);
}

export function chunkAt(table: PageTable, index: number): Chunk | undefined {
  if (table.onDisk.size > 0 && table.onDisk.has(index)) {
    table.chunks[index] = table.load(index);
    // Only now: should loading fail, the chunk is still where it was.
    table.onDisk.delete(index);
  }
  return table.chunks[index];
}

export function slotAt(table: PageTable, page: number): Slot {
  return chunkAt(table, page >>> 8)?.[page & 0xff] ?? zeroSlot;
}

/** One past the last chunk that exists. */
export function chunkCount(table: PageTable): number {
  let count = table.chunks.length;
  for (const index of table.onDisk) if (index >= count) count = index + 1;
  return count;
}

/** Takes over one reference to `slot`; gives back the one it replaces. */
export function replaceSlot(table: PageTable, page: number, slot: Slot): void {
  const index = page >>> 8;
  let chunk = chunkAt(table, index);
  if (chunk === undefined) {
    chunk = new Int32Array(chunkPages);
    table.chunks[index] = chunk;
  }
  const previous = chunk[page & 0xff]!;
  chunk[page & 0xff] = slot;
  table.dirtyChunks.add(index);
  table.pool.release(previous);
}

/** Makes `page` hold the 4 KiB at `offset` of `source`. A page that is shared stays so while it is the same. */
export function writePage(table: PageTable, page: number, source: Buffer, offset: number): void {
  const slot = slotAt(table, page);
  if (!table.pool.isShared(slot)) {
    table.pool.copyFrom(slot, source, offset);
    table.dirtyChunks.add(page >>> 8);
  } else if (!table.pool.equals(slot, source, offset)) {
    const own = table.pool.allocate();
    table.pool.copyFrom(own, source, offset);
    replaceSlot(table, page, own);
  }
}

/** Points pages at those of `model` where the content is the same, so that both share them. */
export function sharePages(table: PageTable, model: PageTable): void {
  for (const [page, slot] of usedPages(table)) {
    const other = slotAt(model, page);
    if (other === slot || other === zeroSlot) continue;
    if (!table.pool.view(slot).equals(table.pool.view(other))) continue;
    table.pool.retain(other);
    replaceSlot(table, page, other);
  }
}

/** Every page that is not the zero page, in order. */
export function* usedPages(table: PageTable): Iterable<[page: number, slot: Slot]> {
  for (let index = 0; index < chunkCount(table); index++) {
    const chunk = chunkAt(table, index);
    if (chunk === undefined) continue;
    for (let i = 0; i < chunkPages; i++) if (chunk[i] !== zeroSlot) yield [index * chunkPages + i, chunk[i]!];
  }
}

/** Drops from memory every chunk that is stored unchanged; it is read back when touched. */
export function unloadCleanChunks(table: PageTable): void {
  for (let index = 0; index < table.chunks.length; index++) {
    if (table.chunks[index] === undefined || table.dirtyChunks.has(index)) continue;
    releaseChunk(table, table.chunks[index]!);
    delete table.chunks[index];
    table.onDisk.add(index);
  }
}

/** Shares every page with the original; nothing of the copy is stored yet. */
export function copyPageTable(table: PageTable): PageTable {
  const copy = createPageTable(table.pool);
  for (let index = 0; index < chunkCount(table); index++) {
    const chunk = chunkAt(table, index);
    if (chunk === undefined) continue;
    for (const slot of chunk) table.pool.retain(slot);
    copy.chunks[index] = chunk.slice();
    copy.dirtyChunks.add(index);
  }
  return copy;
}

/** Gives every page back; the table is empty afterwards, and all its old chunks count as changed. */
export function clearPageTable(table: PageTable): void {
  for (const index of table.onDisk) table.dirtyChunks.add(index);
  table.onDisk.clear();
  table.chunks.forEach((chunk, index) => {
    releaseChunk(table, chunk!);
    table.dirtyChunks.add(index);
  });
  table.chunks.length = 0;
}

function releaseChunk(table: PageTable, chunk: Chunk): void {
  for (const slot of chunk) table.pool.release(slot);
}
