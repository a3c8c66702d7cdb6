// One hash over everything that a store holds: two stores with the same hash hold the same.
import { concatBytes } from '@tamc/base/bytes';
import { sha256 } from '../icrc/sha256.ts';
import type { Store } from './port.ts';

/** Each entry is hashed into the hash so far; lengths keep key and value apart. */
export function stateHash(store: Store): Uint8Array {
  let hash = sha256(new Uint8Array(0));
  for (const [key, value] of store.entries()) hash = sha256(hash, lengthBytes(key.length), key, value);
  return hash;
}

function lengthBytes(length: number): Uint8Array {
  return concatBytes(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length));
}
