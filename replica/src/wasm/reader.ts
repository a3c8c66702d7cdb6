// Reads the pieces of the binary format from untrusted bytes: never past the end, and no count is believed that the
// bytes left could not hold.

import { parseText } from '@tamc/base/bytes';
import { refuseInvalid } from './refusal.ts';

export interface Reader {
  readonly bytes: Uint8Array;
  offset: number;
  /** First offset that may not be read. */
  readonly end: number;
}

export function createReader(bytes: Uint8Array, offset: number, end: number): Reader {
  return { bytes, offset, end };
}

export function readByte(reader: Reader): number {
  if (reader.offset >= reader.end) refuseInvalid('unexpected end', reader.offset);
  return reader.bytes[reader.offset++]!;
}

export function readU32(reader: Reader): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = readByte(reader);
    if (shift === 28 && byte > 0x0f) break;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  return refuseInvalid('invalid u32', reader.offset);
}

/** Up to 2^64 - 1, which a number cannot tell from its neighbours: exact up to 2^53. */
export function readU64(reader: Reader): number {
  let value = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = readByte(reader);
    if (shift === 63 && byte > 1) break;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  return refuseInvalid('invalid u64', reader.offset);
}

/** A signed number of up to `bits` bits. */
export function readSigned(reader: Reader, bits: 32 | 64): bigint {
  let value = 0n;
  for (let shift = 0; shift < bits; shift += 7) {
    const byte = readByte(reader);
    value |= BigInt(byte & 0x7f) << BigInt(shift);
    if (byte < 0x80) return BigInt.asIntN(bits, BigInt.asIntN(shift + 7, value));
  }
  return refuseInvalid('invalid signed number', reader.offset);
}

/** A count of items that take at least `bytesEach` bytes each. */
export function readCount(reader: Reader, bytesEach: number, countMax = Number.POSITIVE_INFINITY): number {
  const start = reader.offset;
  const count = readU32(reader);
  if (count > countMax) refuseInvalid(`count ${count} exceeds the limit of ${countMax}`, start);
  if (count * bytesEach > reader.end - reader.offset) refuseInvalid(`count ${count} is beyond the section`, start);
  return count;
}

export function readName(reader: Reader): string {
  const start = reader.offset;
  const length = readCount(reader, 1);
  const text = parseText(reader.bytes.subarray(reader.offset, reader.offset + length));
  if (text === null) return refuseInvalid('malformed UTF-8 encoding', start);
  reader.offset += length;
  return text;
}

/** The bytes of a part with its own length; reading goes on behind it. */
export function readPart(reader: Reader, length: number): Reader {
  if (length > reader.end - reader.offset) refuseInvalid('unexpected end', reader.offset);
  const part = createReader(reader.bytes, reader.offset, reader.offset + length);
  reader.offset += length;
  return part;
}

export function assertConsumed(reader: Reader): void {
  if (reader.offset !== reader.end) refuseInvalid('section size mismatch', reader.offset);
}
