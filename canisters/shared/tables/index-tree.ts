// The sorted set of an ordered table's keys: a B+ tree of pages in the store. Inserting, deleting and walking touch one page per
// level. Values lie elsewhere, so that changing one touches no page at all.
import { assert } from '@tamc/base/assert';
import { bytesToLatin1 } from '@tamc/base/utf8';
import {
  branchItem,
  bytesToPage,
  childIndex,
  childOf,
  keyBytesMax,
  keyText,
  lowerBound,
  type Page,
  pageByteCount,
  pageBytesMax,
  pageToBytes,
  splitItems,
} from './page.ts';
import type { Store } from './port.ts';

export interface IndexTree {
  /** Only for a key that is not in it. */
  insert(key: Uint8Array): void;
  /** Only for a key that is in it. */
  delete(key: Uint8Array): void;
  /** Calls `visit` with keys from `from` on (or below `to`, backwards) until it returns false. */
  walk(from: string | null, isReverse: boolean, visit: (key: Uint8Array, text: string) => boolean): void;
}

interface Root {
  readonly page: number;
  /** Pages are numbered once and not used again. */
  readonly nextPage: number;
}

/** Below this share a page looks for a neighbour to join. */
const pageBytesMin = pageBytesMax / 4;
const joinedBytesMax = (pageBytesMax * 3) / 4;

export function openIndexTree(store: Store, table: number): IndexTree {
  const rootKey = pageKey(table, 0);
  const read = (number: number): Page => {
    const bytes = store.get(pageKey(table, number));
    assert(bytes !== null, `table ${table} has lost page ${number}`);
    return bytesToPage(bytes);
  };
  const write = (number: number, page: Page) => store.set(pageKey(table, number), pageToBytes(page));
  const readRoot = (): Root => bytesToRoot(store.get(rootKey));
  const writeRoot = (root: Root) => store.set(rootKey, rootToBytes(root));

  /** Puts items in place of a page; what does not fit goes to a new page whose item for the parent is returned. */
  function writeItems(number: number, isLeaf: boolean, items: readonly Uint8Array[]): Uint8Array | null {
    if (pageByteCount(items) <= pageBytesMax) {
      write(number, { isLeaf, items });
      return null;
    }
    const [left, right] = splitItems(items);
    const root = readRoot();
    const added = root.nextPage;
    writeRoot({ ...root, nextPage: added + 1 });
    write(number, { isLeaf, items: left });
    write(added, { isLeaf, items: right });
    const first = right[0]!;
    return branchItem(isLeaf ? first : first.subarray(0, first.length - 4), added);
  }

  function insertInto(number: number, key: Uint8Array, text: string): Uint8Array | null {
    const page = read(number);
    if (page.isLeaf) return writeItems(number, true, withItem(page.items, lowerBound(page, text), key));
    const index = childIndex(page, text);
    const added = insertInto(childOf(page.items[index]!), key, text);
    return added === null ? null : writeItems(number, false, withItem(page.items, index + 1, added));
  }

  /** Returns the page as it is now, for the parent to see whether it has become too small. */
  function deleteFrom(number: number, text: string): Page {
    const page = read(number);
    const index = page.isLeaf ? lowerBound(page, text) : childIndex(page, text);
    if (page.isLeaf) {
      assert(index < page.items.length && keyText(page, index) === text, `table ${table} has no such key in its index`);
      return changed(number, { isLeaf: true, items: withoutItem(page.items, index) });
    }
    const child = deleteFrom(childOf(page.items[index]!), text);
    if (pageByteCount(child.items) >= pageBytesMin) return page;
    const joined = joinChild(page, index, child);
    return joined === null ? page : changed(number, joined);
  }

  function changed(number: number, page: Page): Page {
    write(number, page);
    return page;
  }

  /** Joins a small child with a neighbour that has room; null when none has. */
  function joinChild(parent: Page, index: number, child: Page): Page | null {
    for (const left of [index - 1, index]) {
      if (left < 0 || left + 1 >= parent.items.length) continue;
      const [a, b] = [childOf(parent.items[left]!), childOf(parent.items[left + 1]!)];
      const leftPage = left === index ? child : read(a);
      const rightPage = left === index ? read(b) : child;
      const items = [...leftPage.items, ...joinedItems(parent.items[left + 1]!, rightPage)];
      if (child.items.length > 0 && pageByteCount(items) > joinedBytesMax) continue;
      write(a, { isLeaf: child.isLeaf, items });
      store.delete(pageKey(table, b));
      return { isLeaf: false, items: withoutItem(parent.items, left + 1) };
    }
    return null;
  }

  function shrinkRoot(): void {
    for (;;) {
      const root = readRoot();
      const page = read(root.page);
      if (page.isLeaf || page.items.length > 1) return;
      store.delete(pageKey(table, root.page));
      writeRoot({ ...root, page: childOf(page.items[0]!) });
    }
  }

  function walkPage(
    number: number,
    from: string | null,
    isReverse: boolean,
    visit: (key: Uint8Array, text: string) => boolean,
  ): boolean {
    const page = read(number);
    const step = isReverse ? -1 : 1;
    for (let i = startIndex(page, from, isReverse); i >= 0 && i < page.items.length; i += step) {
      const item = page.items[i]!;
      const goesOn = page.isLeaf ? visit(item, keyText(page, i)) : walkPage(childOf(item), from, isReverse, visit);
      if (!goesOn) return false;
    }
    return true;
  }

  return {
    insert: (key) => {
      assert(
        key.length <= keyBytesMax,
        `a key of ${key.length} bytes in table ${table}; at most ${keyBytesMax} can be ordered`,
      );
      const root = readRoot();
      if (root.nextPage === 1) {
        writeRoot({ page: 1, nextPage: 2 });
        write(1, { isLeaf: true, items: [key] });
        return;
      }
      const added = insertInto(root.page, key, bytesToLatin1(key));
      if (added === null) return;
      const { nextPage } = readRoot();
      write(nextPage, { isLeaf: false, items: [branchItem(new Uint8Array(0), root.page), added] });
      writeRoot({ page: nextPage, nextPage: nextPage + 1 });
    },
    delete: (key) => {
      const page = deleteFrom(readRoot().page, bytesToLatin1(key));
      if (!page.isLeaf && page.items.length === 1) shrinkRoot();
    },
    walk: (from, isReverse, visit) => {
      const root = readRoot();
      if (root.nextPage > 1) walkPage(root.page, from, isReverse, visit);
    },
  };
}

