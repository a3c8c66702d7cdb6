// The store of a canister: one sorted map in stable memory, which an upgrade leaves as it is. One map for all tables, because each
// map takes its stable memory in pieces of 8 MiB.
import { StableBTreeMap } from 'azle';
import type { Store } from '../tables/port.ts';
import { useNativeTextCoder } from './text-coder.ts';

const asItIs = { toBytes: (bytes: Uint8Array) => bytes, fromBytes: (bytes: Uint8Array) => bytes };

/** Entries fetched at once when everything is walked. */
const walkLength = 200;

export function createStableStore(memoryId = 0): Store {
  useNativeTextCoder();
  const map = new StableBTreeMap<Uint8Array, Uint8Array>(memoryId, asItIs, asItIs);
  return {
    get: (key) => map.get(key) ?? null,
    set: (key, value) => {
      map.insert(key, value);
    },
    delete: (key) => {
      map.remove(key);
    },
    *entries() {
      for (let at = 0; at < map.len(); at += walkLength) yield* map.items(at, walkLength);
    },
  };
}
