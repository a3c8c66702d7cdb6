// Passing over a Candid value nobody asked for. It is checked all the same, and paid for out of the message's work budget.

import { readSignedLeb128, readUnsignedLeb128, readUnsignedLeb128Number } from '../leb128.ts';
import { malformed } from '../malformed.ts';
import { principalByteCountMax } from '../principal.ts';
import { type CandidReader, enter, spend } from './reader.ts';
import { opcodeOfPrimitive } from './types.ts';
import { readByte, readBytes, readCount, readText, type WireRef, type WireType } from './wire.ts';

/** Bytes of the primitives that always take the same number. */
const byteCountOfPrimitive: ReadonlyMap<WireRef, number> = new Map([
  [opcodeOfPrimitive.null, 0],
  [opcodeOfPrimitive.reserved, 0],
  [opcodeOfPrimitive.nat8, 1],
  [opcodeOfPrimitive.int8, 1],
  [opcodeOfPrimitive.nat16, 2],
  [opcodeOfPrimitive.int16, 2],
  [opcodeOfPrimitive.nat32, 4],
  [opcodeOfPrimitive.int32, 4],
  [opcodeOfPrimitive.float32, 4],
  [opcodeOfPrimitive.nat64, 8],
  [opcodeOfPrimitive.int64, 8],
  [opcodeOfPrimitive.float64, 8],
]);

export function skipValue(reader: CandidReader, wire: WireRef, depth: number): void {
  spend(reader, 1);
  enter(depth);
  if (wire < 0) skipPrimitive(reader, wire);
  else skipCompound(reader, reader.table[wire]!, depth);
}

function skipCompound(reader: CandidReader, type: WireType, depth: number): void {
  switch (type.kind) {
    case 'opt':
      if (readFlag(reader)) skipValue(reader, type.item, depth + 1);
      break;
    case 'vec':
      skipVec(reader, type.item, depth);
      break;
    case 'record':
      for (const field of type.fields) skipValue(reader, field.type, depth + 1);
      break;
    case 'variant':
      skipValue(reader, readVariantField(reader, type.fields).type, depth + 1);
      break;
    case 'func':
      readReferenceTag(reader);
      readPrincipalBytes(reader);
      readText(reader.cursor);
      break;
    case 'service':
      readPrincipalBytes(reader);
      break;
    case 'future':
      skipFuture(reader);
  }
}

/** A byte that may only be 0 or 1. */
export function readFlag(reader: CandidReader): boolean {
  const flag = readByte(reader.cursor);
  if (flag > 1) malformed('Candid flag is neither 0 nor 1');
  return flag === 1;
}

export function readVariantField<F>(reader: CandidReader, fields: readonly F[]): F {
  const index = readUnsignedLeb128Number(reader.cursor);
  if (index === null || index >= fields.length) malformed('Candid variant index out of range');
  return fields[index]!;
}

export function readPrincipalBytes(reader: CandidReader): Uint8Array {
  readReferenceTag(reader);
  const count = readCount(reader.cursor, 1);
  if (count > principalByteCountMax) malformed('Candid principal is longer than 29 bytes');
  return readBytes(reader.cursor, count);
}

/** Only transparent references can travel between canisters and users. */
function readReferenceTag(reader: CandidReader): void {
  if (!readFlag(reader)) malformed('opaque Candid reference');
}

function skipPrimitive(reader: CandidReader, wire: WireRef): void {
  const byteCount = byteCountOfPrimitive.get(wire);
  if (byteCount !== undefined) readBytes(reader.cursor, byteCount);
  else if (wire === opcodeOfPrimitive.bool) readFlag(reader);
  else if (wire === opcodeOfPrimitive.text) readText(reader.cursor);
  else if (wire === opcodeOfPrimitive.principal) readPrincipalBytes(reader);
  else if (wire === opcodeOfPrimitive.empty) malformed('a Candid value of type empty');
  else skipNumber(reader, wire);
}

function skipNumber(reader: CandidReader, wire: WireRef): void {
  const read = wire === opcodeOfPrimitive.nat ? readUnsignedLeb128 : readSignedLeb128;
  if (read(reader.cursor) === null) malformed('Candid message ends early');
}

function skipVec(reader: CandidReader, item: WireRef, depth: number): void {
  const byteCount = byteCountOfPrimitive.get(item) ?? 0;
  const count = readCount(reader.cursor, byteCount);
  if (byteCount > 0) readBytes(reader.cursor, count * byteCount);
  else for (let i = 0; i < count; i++) skipValue(reader, item, depth + 1);
}

function skipFuture(reader: CandidReader): void {
  const byteCount = readCount(reader.cursor, 1);
  if (readUnsignedLeb128Number(reader.cursor) !== 0) malformed('opaque Candid reference');
  readBytes(reader.cursor, byteCount);
}
