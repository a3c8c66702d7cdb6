// Moves pages between a live instance's memory and the committed image: the dirty map says which ones.
import { pageBytes, zeroSlot } from '../memory/page-pool.ts';
import { chunkAt, chunkCount, chunkPages, type PageTable, slotAt, writePage } from '../memory/page-table.ts';
import { spillBytes } from '../wasm/contract.ts';
import type { HeapWindow } from './heap-window.ts';

/** Runs `visit` for every page that may have changed, in order, and clears the map. */
function drainDirtyPages(window: HeapWindow, table: PageTable, visit: (page: number) => void): void {
  const buffer = window.buffer();
  const words = window.words();
  const pageCount = window.heapBytes() / pageBytes;
  const wordCount = (pageCount + 3) >>> 2;
  let previous = -2;
  for (let index = 0; index < wordCount; index++) {
    if (words[index] === 0) continue;
    for (let page = index * 4; page < index * 4 + 4; page++) {
      if (buffer[page] === 0) continue;
      if (previous >= 0 && previous + 1 < page) visitIfSpilled(window, table, previous + 1, 0, visit);
      // Between two marked pages with one in between, that one is looked at from both ends.
      if (page > 0 && previous + 1 < page) visitIfSpilled(window, table, page - 1, pageBytes - spillBytes, visit);
      visit(page);
      previous = page;
    }
    words[index] = 0;
  }
  if (previous >= 0 && previous + 1 < pageCount) visitIfSpilled(window, table, previous + 1, 0, visit);
}

/** A store may reach a little beyond the page that it marks. Visiting a page twice is harmless. */
function visitIfSpilled(
  window: HeapWindow,
  table: PageTable,
  page: number,
  offset: number,
  visit: (page: number) => void,
): void {
  const start = window.base + page * pageBytes + offset;
  const committed = table.pool.view(slotAt(table, page));
  if (window.buffer().compare(committed, offset, offset + spillBytes, start, start + spillBytes) !== 0) visit(page);
}

/** The image becomes what the instance holds. */
export function commitPages(window: HeapWindow, table: PageTable): void {
  const buffer = window.buffer();
  drainDirtyPages(window, table, (page) => writePage(table, page, buffer, window.base + page * pageBytes));
}

/** The instance becomes what the image holds. */
export function rollbackPages(window: HeapWindow, table: PageTable): void {
  drainDirtyPages(window, table, (page) => loadPage(window, table, page));
}

function loadPage(window: HeapWindow, table: PageTable, page: number): void {
  const start = window.base + page * pageBytes;
  const slot = slotAt(table, page);
  if (slot === zeroSlot) window.buffer().fill(0, start, start + pageBytes);
  else table.pool.copyTo(slot, window.buffer(), start);
}

/** Turns an instance that holds `from` (null: all zero) into one that holds `to`; pages both share are not touched. */
export function switchPages(window: HeapWindow, from: PageTable | null, to: PageTable): void {
  const count = Math.max(from === null ? 0 : chunkCount(from), chunkCount(to));
  for (let index = 0; index < count; index++) {
    const before = from === null ? undefined : chunkAt(from, index);
    const after = chunkAt(to, index);
    if (before === undefined && after === undefined) continue;
    for (let i = 0; i < chunkPages; i++) {
      if ((before?.[i] ?? zeroSlot) !== (after?.[i] ?? zeroSlot)) loadPage(window, to, index * chunkPages + i);
    }
  }
}
