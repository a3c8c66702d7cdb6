// A page of the ordered index: some sorted byte strings in one value of the store. In a leaf they are keys; in a branch each is
// a key followed by the number of the page below it. A page is searched and changed as the bytes it is stored as: taking it apart
// would cost an interpreter ten times as much.
import { assert } from '@tamc/base/assert';
import { bytesToLatin1 } from '@tamc/base/utf8';

/** Stored as: is it a leaf, a spare byte, the count of items, where each item starts (16 bits, low byte first), the items. */
export interface Page {
  readonly bytes: Uint8Array;
  readonly isLeaf: boolean;
  readonly count: number;
  readonly starts: Uint16Array;
  /** Where the items begin; starts are counted from here. */
  readonly itemsAt: number;
}

/** What one page may take: some dozens of keys, so that a tree of a million is four pages deep and a write stays small. */
export const pageBytesMax = 2048;
/** Longer keys would leave a page with fewer than four. */
export const keyBytesMax = 480;
const childBytes = 4;
const headBytes = 4;
const startBytes = 2;

export function bytesToPage(stored: Uint8Array): Page {
  // A view of 16-bit numbers must start at an even place.
  const bytes = stored.byteOffset % startBytes === 0 ? stored : stored.slice();
  const count = bytes[2]! + bytes[3]! * 256;
  const starts = new Uint16Array(bytes.buffer, bytes.byteOffset + headBytes, count);
  return { bytes, isLeaf: bytes[0] === 1, count, starts, itemsAt: headBytes + startBytes * count };
}

/** A page with room for items, which the caller fills in. */
function createPage(isLeaf: boolean, count: number, itemBytes: number): Page {
  const bytes = new Uint8Array(headBytes + startBytes * count + itemBytes);
  bytes[0] = isLeaf ? 1 : 0;
  bytes[2] = count;
  bytes[3] = count >>> 8;
  return bytesToPage(bytes);
}

export function itemsToPage(isLeaf: boolean, items: readonly Uint8Array[]): Page {
  const page = createPage(
    isLeaf,
    items.length,
    items.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  items.forEach((item, i) => {
    page.starts[i] = at;
    page.bytes.set(item, page.itemsAt + at);
    at += item.length;
  });
  return page;
}

export function itemAt(page: Page, index: number): Uint8Array {
  return page.bytes.subarray(page.itemsAt + page.starts[index]!, itemEnd(page, index));
}

function itemEnd({ bytes, starts, itemsAt, count }: Page, index: number): number {
  return index + 1 < count ? itemsAt + starts[index + 1]! : bytes.length;
}

export function pageItems(page: Page): Uint8Array[] {
  return Array.from({ length: page.count }, (_, i) => itemAt(page, i));
}

export function withItem(page: Page, index: number, item: Uint8Array): Page {
  const { bytes, starts, itemsAt, count } = page;
  const cut = index < count ? itemsAt + starts[index]! : bytes.length;
  const next = createPage(page.isLeaf, count + 1, bytes.length - itemsAt + item.length);
  next.starts.set(starts.subarray(0, index));
  next.starts[index] = cut - itemsAt;
  for (let i = index; i < count; i++) next.starts[i + 1] = starts[i]! + item.length;
  next.bytes.set(bytes.subarray(itemsAt, cut), next.itemsAt);
  next.bytes.set(item, next.itemsAt + cut - itemsAt);
  next.bytes.set(bytes.subarray(cut), next.itemsAt + cut - itemsAt + item.length);
  return next;
}

export function withoutItem(page: Page, index: number): Page {
  const { bytes, starts, itemsAt, count } = page;
  const cut = itemsAt + starts[index]!;
  const end = itemEnd(page, index);
  const next = createPage(page.isLeaf, count - 1, bytes.length - itemsAt - (end - cut));
  next.starts.set(starts.subarray(0, index));
  for (let i = index + 1; i < count; i++) next.starts[i - 1] = starts[i]! - (end - cut);
  next.bytes.set(bytes.subarray(itemsAt, cut), next.itemsAt);
  next.bytes.set(bytes.subarray(end), next.itemsAt + cut - itemsAt);
  return next;
}

/** A branch's item: the lowest key below, and the page where it is. */
export function branchItem(key: Uint8Array, child: number): Uint8Array {
  const item = new Uint8Array(key.length + childBytes);
  item.set(key);
  new DataView(item.buffer).setUint32(key.length, child);
  return item;
}

export function branchKey(item: Uint8Array): Uint8Array {
  return item.subarray(0, item.length - childBytes);
}

export function childAt(page: Page, index: number): number {
  const { bytes } = page;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(itemEnd(page, index) - childBytes);
}

/** The key of an item, as text that compares as bytes do. */
export function keyText(page: Page, index: number): string {
  const item = itemAt(page, index);
  return bytesToLatin1(page.isLeaf ? item : branchKey(item));
}

/** Index of the first item whose key is not below `key`. */
export function lowerBound(page: Page, key: string): number {
  let [low, high] = [0, page.count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyText(page, middle) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the child of a branch below which `key` lies. The first child takes all that is below the second. */
export function childIndex(page: Page, key: string): number {
  const index = lowerBound(page, key);
  const isExact = index < page.count && keyText(page, index) === key;
  return isExact ? index : Math.max(0, index - 1);
}

/** Two pages of about the same size. */
export function splitPage(page: Page): readonly [Page, Page] {
  assert(page.count >= 2, 'a page of one item cannot be split');
  const half = (page.bytes.length - page.itemsAt) / 2;
  const found = page.starts.findIndex((start) => start >= half);
  const index = Math.min(Math.max(found, 1), page.count - 1);
  const items = pageItems(page);
  return [itemsToPage(page.isLeaf, items.slice(0, index)), itemsToPage(page.isLeaf, items.slice(index))];
}
