// A deterministic encoding of plain state records, for checkpoints and state hashes. What goes in comes out alike:
// number and bigint, object and Map, Uint8Array, array, string, boolean, null. Fields that are undefined are left out.
//
// The bytes are CBOR: bigint = tag 2 or 3 always; Map = tag 259 around a list of pairs; object = map in the order given;
// number = integer, or 64-bit float when it is not a safe integer. One value has one encoding.

import { assert } from '@tamc/base/assert';
import type { Result } from '@tamc/base/result';
import { type ByteWriter, createByteWriter, putByte, putFloat64BE, writtenBytes } from './byte-writer.ts';
import { major, natToBytes, tagNegativeBignum, tagPositiveBignum, writeBytes, writeHead, writeText } from './cbor.ts';
import { refuseMalformed } from './malformed.ts';
import { readRecord } from './record-reader.ts';

export const tagMap = 259;

/** Asserts when the value holds something that is not plain data. */
export function encodeRecord(value: unknown): Uint8Array {
  const writer = createByteWriter(1024);
  writeRecord(writer, value);
  return writtenBytes(writer);
}

/** For bytes that may be damaged. Byte strings in the result are copies. */
export function parseRecord(bytes: Uint8Array): Result<unknown, string> {
  return refuseMalformed(() => readRecord(bytes));
}

/** For bytes whose integrity is already established: damage is a bug and stops. */
export function decodeRecord(bytes: Uint8Array): unknown {
  const parsed = parseRecord(bytes);
  assert(parsed.ok, parsed.ok ? '' : `record bytes are damaged: ${parsed.error}`);
  return parsed.value;
}

function writeRecord(writer: ByteWriter, value: unknown): void {
  if (typeof value === 'string') writeText(writer, value);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'bigint') writeBigint(writer, value);
  else if (typeof value === 'boolean') putByte(writer, value ? 0xf5 : 0xf4);
  else if (value === null) putByte(writer, 0xf6);
  else if (value instanceof Uint8Array) writeBytes(writer, value);
  else if (Array.isArray(value)) writeList(writer, value);
  else if (value instanceof Map) writeMap(writer, value);
  else writeObject(writer, value);
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    putByte(writer, 0xfb);
    putFloat64BE(writer, value);
  } else if (value >= 0) {
    writeHead(writer, major.unsigned, value);
  } else {
    writeHead(writer, major.negative, -1 - value);
  }
}

function writeBigint(writer: ByteWriter, value: bigint): void {
  writeHead(writer, major.tag, value < 0n ? tagNegativeBignum : tagPositiveBignum);
  writeBytes(writer, natToBytes(value < 0n ? -1n - value : value));
}

function writeObject(writer: ByteWriter, value: unknown): void {
  assert(typeof value === 'object' && value !== null, `a record cannot hold a ${typeof value}`);
  const prototype: unknown = Object.getPrototypeOf(value);
  assert(prototype === Object.prototype || prototype === null, 'a record cannot hold an instance of a class');
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  writeHead(writer, major.map, fields.length);
  for (const [name, field] of fields) {
    assert(name !== '__proto__', 'a record cannot have a field named __proto__');
    writeText(writer, name);
    writeRecord(writer, field);
  }
}

function writeList(writer: ByteWriter, items: readonly unknown[]): void {
  writeHead(writer, major.array, items.length);
  for (const item of items) writeRecord(writer, item);
}

function writeMap(writer: ByteWriter, map: ReadonlyMap<unknown, unknown>): void {
  writeHead(writer, major.tag, tagMap);
  writeHead(writer, major.array, map.size);
  for (const [key, item] of map) {
    writeHead(writer, major.array, 2);
    writeRecord(writer, key);
    writeRecord(writer, item);
  }
}
