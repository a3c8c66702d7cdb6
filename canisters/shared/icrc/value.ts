// ICRC-3 values: what blocks are made of, their hash that no representation changes, and their bytes in Candid. Blocks are kept
// as these bytes, so that serving them costs no encoding.
import { compareBytes, concatBytes, textToBytes } from '@tamc/base/bytes';
import { fieldHash } from '@tamc/protocol/candid-reader';
import { sha256, sha256From, stateAfter } from './sha256.ts';

export type Value =
  | { readonly kind: 'Blob'; readonly bytes: Uint8Array }
  | { readonly kind: 'Text'; readonly text: string }
  | { readonly kind: 'Nat'; readonly value: bigint }
  | { readonly kind: 'Int'; readonly value: bigint }
  | { readonly kind: 'Array'; readonly items: readonly Value[] }
  | { readonly kind: 'Map'; readonly entries: readonly Entry[] };
export type Entry = readonly [key: string, value: Value];

export function hashValue(value: Value): Uint8Array {
  switch (value.kind) {
    case 'Blob':
      return sha256(value.bytes);
    case 'Text':
      return sha256(textToBytes(value.text));
    case 'Nat':
      return sha256(toLeb128(value.value));
    case 'Int':
      return sha256(toSignedLeb128(value.value));
    case 'Array':
      return sha256(...value.items.map(hashValue));
    case 'Map':
      return hashMap(value.entries.map(([key, item]) => hashedEntry(key, hashValue(item))));
  }
}

/** Hash of a key, hash of its value: 64 bytes, one block of SHA-256. */
export function hashedEntry(key: string, valueHash: Uint8Array): Uint8Array {
  return concatBytes(keyHash(key), valueHash);
}

/** From entries in any order. */
export function hashMap(entries: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = [...entries].sort(compareBytes);
  const state = first && states.get(first);
  return state ? sha256From(state, first.length, others) : sha256(...(first ? [first, ...others] : []));
}

/** States after an entry that is always the same: it costs nothing any more. */
const states = new WeakMap<Uint8Array, Int32Array>();

export function fixedEntry(key: string, value: Value): Uint8Array {
  const entry = hashedEntry(key, hashValue(value));
  states.set(entry, stateAfter(entry));
  return entry;
}

const keyHashes = new Map<string, Uint8Array>();
/** Keys of blocks are some fifteen; a stranger's keys are not remembered without end. */
const keyHashesMax = 64;

function keyHash(key: string): Uint8Array {
  const known = keyHashes.get(key);
  if (known !== undefined) return known;
  const hash = sha256(textToBytes(key));
  if (keyHashes.size < keyHashesMax) keyHashes.set(key, hash);
  return hash;
}

const chunkMask = (1n << 42n) - 1n;

/** Seven bits per byte, lowest first; six bytes at a time as a plain number, because a big integer costs ten times as much. */
export function toLeb128(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let high = value;
  for (; high > chunkMask; high >>= 42n) {
    for (let i = 0, low = Number(high & chunkMask); i < 6; i++, low = Math.floor(low / 128))
      bytes.push((low % 128) + 128);
  }
  let rest = Number(high);
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

export function toSignedLeb128(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const isLast = (rest === 0n && low < 64) || (rest === -1n && low >= 64);
    bytes.push(isLast ? low : low + 128);
    if (isLast) return Uint8Array.from(bytes);
  }
}

const kinds = ['Blob', 'Text', 'Nat', 'Int', 'Array', 'Map'] as const;
/** Candid numbers the cases of a variant by the order of the hashes of their names. */
const kindsInOrder = [...kinds].sort((a, b) => fieldHash(a) - fieldHash(b));
const tagOf = new Map<string, Uint8Array>(kindsInOrder.map((kind, i) => [kind, Uint8Array.of(i)]));

/** Without a type table: what follows one inside of a larger message. */
export function valueToCandid(value: Value): Uint8Array {
  const parts: Uint8Array[] = [];
  writeValue(value, parts);
  return concatBytes(...parts);
}

function writeValue(value: Value, parts: Uint8Array[]): void {
  parts.push(tagOf.get(value.kind)!);
  if (value.kind === 'Blob') parts.push(sizeBytes(value.bytes.length), value.bytes);
  else if (value.kind === 'Text') writeText(value.text, parts);
  else if (value.kind === 'Nat') parts.push(toLeb128(value.value));
  else if (value.kind === 'Int') parts.push(toSignedLeb128(value.value));
  else if (value.kind === 'Array') {
    parts.push(sizeBytes(value.items.length));
    for (const item of value.items) writeValue(item, parts);
  } else {
    parts.push(sizeBytes(value.entries.length));
    for (const [key, item] of value.entries) {
      writeText(key, parts);
      writeValue(item, parts);
    }
  }
}

const texts = new Map<string, Uint8Array>();

function writeText(text: string, parts: Uint8Array[]): void {
  let bytes = texts.get(text);
  if (bytes === undefined) {
    const content = textToBytes(text);
    bytes = concatBytes(sizeBytes(content.length), content);
    if (texts.size < keyHashesMax) texts.set(text, bytes);
  }
  parts.push(bytes);
}

export function sizeBytes(size: number): Uint8Array {
  return size < 128 ? Uint8Array.of(size) : toLeb128(BigInt(size));
}

/** Only for bytes that `valueToCandid` made. */
export function candidToValue(bytes: Uint8Array): Value {
  return readValue({ bytes, at: 0 });
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

function readValue(cursor: Cursor): Value {
  const kind = kindsInOrder[cursor.bytes[cursor.at++]!]!;
  if (kind === 'Nat') return { kind, value: readLeb(cursor, false) };
  if (kind === 'Int') return { kind, value: readLeb(cursor, true) };
  if (kind === 'Blob') return { kind, bytes: readBytes(cursor) };
  if (kind === 'Text') return { kind, text: readText(cursor) };
  const length = Number(readLeb(cursor, false));
  if (kind === 'Array') return { kind, items: Array.from({ length }, () => readValue(cursor)) };
  return { kind, entries: Array.from({ length }, () => [readText(cursor), readValue(cursor)] as const) };
}

function readLeb(cursor: Cursor, isSigned: boolean): bigint {
  let [value, shift, byte] = [0n, 0n, 0x80];
  for (; byte & 0x80; shift += 7n) {
    byte = cursor.bytes[cursor.at++]!;
    value |= BigInt(byte & 0x7f) << shift;
  }
  return isSigned && byte & 0x40 ? value - (1n << shift) : value;
}

function readBytes(cursor: Cursor): Uint8Array {
  const length = Number(readLeb(cursor, false));
  cursor.at += length;
  return cursor.bytes.slice(cursor.at - length, cursor.at);
}

/** Keys and operations are ASCII. */
function readText(cursor: Cursor): string {
  return String.fromCharCode(...readBytes(cursor));
}
