// The store in Node's memory: a map, sorted when it is walked. What it is given is copied, so that nobody changes it from outside.
import { bytesToLatin1 } from '@tamc/base/utf8';
import type { Store } from './port.ts';

export interface MemoryStore extends Store {
  /** Another store with the same content: to go back to when a message traps. */
  copy(): MemoryStore;
}

type Entry = readonly [key: Uint8Array, value: Uint8Array];

export function createMemoryStore(): MemoryStore {
  return storeOf(new Map());
}

function storeOf(entryOf: Map<string, Entry>): MemoryStore {
  return {
    get: (key) => entryOf.get(bytesToLatin1(key))?.[1].slice() ?? null,
    set: (key, value) => {
      entryOf.set(bytesToLatin1(key), [key.slice(), value.slice()]);
    },
    delete: (key) => {
      entryOf.delete(bytesToLatin1(key));
    },
    entries: () => [...entryOf].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry),
    copy: () => storeOf(new Map(entryOf)),
  };
}
