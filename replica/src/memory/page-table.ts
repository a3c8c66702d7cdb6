// Which pool page stands at which place of a canister's heap or stable memory. Two levels, so that a sparse memory of
// many gigabytes costs what is used of it. A chunk (1 MiB) is also the unit in which memory is written to disk.
import { type PagePool, type Slot, zeroSlot } from './page-pool.ts';

export const chunkPages = 256;

export interface PageTable {
  readonly pool: PagePool;
  /** Sparse: a missing chunk is all zero. */
  readonly chunks: (Int32Array | undefined)[];
  /** Chunks changed since they were last written to disk. */
  readonly dirtyChunks: Set<number>;
}

export function createPageTable(pool: PagePool): PageTable {
  return { pool, chunks: [], dirtyChunks: new Set() };
}

export function slotAt(table: PageTable, page: number): Slot {
  return table.chunks[page >>> 8]?.[page & 0xff] ?? zeroSlot;
}

/** Takes over one reference to `slot`; gives back the one it replaces. */
export function replaceSlot(table: PageTable, page: number, slot: Slot): void {
  const index = page >>> 8;
  let chunk = table.chunks[index];
  if (chunk === undefined) {
    chunk = new Int32Array(chunkPages);
    table.chunks[index] = chunk;
  }
  const previous = chunk[page & 0xff]!;
  chunk[page & 0xff] = slot;
  table.dirtyChunks.add(index);
  table.pool.release(previous);
}

/** Makes `page` hold the 4 KiB at `offset` of `source`; false when it already did. */
export function writePage(table: PageTable, page: number, source: Buffer, offset: number): boolean {
  const slot = slotAt(table, page);
  if (table.pool.equals(slot, source, offset)) return false;
  if (table.pool.isShared(slot)) {
    const own = table.pool.allocate();
    table.pool.copyFrom(own, source, offset);
    replaceSlot(table, page, own);
  } else {
    table.pool.copyFrom(slot, source, offset);
    table.dirtyChunks.add(page >>> 8);
  }
  return true;
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
  for (const index of table.chunks.keys()) {
    const chunk = table.chunks[index];
    if (chunk === undefined) continue;
    for (let i = 0; i < chunkPages; i++) if (chunk[i] !== zeroSlot) yield [index * chunkPages + i, chunk[i]!];
  }
}

export function copyPageTable(table: PageTable): PageTable {
  const copy = createPageTable(table.pool);
  table.chunks.forEach((chunk, index) => {
    if (chunk === undefined) return;
    copy.chunks[index] = chunk.slice();
    for (const slot of chunk) table.pool.retain(slot);
  });
  for (const index of table.dirtyChunks) copy.dirtyChunks.add(index);
  return copy;
}

/** Gives every page back; the table is empty afterwards, and all its old chunks count as changed. */
export function clearPageTable(table: PageTable): void {
  table.chunks.forEach((chunk, index) => {
    if (chunk === undefined) return;
    for (const slot of chunk) table.pool.release(slot);
    table.dirtyChunks.add(index);
  });
  table.chunks.length = 0;
}
