// The reading half of CBOR: one pass, no allocation beyond what the input can fill, nesting bounded.
// It throws Malformed; parseCBOR in cbor.ts is the door.

import { parseText } from '@tamc/base/bytes';
import type { CborValue } from './cbor.ts';
import { malformed } from './malformed.ts';

/** Deep enough for a certificate's hash tree (forks nest), shallow enough for any stack. */
export const cborDepthMax = 512;

const indefinite = -1;
const breakByte = 0xff;

interface Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  offset: number;
}

export function readCBOR(bytes: Uint8Array): CborValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader: Reader = { bytes, view, offset: 0 };
  // The self-describing tag d9 d9f7; it means nothing, and requests without it are understood too.
  if (bytes[0] === 0xd9 && bytes[1] === 0xd9 && bytes[2] === 0xf7) reader.offset = 3;
  const value = readItem(reader, 0);
  if (reader.offset !== bytes.length) malformed('bytes after the end of the CBOR item');
  return value;
}

function readItem(reader: Reader, depth: number): CborValue {
  if (depth > cborDepthMax) malformed(`CBOR nested deeper than ${cborDepthMax}`);
  const initial = readByte(reader);
  const low = initial & 31;
  switch (initial >> 5) {
    case 0:
      return readUnsigned(reader, low);
    case 1:
      return negate(readUnsigned(reader, low));
    case 2:
      return readBytes(reader, low);
    case 3:
      return readText(reader, low);
    case 4:
      return readArray(reader, low, depth);
    case 5:
      return readMap(reader, low, depth);
    case 6:
      return readBignum(reader, low);
    default:
      return readSimple(initial);
  }
}

function readSimple(initial: number): CborValue {
  if (initial === 0xf4) return false;
  if (initial === 0xf5) return true;
  // Undefined (f7) is how some encoders write an absent optional field: the same as null.
  if (initial === 0xf6 || initial === 0xf7) return null;
  if (initial >= 0xf9 && initial <= 0xfb) malformed('CBOR floating-point numbers are not accepted');
  return malformed('unexpected CBOR simple value');
}

function readByte(reader: Reader): number {
  const byte = reader.bytes[reader.offset];
  if (byte === undefined) malformed('CBOR ends early');
  reader.offset++;
  return byte;
}

/** Moves past `count` bytes and returns where they start. */
function skip(reader: Reader, count: number): number {
  const start = reader.offset;
  if (count > reader.bytes.length - start) malformed('CBOR ends early');
  reader.offset = start + count;
  return start;
}

function readUnsigned(reader: Reader, low: number): number | bigint {
  if (low < 24) return low;
  if (low === 24) return readByte(reader);
  if (low === 25) return reader.view.getUint16(skip(reader, 2));
  if (low === 26) return reader.view.getUint32(skip(reader, 4));
  if (low !== 27) malformed('reserved CBOR head');
  const start = skip(reader, 8);
  const high = reader.view.getUint32(start);
  // Below 2^53 a plain number is exact and much cheaper.
  if (high < 0x20_0000) return high * 0x1_0000_0000 + reader.view.getUint32(start + 4);
  return reader.view.getBigUint64(start);
}

function negate(argument: number | bigint): number | bigint {
  if (typeof argument === 'bigint') return -1n - argument;
  return argument === Number.MAX_SAFE_INTEGER ? -1n - BigInt(argument) : -1 - argument;
}

/** A length that the rest of the input can hold, each element taking at least `unit` bytes; or indefinite. */
function readLength(reader: Reader, low: number, unit: number): number {
  if (low === 31) return indefinite;
  const length = readUnsigned(reader, low);
  if (length > (reader.bytes.length - reader.offset) / unit) malformed('CBOR length beyond the input');
  return Number(length);
}

function readBytes(reader: Reader, low: number): Uint8Array {
  const length = readLength(reader, low, 1);
  if (length === indefinite) return joinChunks(readChunks(reader, 2));
  const start = skip(reader, length);
  return reader.bytes.subarray(start, start + length);
}

function readText(reader: Reader, low: number): string {
  const length = readLength(reader, low, 1);
  if (length === indefinite) {
    // Each chunk must be UTF-8 by itself (RFC 8949 §3.2.3).
    return readChunks(reader, 3)
      .map((chunk) => decodeText(chunk))
      .join('');
  }
  const start = skip(reader, length);
  return decodeText(reader.bytes.subarray(start, start + length));
}

function decodeText(bytes: Uint8Array): string {
  const text = parseText(bytes);
  if (text === null) malformed('CBOR text is not UTF-8');
  return text;
}

function readChunks(reader: Reader, majorType: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let initial = readByte(reader); initial !== breakByte; initial = readByte(reader)) {
    const low = initial & 31;
    if (initial >> 5 !== majorType || low === 31) malformed('bad chunk in a CBOR string of indefinite length');
    const length = readLength(reader, low, 1);
    const start = skip(reader, length);
    chunks.push(reader.bytes.subarray(start, start + length));
  }
  return chunks;
}

function joinChunks(chunks: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}

function readArray(reader: Reader, low: number, depth: number): CborValue[] {
  const length = readLength(reader, low, 1);
  const items: CborValue[] = [];
  if (length === indefinite) while (!atBreak(reader)) items.push(readItem(reader, depth + 1));
  else for (let i = 0; i < length; i++) items.push(readItem(reader, depth + 1));
  return items;
}

function readMap(reader: Reader, low: number, depth: number): Map<string, CborValue> {
  const length = readLength(reader, low, 2);
  const map = new Map<string, CborValue>();
  if (length === indefinite) while (!atBreak(reader)) readPair(reader, map, depth);
  else for (let i = 0; i < length; i++) readPair(reader, map, depth);
  return map;
}

function readPair(reader: Reader, map: Map<string, CborValue>, depth: number): void {
  const initial = readByte(reader);
  if (initial >> 5 !== 3) malformed('CBOR map key is not text');
  const name = readText(reader, initial & 31);
  if (map.has(name)) malformed('duplicate key in a CBOR map');
  map.set(name, readItem(reader, depth + 1));
}

function atBreak(reader: Reader): boolean {
  if (reader.offset >= reader.bytes.length) malformed('CBOR ends early');
  if (reader.bytes[reader.offset] !== breakByte) return false;
  reader.offset++;
  return true;
}

function readBignum(reader: Reader, low: number): number | bigint {
  const tag = readUnsigned(reader, low);
  if (tag !== 2 && tag !== 3) malformed(`unexpected CBOR tag ${tag}`);
  const initial = readByte(reader);
  if (initial >> 5 !== 2) malformed('CBOR bignum without bytes');
  const bytes = readBytes(reader, initial & 31);
  const magnitude = bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const narrow = magnitude <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(magnitude) : magnitude;
  return tag === 2 ? narrow : negate(narrow);
}
