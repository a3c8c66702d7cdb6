// The sorted set of an ordered table's keys: a B+ tree of pages in the store. Inserting, deleting and walking touch one page per
// level. Values lie elsewhere, so that changing one touches no page at all.
import { assert } from '@tamc/base/assert';
import { bytesToLatin1 } from '@tamc/base/utf8';
import {
  branchItem,
  branchKey,
  bytesToPage,
  childAt,
  childIndex,
  itemAt,
  itemsToPage,
  keyBytesMax,
  keyText,
  lowerBound,
  type Page,
  pageBytesMax,
  pageItems,
  splitPage,
  withItem,
  withoutItem,
} from './page.ts';
import type { Store } from './port.ts';

export interface IndexTree {
  /** Only for a key that is not in it. */
  insert(key: Uint8Array): void;
  /** Only for a key that is in it. */
  delete(key: Uint8Array): void;
  /** Calls `visit` with the keys from `start` on, backwards with those below it, until it returns false. */
  walk(start: string | null, isReverse: boolean, visit: Visit): void;
}

type Visit = (key: Uint8Array) => boolean;

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
  const write = (number: number, page: Page): Page => {
    store.set(pageKey(table, number), page.bytes);
    return page;
  };
  const readRoot = (): Root => bytesToRoot(store.get(rootKey));
  const writeRoot = (root: Root) => store.set(rootKey, rootToBytes(root));

  /** What does not fit goes to a new page, whose item for the parent is returned. */
  function writeGrown(number: number, page: Page): Uint8Array | null {
    if (page.bytes.length <= pageBytesMax) {
      write(number, page);
      return null;
    }
    const [left, right] = splitPage(page);
    const root = readRoot();
    const added = root.nextPage;
    writeRoot({ ...root, nextPage: added + 1 });
    write(number, left);
    write(added, right);
    const first = itemAt(right, 0);
    return branchItem(page.isLeaf ? first : branchKey(first), added);
  }

  function insertInto(number: number, key: Uint8Array, text: string): Uint8Array | null {
    const page = read(number);
    if (page.isLeaf) return writeGrown(number, withItem(page, lowerBound(page, text), key));
    const index = childIndex(page, text);
    const added = insertInto(childAt(page, index), key, text);
    return added === null ? null : writeGrown(number, withItem(page, index + 1, added));
  }

  /** Returns the page as it is now, for the parent to see whether it has become too small. */
  function deleteFrom(number: number, text: string): Page {
    const page = read(number);
    const index = page.isLeaf ? lowerBound(page, text) : childIndex(page, text);
    if (page.isLeaf) {
      assert(index < page.count && keyText(page, index) === text, `table ${table} has no such key in its index`);
      return write(number, withoutItem(page, index));
    }
    const child = deleteFrom(childAt(page, index), text);
    if (child.bytes.length >= pageBytesMin) return page;
    const joined = joinChild(page, index, child);
    return joined === null ? page : write(number, joined);
  }

  /** Joins a small child with a neighbour that has room; null when none has. */
  function joinChild(parent: Page, index: number, child: Page): Page | null {
    for (const left of [index - 1, index]) {
      if (left < 0 || left + 1 >= parent.count) continue;
      const [a, b] = [childAt(parent, left), childAt(parent, left + 1)];
      const leftPage = left === index ? child : read(a);
      const rightPage = left === index ? read(b) : child;
      const items = [...pageItems(leftPage), ...joinedItems(itemAt(parent, left + 1), rightPage)];
      const joined = itemsToPage(child.isLeaf, items);
      if (child.count > 0 && joined.bytes.length > joinedBytesMax) continue;
      write(a, joined);
      store.delete(pageKey(table, b));
      return withoutItem(parent, left + 1);
    }
    return null;
  }

  function shrinkRoot(): void {
    for (;;) {
      const root = readRoot();
      const page = read(root.page);
      if (page.isLeaf || page.count > 1) return;
      store.delete(pageKey(table, root.page));
      writeRoot({ ...root, page: childAt(page, 0) });
    }
  }

  function walkPage(number: number, start: string | null, isReverse: boolean, visit: Visit): boolean {
    const page = read(number);
    const step = isReverse ? -1 : 1;
    for (let i = startIndex(page, start, isReverse); i >= 0 && i < page.count; i += step) {
      const goesOn = page.isLeaf ? visit(itemAt(page, i)) : walkPage(childAt(page, i), start, isReverse, visit);
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
        write(1, itemsToPage(true, [key]));
        return;
      }
      const added = insertInto(root.page, key, bytesToLatin1(key));
      if (added === null) return;
      const { nextPage } = readRoot();
      write(nextPage, itemsToPage(false, [branchItem(new Uint8Array(0), root.page), added]));
      writeRoot({ page: nextPage, nextPage: nextPage + 1 });
    },
    delete: (key) => {
      const page = deleteFrom(readRoot().page, bytesToLatin1(key));
      if (!page.isLeaf && page.count === 1) shrinkRoot();
    },
    walk: (start, isReverse, visit) => {
      const root = readRoot();
      if (root.nextPage > 1) walkPage(root.page, start, isReverse, visit);
    },
  };
}

/** Where a walk begins in a page: forwards at `start`, backwards below it. */
function startIndex(page: Page, start: string | null, isReverse: boolean): number {
  if (start === null) return isReverse ? page.count - 1 : 0;
  if (!page.isLeaf) return childIndex(page, start);
  return isReverse ? lowerBound(page, start) - 1 : lowerBound(page, start);
}

/** A branch's first item may hold no key; joined to the left it needs the one its parent knew. */
function joinedItems(parentItem: Uint8Array, page: Page): readonly Uint8Array[] {
  const [first, ...others] = pageItems(page);
  if (page.isLeaf || first === undefined) return first === undefined ? [] : [first, ...others];
  return [branchItem(branchKey(parentItem), childAt(page, 0)), ...others];
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
