// Kept executions of one canister in a row share one commit: until then nobody reads its memory from the image. When one
// of them traps, memory goes back to the last commit and the executions since then run again; they are deterministic,
// so this gives the memory that the trapped one started from. Traps are rare and rows are short.
import { assert } from '@tamc/base/assert';
import type { Canister, CanisterCode, StableImage } from '../state/canister.ts';
import type { HotSet } from './hot-set.ts';
import type { LiveInstance } from './instance.ts';
import { createStableOverlay, type StableOverlay } from './stable.ts';

export interface Batches {
  /** The batch of this canister; another canister's is settled first. */
  of(canister: Canister): Batch;
  /** The execution that just returned is kept. */
  add(again: Again): void;
  /** The execution that just trapped is undone. */
  undoLast(): void;
  settle(): void;
}

export interface Batch {
  readonly code: CanisterCode;
  readonly stableImage: StableImage;
  readonly live: LiveInstance;
  readonly stable: StableOverlay;
  /** Executions since the last commit. */
  readonly since: Again[];
}

/** Executes the same once more; false when it could not be brought to its end, and will be the next time. */
export type Again = (live: LiveInstance, stable: StableOverlay) => boolean;

/** What a trap may cost at most, in executions. */
const batchLengthMax = 64;

export function createBatches(hot: HotSet): Batches {
  let batch: Batch | null = null;

  const begin = ({ code, stable }: Canister): Batch => {
    assert(code !== null, 'only a canister with code executes');
    return { code, stableImage: stable, live: hot.acquire(code), stable: createStableOverlay(stable), since: [] };
  };
  const settle = () => {
    if (batch === null) return;
    batch.live.commit();
    batch.stable.commit();
    hot.release(batch.live);
    batch = null;
  };
  return {
    settle,
    of: (canister) => {
      if (batch?.code.heap === canister.code?.heap && batch?.stableImage === canister.stable) return batch;
      settle();
      batch = begin(canister);
      return batch;
    },
    add: (again) => {
      batch!.since.push(again);
      // Sizes are read from the image: for fees, limits and the size of the next execution's heap.
      if (batch!.since.length >= batchLengthMax || hasGrown(batch!)) settle();
    },
    undoLast: () => {
      const { code, stableImage, since } = batch!;
      undo(hot, batch!);
      batch = null;
      while (since.length > 0 && batch === null) {
        const next = {
          code,
          stableImage,
          live: hot.acquire(code),
          stable: createStableOverlay(stableImage),
          since: [],
        };
        if (since.every((again) => again(next.live, next.stable))) batch = next;
        else undo(hot, next);
      }
      settle();
    },
  };
}

function hasGrown({ live, stable, stableImage }: Batch): boolean {
  return live.heapBytes() !== live.heapBytesAtStart || stable.sizePages() !== stableImage.sizePages;
}

function undo(hot: HotSet, { live, stable }: Batch): void {
  stable.rollback();
  if (live.rollback()) hot.release(live);
  else hot.discard(live);
}
