// The live instances, within a budget of memory. A canister that has none gets the longest unused instance of its own
// module, switched to its pages; only when there is none to switch is a new one made.
import { assert } from '@tamc/base/assert';
import type { CanisterCode, HeapImage } from '../state/canister.ts';
import { createInstance, type LiveInstance } from './instance.ts';
import type { EngineWorld } from './request.ts';

export interface HotSet {
  /** The instance that holds this code's heap; nobody else gets it until it is released or discarded. */
  acquire(code: CanisterCode): LiveInstance;
  release(live: LiveInstance): void;
  /** The instance no longer equals its image (or the image is gone): it is dropped. */
  discard(live: LiveInstance): void;
  /** Drops the instance that holds this image, if any. */
  forget(image: HeapImage): void;
  /** Lets the live instance of one image, if there is one, become that of another (whose pages should be nearly the same). */
  transfer(from: HeapImage, to: HeapImage): void;
  instances(): number;
  residentBytes(): number;
  /** Images that have no live instance, of those given. */
  isLive(image: HeapImage): boolean;
}

interface Hot {
  readonly world: EngineWorld;
  readonly bytesMax: number;
  /** Least recently used first. */
  readonly idle: Map<HeapImage, LiveInstance>;
  readonly busy: Set<LiveInstance>;
  bytes: number;
}

export function createHotSet(world: EngineWorld, bytesMax: number): HotSet {
  const hot: Hot = { world, bytesMax, idle: new Map(), busy: new Set(), bytes: 0 };
  return {
    acquire: (code) => acquire(hot, code),
    release: (live) => {
      assert(hot.busy.delete(live), 'only an acquired instance is released');
      hot.bytes += live.residentBytes();
      hot.idle.set(live.image!, live);
      trim(hot);
    },
    discard: (live) => {
      assert(hot.busy.delete(live), 'only an acquired instance is discarded');
    },
    forget: (image) => {
      const live = hot.idle.get(image);
      if (live !== undefined) drop(hot, live);
    },
    transfer: (from, to) => {
      const live = hot.idle.get(from);
      if (live === undefined) return;
      drop(hot, live);
      if (!live.switchTo(to)) return;
      hot.idle.set(to, live);
      hot.bytes += live.residentBytes();
    },
    instances: () => hot.idle.size + hot.busy.size,
    residentBytes: () => hot.bytes,
    isLive: (image) => hot.idle.has(image),
  };
}

function acquire(hot: Hot, code: CanisterCode): LiveInstance {
  const live = hot.idle.get(code.heap) ?? switchIdle(hot, code) ?? createFor(hot, code);
  if (hot.idle.delete(code.heap)) hot.bytes -= live.residentBytes();
  hot.busy.add(live);
  return live;
}

/** Below the budget an instance of its own is better: the canister that had the other one may be back soon. */
function switchIdle(hot: Hot, code: CanisterCode): LiveInstance | null {
  if (hot.bytes < hot.bytesMax * 0.9) return null;
  for (const live of hot.idle.values()) {
    if (live.module.key !== code.moduleHash) continue;
    drop(hot, live);
    if (live.switchTo(code.heap)) return live;
  }
  return null;
}

function createFor(hot: Hot, code: CanisterCode): LiveInstance {
  const live = createInstance(hot.world.modules.get(code.moduleHash));
  const switched = live.switchTo(code.heap);
  assert(switched, 'a fresh instance can become any image');
  return live;
}

function drop(hot: Hot, live: LiveInstance): void {
  if (live.image !== null && hot.idle.delete(live.image)) hot.bytes -= live.residentBytes();
}

function trim(hot: Hot): void {
  for (const live of hot.idle.values()) {
    if (hot.bytes <= hot.bytesMax || hot.idle.size <= 1) return;
    drop(hot, live);
  }
}
