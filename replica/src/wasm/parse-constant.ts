// Constant expressions: exactly one constant instruction, since the Internet Computer leaves extended ones out and
// allows no imported globals.

import type { Constant } from './module-shape.ts';
import { type Reader, readByte, readPart, readSigned, readU32 } from './reader.ts';
import { refuseInvalid } from './refusal.ts';
import { readReferenceType } from './value-types.ts';

export function readConstant(reader: Reader): Constant {
  const start = reader.offset;
  const value = readInstruction(reader);
  const closing = readByte(reader);
  if (closing !== 0x0b) refuseInvalid('constant expression required', reader.offset - 1);
  return { ...value, encoded: { start, end: reader.offset } };
}

type Value = Constant extends infer Each ? (Each extends Constant ? Omit<Each, 'encoded'> : never) : never;

function readInstruction(reader: Reader): Value {
  const opcode = readByte(reader);
  switch (opcode) {
    case 0x41:
      return { kind: 'i32', value: readSigned(reader, 32) };
    case 0x42:
      return { kind: 'i64', value: readSigned(reader, 64) };
    case 0x43:
      return { kind: 'f32', bits: readBits(reader, 4) };
    case 0x44:
      return { kind: 'f64', bits: readBits(reader, 8) };
    case 0xfd:
      return readVector(reader);
    case 0xd0:
      readReferenceType(reader);
      return { kind: 'null' };
    case 0xd2:
      return { kind: 'function', index: readU32(reader) };
    default:
      return refuseInvalid('constant expression required', reader.offset - 1);
  }
}

function readVector(reader: Reader): Value {
  if (readU32(reader) !== 0x0c) refuseInvalid('constant expression required', reader.offset - 1);
  return { kind: 'v128', bits: readBits(reader, 16) };
}

function readBits(reader: Reader, length: number): Uint8Array {
  const part = readPart(reader, length);
  return part.bytes.slice(part.offset, part.end);
}
