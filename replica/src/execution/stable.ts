// Stable memory during one execution: reads see the committed pages and this execution's writes; the writes become
// the image only on commit.
import { type PagePool, pageBytes, type Slot, zeroSlot } from '../memory/page-pool.ts';
import { replaceSlot, slotAt } from '../memory/page-table.ts';
import type { StableImage } from '../state/canister.ts';
import { type StableAccess, Trap } from './execution.ts';

const wasmPageBytes = 65_536;
/** 500 GiB, the specification's maximum. */
export const stablePagesMax = (500 * 2 ** 30) / wasmPageBytes;

export interface StableOverlay extends StableAccess {
  commit(): void;
  rollback(): void;
  /** Several executions may share an overlay; each pays for the pages that it is the first to write. */
  startExecution(): void;
}

interface Overlay {
  readonly image: StableImage;
  readonly pool: PagePool;
  readonly written: Map<number, Slot>;
  /** Of this execution. */
  readonly newly: Set<number>;
  sizePages: number;
}

export function createStableOverlay(image: StableImage): StableOverlay {
  const overlay: Overlay = {
    image,
    pool: image.pages.pool,
    written: new Map(),
    newly: new Set(),
    sizePages: image.sizePages,
  };
  return {
    sizePages: () => overlay.sizePages,
    grow: (additional) => {
      const old = overlay.sizePages;
      if (old + additional > stablePagesMax) return -1;
      overlay.sizePages = old + additional;
      return old;
    },
    read: (offset, size) => read(overlay, startOf(overlay, offset, size), size),
    write: (offset, bytes) => write(overlay, startOf(overlay, offset, bytes.length), bytes),
    newlyWrittenPages: () => overlay.newly.size,
    startExecution: () => overlay.newly.clear(),
    commit: () => {
      for (const [page, slot] of overlay.written) replaceSlot(image.pages, page, slot);
      image.sizePages = overlay.sizePages;
      overlay.written.clear();
    },
    rollback: () => {
      for (const slot of overlay.written.values()) overlay.pool.release(slot);
      overlay.written.clear();
      overlay.sizePages = image.sizePages;
    },
  };
}

function startOf(overlay: Overlay, offset: bigint, size: number): number {
  const end = BigInt.asUintN(64, offset) + BigInt(size);
  if (end > BigInt(overlay.sizePages) * 65_536n) throw new Trap('wasmTrap', 'stable memory out of bounds');
  return Number(offset);
}

function read(overlay: Overlay, start: number, size: number): Uint8Array {
  const target = Buffer.alloc(size);
  for (let done = 0; done < size; ) {
    const page = Math.floor((start + done) / pageBytes);
    const within = (start + done) % pageBytes;
    const length = Math.min(pageBytes - within, size - done);
    const slot = overlay.written.get(page) ?? slotAt(overlay.image.pages, page);
    if (slot !== zeroSlot) overlay.pool.copyTo(slot, target, done, within, within + length);
    done += length;
  }
  return target;
}

function write(overlay: Overlay, start: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    const page = Math.floor((start + done) / pageBytes);
    const within = (start + done) % pageBytes;
    const length = Math.min(pageBytes - within, bytes.length - done);
    overlay.pool.view(writablePage(overlay, page)).set(bytes.subarray(done, done + length), within);
    done += length;
  }
}

function writablePage(overlay: Overlay, page: number): Slot {
  overlay.newly.add(page);
  const own = overlay.written.get(page);
  if (own !== undefined) return own;
  const slot = overlay.pool.allocate();
  // Known first: should the stack end here, rolling back gives the page back.
  overlay.written.set(page, slot);
  overlay.pool.view(slot).set(overlay.pool.view(slotAt(overlay.image.pages, page)));
  return slot;
}