/** Where a walk starts in a page: forwards at `from`, backwards below it. */
function startIndex(page: Page, from: string | null, isReverse: boolean): number {
  if (from === null) return isReverse ? page.items.length - 1 : 0;
  if (!page.isLeaf) return childIndex(page, from);
  return isReverse ? lowerBound(page, from) - 1 : lowerBound(page, from);
}

/** A branch's first item may hold no key; joined to the left it needs the one its parent knew. */
function joinedItems(parentItem: Uint8Array, { isLeaf, items }: Page): readonly Uint8Array[] {
  if (isLeaf) return items;
  const key = parentItem.subarray(0, parentItem.length - 4);
  return items.map((item, i) => (i === 0 ? branchItem(key, childOf(item)) : item));
}

function withItem(items: readonly Uint8Array[], index: number, item: Uint8Array): Uint8Array[] {
  return [...items.slice(0, index), item, ...items.slice(index)];
}

function withoutItem(items: readonly Uint8Array[], index: number): Uint8Array[] {
  return [...items.slice(0, index), ...items.slice(index + 1)];
}

/** Table, a one for pages (values have a zero there), the page's number. */
function pageKey(table: number, page: number): Uint8Array {
  const key = new Uint8Array(6);
  key[0] = table;
  key[1] = 1;
  new DataView(key.buffer).setUint32(2, page);
  return key;
}

function bytesToRoot(bytes: Uint8Array | null): Root {
  if (bytes === null) return { page: 0, nextPage: 1 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { page: view.getUint32(0), nextPage: view.getUint32(4) };
}

function rootToBytes({ page, nextPage }: Root): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, page);
  view.setUint32(4, nextPage);
  return bytes;
}
