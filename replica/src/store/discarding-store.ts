// A store that keeps nothing: for networks that live in memory only and end with their process.
import type { Store } from './store.ts';

export function createDiscardingStore(): Store {
  const done = Promise.resolve();
  return {
    appendRound: () => done,
    lastRound: () => 0,
    readRounds: async function* () {},
    putBlob: () => '00'.repeat(32),
    readBlob: () => {
      throw new Error('nothing is kept in memory-only mode');
    },
    hasBlob: () => false,
    checkpoint: () => done,
    checkpointRound: () => 0,
    read: () => null,
    keys: () => [],
    failure: () => null,
    sizeBytes: () => ({ journal: 0, blobs: 0, state: 0, stateLive: 0 }),
    close: () => done,
  };
}
