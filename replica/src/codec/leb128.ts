// LEB128 numbers: shortest form when written, any length accepted when read, and reading never leaves the given bytes.
// Large numbers go through hexadecimal, which V8 converts in linear time, so a number of megabytes costs megabytes of work.

import { assert } from '@tamc/base/assert';
import { type ByteWriter, putByte, putBytes } from './byte-writer.ts';

/** A place in some bytes that reading moves forward. */
export interface ByteCursor {
  readonly bytes: Uint8Array;
  offset: number;
  /** First offset that may not be read. */
  readonly end: number;
}

export function createByteCursor(bytes: Uint8Array): ByteCursor {
  return { bytes, offset: 0, end: bytes.length };
}

export function encodeUnsignedLeb128(value: bigint | number): Uint8Array {
  assert(value >= 0, 'unsigned LEB128 of a negative number');
  if (value <= 0x7fffffff) return encodeSmallUnsigned(Number(value));
  return groupsToBytes(BigInt(value), Math.ceil(bitLength(BigInt(value)) / 7));
}

/** The same into a writer, without a byte array for small numbers. */
export function putUnsignedLeb128(writer: ByteWriter, value: bigint | number): void {
  if (value > 0x7fffffff || value < 0) {
    putBytes(writer, encodeUnsignedLeb128(value));
    return;
  }
  let rest = Number(value);
  while (rest > 0x7f) {
    putByte(writer, (rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  putByte(writer, rest);
}

export function encodeSignedLeb128(value: bigint | number): Uint8Array {
  const big = BigInt(value);
  // One more bit than the magnitude needs, for the sign.
  const groupCount = Math.ceil((bitLength(big < 0n ? ~big : big) + 1) / 7);
  return groupsToBytes(BigInt.asUintN(7 * groupCount, big), groupCount);
}

/** Null when the bytes end before the number does. */
export function readUnsignedLeb128(cursor: ByteCursor): bigint | null {
  const small = readSmallUnsigned(cursor);
  if (small !== null) return BigInt(small);
  const groupCount = countGroups(cursor);
  return groupCount === null ? null : readGroups(cursor, groupCount);
}

/** Null when the bytes end before the number does, or the number is not below 2^53. */
export function readUnsignedLeb128Number(cursor: ByteCursor): number | null {
  const small = readSmallUnsigned(cursor);
  if (small !== null) return small;
  const big = readUnsignedLeb128(cursor);
  return big === null || big > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(big);
}

/** Null when the bytes end before the number does. */
export function readSignedLeb128(cursor: ByteCursor): bigint | null {
  const groupCount = countGroups(cursor);
  return groupCount === null ? null : BigInt.asIntN(7 * groupCount, readGroups(cursor, groupCount));
}

function encodeSmallUnsigned(value: number): Uint8Array {
  const groups: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    groups.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  groups.push(rest);
  return Uint8Array.from(groups);
}

/** The usual case without a bigint: up to four groups. Null leaves the cursor where it was. */
function readSmallUnsigned(cursor: ByteCursor): number | null {
  let value = 0;
  const limit = Math.min(cursor.end, cursor.offset + 4);
  for (let offset = cursor.offset, shift = 0; offset < limit; offset++, shift += 7) {
    const byte = cursor.bytes[offset]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      cursor.offset = offset + 1;
      return value;
    }
  }
  return null;
}

function countGroups(cursor: ByteCursor): number | null {
  for (let offset = cursor.offset; offset < cursor.end; offset++) {
    if (cursor.bytes[offset]! < 0x80) return offset - cursor.offset + 1;
  }
  return null;
}

function readGroups(cursor: ByteCursor, groupCount: number): bigint {
  const { bytes, offset } = cursor;
  cursor.offset += groupCount;
  if (groupCount <= 9) return readGroupsByShift(bytes, offset, groupCount);
  const packed = new Uint8Array(Math.ceil((groupCount * 7) / 8) + 1);
  for (let group = 0; group < groupCount; group++) {
    const bit = group * 7;
    const value = (bytes[offset + group]! & 0x7f) << (bit & 7);
    packed[bit >> 3]! |= value;
    packed[(bit >> 3) + 1]! |= value >> 8;
  }
  return BigInt(`0x${Buffer.from(packed.reverse()).toString('hex')}`);
}

function readGroupsByShift(bytes: Uint8Array, offset: number, groupCount: number): bigint {
  // 4 groups are 28 bits: the largest step that fits a small integer.
  let value = 0n;
  for (let group = 0; group < groupCount; group += 4) {
    let chunk = 0;
    const stop = Math.min(groupCount, group + 4);
    for (let i = group; i < stop; i++) chunk |= (bytes[offset + i]! & 0x7f) << (7 * (i - group));
    value |= BigInt(chunk) << BigInt(7 * group);
  }
  return value;
}

function bitLength(value: bigint): number {
  if (value === 0n) return 0;
  const hex = value.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0]!, 16)));
}

function groupsToBytes(value: bigint, groupCount: number): Uint8Array {
  const count = Math.max(1, groupCount);
  const hex = value.toString(16);
  const little = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').reverse();
  const bytes = new Uint8Array(count);
  for (let group = 0; group < count; group++) {
    const bit = group * 7;
    const pair = (little[bit >> 3] ?? 0) | ((little[(bit >> 3) + 1] ?? 0) << 8);
    bytes[group] = ((pair >> (bit & 7)) & 0x7f) | 0x80;
  }
  bytes[count - 1]! &= 0x7f;
  return bytes;
}
