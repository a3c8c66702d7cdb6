// The representation-independent hash of structured data, and the request id, which is that hash of a request's content
// (SPEC/https-interface, "Representation-independent hashing", "Request ids").

import { assert } from '@tamc/base/assert';
import { binaryToBytes, bytesToBinary, sha256Binary } from '../crypto/sha256.ts';
import { createBoundedCache } from './bounded-cache.ts';
import type { CborMap, CborValue } from './cbor.ts';
import { encodeSignedLeb128, encodeUnsignedLeb128 } from './leb128.ts';

export type HashableValue = number | bigint | string | Uint8Array | readonly HashableValue[] | HashableMap;
export type HashableMap = ReadonlyMap<string, HashableValue>;

// Field names repeat with every request; names a stranger makes up fall out again, and long ones never get in.
const cachedNameLengthMax = 32;
const hashOfName = createBoundedCache<string, string>(512);

export function hashOfMap(map: HashableMap): Uint8Array {
  const binary = hashMap(map);
  assert(binary !== null, 'hash of a map with a value that has no hash');
  return binaryToBytes(binary);
}

/** Null when some value has no representation-independent hash (a boolean, or null inside an array). */
export function requestId(content: CborMap): Uint8Array | null {
  const binary = hashMap(content);
  return binary === null ? null : binaryToBytes(binary);
}

// Hashes are kept as binary strings here: they sort like the bytes, join cheaply, and come so from the hash function.
function hashMap(map: CborMap): string | null {
  const fields: string[] = [];
  for (const [name, value] of map) {
    // A field that is null is a field that is not there.
    if (value === null) continue;
    const hashed = hashValue(value);
    if (hashed === null) return null;
    fields.push(hashName(name) + hashed);
  }
  return hashJoined(fields.sort());
}

function hashArray(items: readonly CborValue[]): string | null {
  const hashes: string[] = [];
  for (const item of items) {
    const hashed = item === null ? null : hashValue(item);
    if (hashed === null) return null;
    hashes.push(hashed);
  }
  return hashJoined(hashes);
}

function hashValue(value: Exclude<CborValue, null>): string | null {
  if (typeof value === 'string' || value instanceof Uint8Array) return sha256Binary(value);
  if (typeof value === 'number' || typeof value === 'bigint') return sha256Binary(integerToBytes(value));
  if (typeof value === 'boolean') return null;
  return value instanceof Map ? hashMap(value) : hashArray(value as readonly CborValue[]);
}

function integerToBytes(value: number | bigint): Uint8Array {
  return value < 0 ? encodeSignedLeb128(value) : encodeUnsignedLeb128(value);
}

function hashName(name: string): string {
  if (name.length > cachedNameLengthMax) return sha256Binary(name);
  const known = hashOfName.get(name);
  if (known !== undefined) return known;
  const hashed = sha256Binary(name);
  hashOfName.set(name, hashed);
  return hashed;
}

function hashJoined(binaries: string[]): string {
  return sha256Binary(Buffer.from(binaries.join(''), 'latin1'));
}

/** For use as a key: 32 characters 0–255 instead of 32 bytes. */
export function requestIdToKey(id: Uint8Array): string {
  return bytesToBinary(id);
}
