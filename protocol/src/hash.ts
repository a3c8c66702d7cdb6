// SHA-256, in the one place that chooses the library: it runs in browser, Node and canister.
import { sha256 as hash } from '@noble/hashes/sha2.js';
import { concatBytes } from '@tamc/base/bytes';

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return hash(parts.length === 1 ? parts[0]! : concatBytes(...parts));
}
