// All committed memory of all canisters lives here as reference-counted 4 KiB pages, so that canisters share what is
// equal, a fork of the network is a copy of page tables, and no page costs a JavaScript object.
import { assert } from '@tamc/base/assert';

export const pageBytes = 4096;
const slabShift = 12;
const slabPages = 1 << slabShift; // 16 MiB a slab: big enough to be rare, small enough not to waste.
const slabBytes = slabPages * pageBytes;

/** Index of a page in the pool. 0 is the page of zeroes that everybody shares. */
export type Slot = number;
export const zeroSlot: Slot = 0;

export interface PagePool {
  /** A page with undefined content and one reference. */
  allocate(): Slot;
  retain(slot: Slot): void;
  release(slot: Slot): void;
  isShared(slot: Slot): boolean;
  /** Content equals `pageBytes` bytes of `other` at `offset`. */
  equals(slot: Slot, other: Buffer, offset: number): boolean;
  copyFrom(slot: Slot, source: Buffer, offset: number): void;
  copyTo(slot: Slot, target: Buffer, offset: number, start?: number, end?: number): void;
  /** The page itself; what it holds is meaningful while the caller holds a reference. */
  view(slot: Slot): Buffer;
  /** The words of the slab that the page is in, and where in it the page begins; for loops over few words. */
  wordsAround(slot: Slot): Uint32Array;
  wordOffset(slot: Slot): number;
  usedPages(): number;
  /** References to all pages together: equal to what page tables hold, or some are lost. */
  countReferences(): number;
}

interface Pool {
  readonly slabs: Buffer[];
  readonly slabWords: Uint32Array[];
  /** Made when first asked for, and kept: making one costs nearly as much as copying a page. */
  readonly views: (Buffer | undefined)[];
  references: Int32Array;
  readonly free: Slot[];
  next: Slot;
  used: number;
}

export function createPagePool(): PagePool {
  const firstSlab = Buffer.alloc(slabBytes);
  const pool: Pool = {
    slabs: [firstSlab],
    slabWords: [new Uint32Array(firstSlab.buffer)],
    views: [],
    references: new Int32Array(slabPages),
    free: [],
    next: 1,
    used: 0,
  };
  pool.references[zeroSlot] = 1;
  return {
    allocate: () => allocate(pool),
    retain: (slot) => {
      if (slot !== zeroSlot) pool.references[slot]!++;
    },
    release: (slot) => release(pool, slot),
    isShared: (slot) => slot === zeroSlot || pool.references[slot]! > 1,
    equals: (slot, other, offset) => {
      const start = (slot & (slabPages - 1)) * pageBytes;
      return other.compare(slabOf(pool, slot), start, start + pageBytes, offset, offset + pageBytes) === 0;
    },
    copyFrom: (slot, source, offset) => {
      assert(slot !== zeroSlot, 'the zero page is never written');
      source.copy(slabOf(pool, slot), (slot & (slabPages - 1)) * pageBytes, offset, offset + pageBytes);
    },
    copyTo: (slot, target, offset, start = 0, end = pageBytes) => {
      const base = (slot & (slabPages - 1)) * pageBytes;
      slabOf(pool, slot).copy(target, offset, base + start, base + end);
    },
    view: (slot) => pool.views[slot] ?? makeView(pool, slot),
    wordsAround: (slot) => pool.slabWords[slot >>> slabShift]!,
    wordOffset: (slot) => (slot & (slabPages - 1)) * (pageBytes / 4),
    usedPages: () => pool.used,
    countReferences: () => pool.references.subarray(1).reduce((sum, count) => sum + count, 0),
  };
}

function makeView(pool: Pool, slot: Slot): Buffer {
  const start = (slot & (slabPages - 1)) * pageBytes;
  const view = slabOf(pool, slot).subarray(start, start + pageBytes);
  pool.views[slot] = view;
  return view;
}

function slabOf(pool: Pool, slot: Slot): Buffer {
  return pool.slabs[slot >>> slabShift]!;
}

function allocate(pool: Pool): Slot {
  const slot = pool.free.pop() ?? pool.next++;
  if (slot >= pool.references.length) growPool(pool);
  pool.references[slot] = 1;
  pool.used++;
  return slot;
}

function growPool(pool: Pool): void {
  // Slabs are left unzeroed by the system until touched, so a fresh one costs address space only.
  const slab = Buffer.allocUnsafeSlow(slabBytes);
  pool.slabs.push(slab);
  pool.slabWords.push(new Uint32Array(slab.buffer));
  const references = new Int32Array(pool.slabs.length * slabPages);
  references.set(pool.references);
  pool.references = references;
}

function release(pool: Pool, slot: Slot): void {
  if (slot === zeroSlot) return;
  const left = --pool.references[slot]!;
  assert(left >= 0, `page ${slot} released twice`);
  if (left > 0) return;
  pool.free.push(slot);
  pool.used--;
}
