// Reads what follows an opcode. V8 has found the bytes valid, so numbers end and indexes exist; types are looked at
// once more, because V8 knows more of them than the Internet Computer does.

import { type DecodedFunction, flags } from './decoded-function.ts';
import { immediates } from './opcodes.ts';
import { refuseInvalid } from './refusal.ts';
import { isValueType, valueTypes } from './value-types.ts';

export interface Cursor {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;
}

const kind = (name: (typeof immediates)[number]): number => immediates.indexOf(name);
const LABEL = kind('label');
const LABELS = kind('labels');
const BLOCK = kind('block');
const MEMARG = kind('memarg');
const MEMARG_LANE = kind('memargLane');
const TYPE_TABLE = kind('typeTable');
const I32 = kind('i32');
const I64 = kind('i64');
const BYTES4 = kind('bytes4');
const BYTES8 = kind('bytes8');
const BYTES16 = kind('bytes16');
const LANE = kind('lane');
const DATA_MEMORY = kind('dataMemory');
const MEMORY_BYTES = kind('memoryBytes');
const REFERENCE_TYPE = kind('referenceType');
const SELECT_TYPES = kind('selectTypes');

export function decodeImmediate(cursor: Cursor, into: DecodedFunction, immediate: number, open: number[]): number {
  switch (immediate) {
    case LABEL:
      return decodeLabel(cursor, into, open, flags.isTarget);
    case LABELS:
      return decodeLabels(cursor, into, open);
    case BLOCK:
      return decodeBlockType(cursor);
    case MEMARG:
      return decodeMemarg(cursor);
    case MEMARG_LANE:
      decodeMemarg(cursor);
      cursor.offset++;
      return 0;
    case I32:
      return decodeInt32(cursor);
    case I64:
      return decodeInt64(cursor);
    case BYTES4:
      return skip(cursor, 4);
    case BYTES8:
      return skip(cursor, 8);
    case BYTES16:
      return skip(cursor, 16);
    case LANE:
      return skip(cursor, 1);
    case TYPE_TABLE:
    case DATA_MEMORY:
    case MEMORY_BYTES: {
      const first = readUnsigned(cursor);
      readUnsigned(cursor);
      return first;
    }
    case REFERENCE_TYPE:
      return decodeReferenceType(cursor);
    case SELECT_TYPES:
      return decodeSelectTypes(cursor);
    default:
      return readUnsigned(cursor);
  }
}

function skip(cursor: Cursor, length: number): number {
  cursor.offset += length;
  return 0;
}

function decodeLabel(cursor: Cursor, into: DecodedFunction, open: readonly number[], flag: number): number {
  const depth = readUnsigned(cursor);
  if (depth === open.length) into.bodyFlags |= flag;
  else into.flags[open[open.length - 1 - depth]!]! |= flag;
  return depth;
}

/** Gives the number of labels before the default one. */
function decodeLabels(cursor: Cursor, into: DecodedFunction, open: readonly number[]): number {
  const count = readUnsigned(cursor);
  for (let i = 0; i <= count; i++) decodeLabel(cursor, into, open, flags.isTarget | flags.isTableTarget);
  return count;
}

function decodeBlockType(cursor: Cursor): number {
  const first = cursor.bytes[cursor.offset]!;
  if (first === 0x40 || isValueType(first)) {
    cursor.offset++;
    return first - 0x80;
  }
  if ((first & 0xc0) === 0x40) refuseInvalid(`unsupported block type 0x${first.toString(16)}`, cursor.offset);
  return readUnsigned(cursor);
}

/** The offset is read again when it is rewritten: it may need more than 32 bits. */
function decodeMemarg(cursor: Cursor): number {
  const alignment = readUnsigned(cursor);
  if (alignment >= 64) refuseInvalid('multiple memories', cursor.offset);
  while (cursor.bytes[cursor.offset]! >= 0x80) cursor.offset++;
  cursor.offset++;
  return 0;
}

function decodeReferenceType(cursor: Cursor): number {
  const type = cursor.bytes[cursor.offset++]!;
  if (type !== valueTypes.funcref && type !== valueTypes.externref) {
    refuseInvalid(`unsupported reference type 0x${type.toString(16)}`, cursor.offset - 1);
  }
  return type;
}

function decodeSelectTypes(cursor: Cursor): number {
  for (let left = readUnsigned(cursor); left > 0; left--) {
    const type = cursor.bytes[cursor.offset++]!;
    if (!isValueType(type)) refuseInvalid(`unsupported value type 0x${type.toString(16)}`, cursor.offset - 1);
  }
  return 0;
}

function decodeInt32(cursor: Cursor): number {
  const { bytes } = cursor;
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[cursor.offset++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return shift < 25 ? (value << (25 - shift)) >> (25 - shift) : value | 0;
  }
}

/** A constant of more than four bytes is given as 0: nobody asks for its value. */
function decodeInt64(cursor: Cursor): number {
  const start = cursor.offset;
  while (cursor.bytes[cursor.offset]! >= 0x80) cursor.offset++;
  cursor.offset++;
  if (cursor.offset - start > 4) return 0;
  cursor.offset = start;
  return decodeInt32(cursor);
}

export function readUnsigned(cursor: Cursor): number {
  const { bytes } = cursor;
  let byte = bytes[cursor.offset++]!;
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  for (let shift = 7; ; shift += 7) {
    byte = bytes[cursor.offset++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80 || shift >= 28) return value >>> 0;
  }
}
