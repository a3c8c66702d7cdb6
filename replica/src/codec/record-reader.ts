// The reading half of record.ts. Bounded by its input like the CBOR reader, so a damaged file is refused and nothing more.

import { parseText } from '@tamc/base/bytes';
import { malformed } from './malformed.ts';

// State records are a few levels deep; this only keeps damaged bytes from exhausting the stack.
const recordDepthMax = 256;

interface Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  offset: number;
}

export function readRecord(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader: Reader = { bytes, view, offset: 0 };
  const value = readValue(reader, 0);
  if (reader.offset !== bytes.length) malformed('bytes after the end of the record');
  return value;
}

function readValue(reader: Reader, depth: number): unknown {
  if (depth > recordDepthMax) malformed(`record nested deeper than ${recordDepthMax}`);
  const initial = reader.view.getUint8(take(reader, 1));
  const low = initial & 31;
  switch (initial >> 5) {
    case 0:
      return readArgument(reader, low);
    case 1:
      return -1 - readArgument(reader, low);
    case 2:
      return readBytes(reader, low);
    case 3:
      return readText(reader, low);
    case 4:
      return readList(reader, low, depth);
    case 5:
      return readObject(reader, low, depth);
    case 6:
      return readTagged(reader, low, depth);
    default:
      return readSimple(reader, initial);
  }
}

function take(reader: Reader, count: number): number {
  const start = reader.offset;
  if (count > reader.bytes.length - start) malformed('record ends early');
  reader.offset = start + count;
  return start;
}

function readArgument(reader: Reader, low: number): number {
  if (low < 24) return low;
  if (low === 24) return reader.view.getUint8(take(reader, 1));
  if (low === 25) return reader.view.getUint16(take(reader, 2));
  if (low === 26) return reader.view.getUint32(take(reader, 4));
  if (low !== 27) malformed('reserved head in a record');
  const value = reader.view.getBigUint64(take(reader, 8));
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) malformed('number too large in a record');
  return Number(value);
}

function readCount(reader: Reader, low: number): number {
  const count = readArgument(reader, low);
  if (count > reader.bytes.length - reader.offset) malformed('length beyond the record');
  return count;
}

function readBytes(reader: Reader, low: number): Uint8Array {
  const length = readCount(reader, low);
  const start = take(reader, length);
  return reader.bytes.slice(start, start + length);
}

function readText(reader: Reader, low: number): string {
  const length = readCount(reader, low);
  const start = take(reader, length);
  return parseText(reader.bytes.subarray(start, start + length)) ?? malformed('text in a record is not UTF-8');
}

function readList(reader: Reader, low: number, depth: number): unknown[] {
  const count = readCount(reader, low);
  const items: unknown[] = [];
  for (let i = 0; i < count; i++) items.push(readValue(reader, depth + 1));
  return items;
}

function readObject(reader: Reader, low: number, depth: number): Record<string, unknown> {
  const count = readCount(reader, low);
  const fields: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const initial = reader.view.getUint8(take(reader, 1));
    if (initial >> 5 !== 3) malformed('field name in a record is not text');
    const name = readText(reader, initial & 31);
    if (name === '__proto__' || Object.hasOwn(fields, name)) malformed('bad field name in a record');
    fields[name] = readValue(reader, depth + 1);
  }
  return fields;
}

function readTagged(reader: Reader, low: number, depth: number): unknown {
  const tag = readArgument(reader, low);
  const inner = readValue(reader, depth + 1);
  if (tag === 259) return listToMap(inner);
  if ((tag !== 2 && tag !== 3) || !(inner instanceof Uint8Array)) return malformed('unexpected tag in a record');
  const magnitude = inner.length === 0 ? 0n : BigInt(`0x${Buffer.from(inner).toString('hex')}`);
  return tag === 2 ? magnitude : -1n - magnitude;
}

function listToMap(pairs: unknown): Map<unknown, unknown> {
  if (!Array.isArray(pairs)) return malformed('a map in a record is not a list of pairs');
  const map = new Map<unknown, unknown>();
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) malformed('a map in a record is not a list of pairs');
    map.set(pair[0], pair[1]);
  }
  return map;
}

function readSimple(reader: Reader, initial: number): unknown {
  if (initial === 0xf4) return false;
  if (initial === 0xf5) return true;
  if (initial === 0xf6) return null;
  if (initial === 0xfb) return reader.view.getFloat64(take(reader, 8));
  return malformed('unexpected simple value in a record');
}
