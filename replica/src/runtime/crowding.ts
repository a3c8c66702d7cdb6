// Keeps the memories of canisters that are not in use out of RAM: when their pages take more than a budget, a checkpoint
// is due, and after it whatever is stored and not live is let go. It comes back, chunk by chunk, when it is touched.
import { type PagePool, pageBytes } from '../memory/page-pool.ts';
import type { MemoryStore } from './memory-store.ts';
import type { Network } from './network.ts';

export interface Crowding {
  isCrowded(): boolean;
  /** A checkpoint could not keep up. */
  isOverfull(): boolean;
  /** To be called when everything noted is stored and no further checkpoint has begun. */
  relieve(network: Network): void;
}

export function createCrowding(pool: PagePool, memories: MemoryStore, bytesMax: number): Crowding {
  const pagesMax = Math.ceil(bytesMax / pageBytes);
  let crowdedAbove = pagesMax;
  return {
    isCrowded: () => pool.usedPages() > crowdedAbove,
    isOverfull: () => pool.usedPages() > crowdedAbove + pagesMax,
    relieve: (network) => {
      if (pool.usedPages() > pagesMax) unloadIdle(memories, network);
      // What is live cannot go: then a checkpoint is not worth its while before a good deal more has come.
      crowdedAbove = Math.max(pagesMax, pool.usedPages() + pagesMax / 4);
    },
  };
}

function unloadIdle(memories: MemoryStore, { state, scheduler }: Network): void {
  const { hot } = scheduler.engine;
  for (const { code, stable } of state.canisters.values()) {
    if (code !== null && hot.isLive(code.heap)) continue;
    memories.unload(code === null ? [stable.pages] : [stable.pages, code.heap.pages]);
  }
}
