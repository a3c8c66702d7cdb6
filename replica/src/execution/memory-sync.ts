// Moves pages between a live instance's memory and the committed image: the dirty map says which ones.
import { pageBytes, zeroSlot } from '../memory/page-pool.ts';
import { chunkAt, chunkCount, chunkPages, type PageTable, slotAt, writePage } from '../memory/page-table.ts';
import { spillBytes } from '../wasm/contract.ts';
import type { HeapWindow } from './heap-window.ts';

const pageWords = pageBytes / 4;
const spillWords = spillBytes / 4;

/** The image becomes what the instance holds. */
export function commitPages(window: HeapWindow, table: PageTable): void {
  const count = takeDirtyPages(window, table);
  const buffer = window.buffer();
  for (let i = 0; i < count; i++) writePage(table, dirty[i]!, buffer, window.base + dirty[i]! * pageBytes);
}

/** The instance becomes what the image holds. */
export function rollbackPages(window: HeapWindow, table: PageTable): void {
  const count = takeDirtyPages(window, table);
  const buffer = window.buffer();
  for (let i = 0; i < count; i++) loadPage(buffer, window.base, table, dirty[i]!);
}

/** Pages that may have changed, in order. One list for all, because executions never overlap: it saves one per call. */
let dirty = new Int32Array(1024);

/** Fills `dirty`, clears the map, gives the count. */
function takeDirtyPages(window: HeapWindow, table: PageTable): number {
  const pageCount = window.heapBytes() / pageBytes;
  const map = window.buffer();
  const words = window.words();
  const live = window.allWords();
  const firstWord = window.base >>> 2;
  if (dirty.length < pageCount) dirty = new Int32Array(2 * pageCount);
  const wordCount = (pageCount + 3) >>> 2;
  let count = 0;
  let previous = -1;
  for (let index = 0; index < wordCount; index++) {
    if (words[index] === 0) continue;
    for (let page = index * 4; page < index * 4 + 4; page++) {
      if (map[page] === 0) continue;
      // A store may reach a little beyond the page that it marks, so the edges of unmarked neighbours are looked at.
      if (previous + 1 < page) {
        if (previous >= 0 && isSpilled(live, firstWord, table, previous + 1, 0)) dirty[count++] = ++previous;
        if (previous + 1 < page && isSpilled(live, firstWord, table, page - 1, lastWords)) dirty[count++] = page - 1;
      }
      dirty[count++] = page;
      previous = page;
    }
    words[index] = 0;
  }
  if (previous >= 0 && previous + 1 < pageCount && isSpilled(live, firstWord, table, previous + 1, 0))
    dirty[count++] = previous + 1;
  return count;
}

const lastWords = pageWords - spillWords;

/** In a loop without branches, because a call to compare so few words takes longer than comparing them. */
function isSpilled(live: Uint32Array, firstWord: number, table: PageTable, page: number, offset: number): boolean {
  const slot = slotAt(table, page);
  const committed = table.pool.wordsAround(slot);
  const start = firstWord + page * pageWords + offset;
  const other = table.pool.wordOffset(slot) + offset;
  let difference = 0;
  for (let i = 0; i < spillWords; i += 4) {
    difference |=
      (live[start + i]! ^ committed[other + i]!) |
      (live[start + i + 1]! ^ committed[other + i + 1]!) |
      (live[start + i + 2]! ^ committed[other + i + 2]!) |
      (live[start + i + 3]! ^ committed[other + i + 3]!);
  }
  return difference !== 0;
}

function loadPage(buffer: Buffer, base: number, table: PageTable, page: number): void {
  const start = base + page * pageBytes;
  const slot = slotAt(table, page);
  if (slot === zeroSlot) buffer.fill(0, start, start + pageBytes);
  else buffer.set(table.pool.view(slot), start);
}

/** Turns an instance that holds `from` (null: all zero) into one that holds `to`; pages both share are not touched. */
export function switchPages(window: HeapWindow, from: PageTable | null, to: PageTable): void {
  const count = Math.max(from === null ? 0 : chunkCount(from), chunkCount(to));
  const buffer = window.buffer();
  for (let index = 0; index < count; index++) {
    const before = from === null ? undefined : chunkAt(from, index);
    const after = chunkAt(to, index);
    if (before === undefined && after === undefined) continue;
    for (let i = 0; i < chunkPages; i++) {
      if ((before?.[i] ?? zeroSlot) !== (after?.[i] ?? zeroSlot))
        loadPage(buffer, window.base, to, index * chunkPages + i);
    }
  }
}
