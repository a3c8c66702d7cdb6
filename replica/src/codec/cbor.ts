// CBOR (RFC 8949) as the Internet Computer uses it: integers, bignums, byte and text strings, arrays, maps with text keys,
// booleans and null. Encoding is deterministic (shortest heads, maps in their own order); parsing is strict and bounded by its input.

import type { Result } from '@tamc/base/result';
import {
  type ByteWriter,
  createByteWriter,
  putByte,
  putBytes,
  putShortASCII,
  putText,
  putUint16BE,
  putUint32BE,
  putUint64BE,
  writtenBytes,
} from './byte-writer.ts';
import { readCBOR } from './cbor-reader.ts';
import { refuseMalformed } from './malformed.ts';

export type CborValue = number | bigint | string | Uint8Array | boolean | null | readonly CborValue[] | CborMap;
export type CborMap = ReadonlyMap<string, CborValue>;

/** Major types, RFC 8949 §3.1. */
export const major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
export const tagPositiveBignum = 2;
export const tagNegativeBignum = 3;
/** "Self-described CBOR": opens every request, response and certificate. */
export const tagSelfDescribed = 55799;

export interface CborOptions {
  /** Opens the bytes with tag 55799. */
  readonly selfDescribed?: boolean;
}

export function encodeCBOR(value: CborValue, options: CborOptions = {}): Uint8Array {
  const writer = createByteWriter();
  if (options.selfDescribed) writeHead(writer, major.tag, tagSelfDescribed);
  writeCBOR(writer, value);
  return writtenBytes(writer);
}

/** Byte strings in the result are views of the input. Tag 55799 is skipped; integers beyond 2^53 come as bigint. */
export function parseCBOR(bytes: Uint8Array): Result<CborValue, string> {
  return refuseMalformed(() => readCBOR(bytes));
}

export function isCborMap(value: CborValue | undefined): value is CborMap {
  return value instanceof Map;
}

export function isCborArray(value: CborValue | undefined): value is readonly CborValue[] {
  return Array.isArray(value);
}

/** A natural number as bigint whichever way it was held; null for anything else. */
export function cborToNat(value: CborValue | undefined): bigint | null {
  if (typeof value === 'number') return value >= 0 ? BigInt(value) : null;
  return typeof value === 'bigint' && value >= 0n ? value : null;
}

/** A map from an object literal, in its order; undefined fields are left out. */
export function cborMap(fields: Readonly<Record<string, CborValue | undefined>>): CborMap {
  const map = new Map<string, CborValue>();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) map.set(name, value);
  return map;
}

export function writeCBOR(writer: ByteWriter, value: CborValue): void {
  if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'string') writeText(writer, value);
  else if (value instanceof Uint8Array) writeBytes(writer, value);
  else if (typeof value === 'bigint') writeBigint(writer, value);
  else if (value === null) putByte(writer, 0xf6);
  else if (typeof value === 'boolean') putByte(writer, value ? 0xf5 : 0xf4);
  else if (isCborMap(value)) writeMap(writer, value);
  else writeArray(writer, value);
}

function writeMap(writer: ByteWriter, map: CborMap): void {
  writeHead(writer, major.map, map.size);
  for (const [name, item] of map) {
    writeText(writer, name);
    writeCBOR(writer, item);
  }
}

function writeArray(writer: ByteWriter, items: readonly CborValue[]): void {
  writeHead(writer, major.array, items.length);
  for (const item of items) writeCBOR(writer, item);
}

/** The head of an item: its major type and its argument in the shortest form. */
export function writeHead(writer: ByteWriter, majorType: number, argument: number): void {
  const type = majorType << 5;
  if (argument < 24) {
    putByte(writer, type | argument);
  } else if (argument <= 0xff) {
    putByte(writer, type | 24);
    putByte(writer, argument);
  } else if (argument <= 0xffff) {
    putByte(writer, type | 25);
    putUint16BE(writer, argument);
  } else if (argument <= 0xffff_ffff) {
    putByte(writer, type | 26);
    putUint32BE(writer, argument);
  } else {
    putByte(writer, type | 27);
    putUint64BE(writer, BigInt(argument));
  }
}

export function writeBytes(writer: ByteWriter, bytes: Uint8Array): void {
  writeHead(writer, major.bytes, bytes.length);
  putBytes(writer, bytes);
}

export function writeText(writer: ByteWriter, text: string): void {
  const start = writer.length;
  // Nearly all text is a short name: the head is right when one unit is one byte, and is taken back when not.
  writeHead(writer, major.text, text.length);
  if (putShortASCII(writer, text)) return;
  writer.length = start;
  writeHead(writer, major.text, Buffer.byteLength(text, 'utf8'));
  putText(writer, text);
}

function writeNumber(writer: ByteWriter, value: number): void {
  // CBOR on these interfaces has no floating-point numbers (SPEC/https-interface, CBOR encoding).
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an integer that CBOR may carry here: ${value}`);
  if (value >= 0) writeHead(writer, major.unsigned, value);
  else writeHead(writer, major.negative, -1 - value);
}

function writeBigint(writer: ByteWriter, value: bigint): void {
  const argument = value < 0n ? -1n - value : value;
  const majorType = value < 0n ? major.negative : major.unsigned;
  if (argument <= BigInt(Number.MAX_SAFE_INTEGER)) {
    writeHead(writer, majorType, Number(argument));
  } else if (argument < 1n << 64n) {
    putByte(writer, (majorType << 5) | 27);
    putUint64BE(writer, argument);
  } else {
    writeHead(writer, major.tag, value < 0n ? tagNegativeBignum : tagPositiveBignum);
    writeBytes(writer, natToBytes(argument));
  }
}

/** Big endian, without leading zeros; nothing for 0. */
export function natToBytes(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const hex = value.toString(16);
  return new Uint8Array(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}
