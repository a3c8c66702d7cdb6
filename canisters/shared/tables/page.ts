// A page of the ordered index: some sorted byte strings in one value of the store. In a leaf they are keys; in a branch each is
// a key followed by the number of the page below it. Bytes are moved natively and never taken apart one by one.
import { assert } from '@tamc/base/assert';
import { bytesToLatin1 } from '@tamc/base/utf8';

export interface Page {
  readonly isLeaf: boolean;
  readonly items: readonly Uint8Array[];
}

/** What one page may take: some dozens of keys, so that a tree of a million is four pages deep and a write stays small. */
export const pageBytesMax = 2048;
/** Longer keys would leave a page with fewer than four. */
export const keyBytesMax = 480;
const childBytes = 4;
const itemHeaderBytes = 2;

export function pageToBytes({ isLeaf, items }: Page): Uint8Array {
  const bytes = new Uint8Array(pageByteCount(items));
  bytes[0] = isLeaf ? 1 : 0;
  let at = 1;
  for (const item of items) {
    bytes[at] = item.length >>> 8;
    bytes[at + 1] = item.length;
    bytes.set(item, at + itemHeaderBytes);
    at += itemHeaderBytes + item.length;
  }
  return bytes;
}

export function bytesToPage(bytes: Uint8Array): Page {
  const items: Uint8Array[] = [];
  for (let at = 1; at < bytes.length; ) {
    const end = at + itemHeaderBytes + bytes[at]! * 256 + bytes[at + 1]!;
    items.push(bytes.subarray(at + itemHeaderBytes, end));
    at = end;
  }
  return { isLeaf: bytes[0] === 1, items };
}

export function pageByteCount(items: readonly Uint8Array[]): number {
  let byteCount = 1;
  for (const item of items) byteCount += itemHeaderBytes + item.length;
  return byteCount;
}

/** A branch's item: the lowest key below, and the page where it is. */
export function branchItem(key: Uint8Array, child: number): Uint8Array {
  const item = new Uint8Array(key.length + childBytes);
  item.set(key);
  new DataView(item.buffer).setUint32(key.length, child);
  return item;
}

export function childOf(item: Uint8Array): number {
  return new DataView(item.buffer, item.byteOffset, item.length).getUint32(item.length - childBytes);
}

/** The key in an item, as text that compares as bytes do. */
export function keyText(page: Page, index: number): string {
  const item = page.items[index]!;
  return bytesToLatin1(page.isLeaf ? item : item.subarray(0, item.length - childBytes));
}

/** Index of the first item whose key is not below `key`. */
export function lowerBound(page: Page, key: string): number {
  let [low, high] = [0, page.items.length];
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
  const isExact = index < page.items.length && keyText(page, index) === key;
  return isExact ? index : Math.max(0, index - 1);
}

/** Two pages of about the same size. */
export function splitItems(items: readonly Uint8Array[]): readonly [Uint8Array[], Uint8Array[]] {
  assert(items.length >= 2, 'a page of one item cannot be split');
  const half = pageByteCount(items) / 2;
  let byteCount = 1;
  let index = 0;
  while (index < items.length - 1 && (index === 0 || byteCount < half)) {
    byteCount += itemHeaderBytes + items[index]!.length;
    index++;
  }
  return [items.slice(0, index), items.slice(index)];
}
