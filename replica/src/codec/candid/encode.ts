// Encoding values at their descriptors' types. The header depends on the types alone and is kept for each list of types.

import { assert } from '@tamc/base/assert';
import {
  type ByteWriter,
  createByteWriter,
  putByte,
  putBytes,
  putFloat32LE,
  putFloat64LE,
  putLittleEndian,
  putShortASCII,
  putText,
  putUint64LE,
  writtenBytes,
} from '../byte-writer.ts';
import { encodeSignedLeb128, putUnsignedLeb128 } from '../leb128.ts';
import { parsePrincipalHex, principalToBytes } from '../principal.ts';
import {
  type CandidType,
  type FieldNode,
  type InferAll,
  opcode,
  opcodeOfPrimitive,
  type PrimitiveName,
  resolve,
  type TypeNode,
} from './types.ts';

const magic = Uint8Array.of(0x44, 0x49, 0x44, 0x4c);
const headerOfTypes = new WeakMap<readonly CandidType[], Uint8Array>();

/** Asserts that the values are of the types: a value that is not is a bug here, not bad input. */
export function encodeCandid<const Cs extends readonly CandidType[]>(types: Cs, values: InferAll<Cs>): Uint8Array {
  const writer = createByteWriter();
  putBytes(writer, headerOf(types));
  types.forEach((type, i) => {
    writeValue(writer, type, values[i]);
  });
  return writtenBytes(writer);
}

function headerOf(types: readonly CandidType[]): Uint8Array {
  const known = headerOfTypes.get(types);
  if (known !== undefined) return known;
  const header = encodeHeader(types);
  headerOfTypes.set(types, header);
  return header;
}

type Shape = Exclude<TypeNode, { kind: 'recursive' }>;

/** The type table under construction: an entry gets its index before its parts are looked at, so types may be recursive. */
interface TypeTable {
  readonly indexOfShape: Map<Shape, number>;
  readonly entries: Uint8Array[];
}

function encodeHeader(types: readonly CandidType[]): Uint8Array {
  const table: TypeTable = { indexOfShape: new Map(), entries: [] };
  const refs = types.map((type) => encodeRef(table, type));
  const writer = createByteWriter();
  putBytes(writer, magic);
  writeParts(writer, table.entries);
  writeParts(writer, refs);
  return writtenBytes(writer);
}

function writeParts(writer: ByteWriter, parts: readonly Uint8Array[]): void {
  putUnsignedLeb128(writer, parts.length);
  for (const part of parts) putBytes(writer, part);
}

function encodeRef(table: TypeTable, type: CandidType): Uint8Array {
  const shape = resolve(type);
  if (shape.kind === 'primitive') return encodeSignedLeb128(opcodeOfPrimitive[shape.name]);
  return encodeSignedLeb128(table.indexOfShape.get(shape) ?? addEntry(table, shape));
}

function addEntry(table: TypeTable, shape: Exclude<Shape, { kind: 'primitive' }>): number {
  const index = table.entries.length;
  table.indexOfShape.set(shape, index);
  table.entries.push(magic);
  table.entries[index] = encodeEntry(table, shape);
  return index;
}

function encodeEntry(table: TypeTable, shape: Exclude<Shape, { kind: 'primitive' }>): Uint8Array {
  const writer = createByteWriter(64);
  switch (shape.kind) {
    case 'blob':
      putBytes(writer, encodeSignedLeb128(opcode.vec));
      putBytes(writer, encodeSignedLeb128(opcodeOfPrimitive.nat8));
      break;
    case 'opt':
    case 'vec':
      putBytes(writer, encodeSignedLeb128(opcode[shape.kind]));
      putBytes(writer, encodeRef(table, shape.item));
      break;
    case 'record':
    case 'variant':
      putBytes(writer, encodeSignedLeb128(opcode[shape.kind]));
      putUnsignedLeb128(writer, shape.fields.length);
      for (const field of shape.fields) {
        putUnsignedLeb128(writer, field.id);
        putBytes(writer, encodeRef(table, field.type));
      }
  }
  return writtenBytes(writer);
}

function writeValue(writer: ByteWriter, type: CandidType, value: unknown): void {
  const shape = resolve(type);
  switch (shape.kind) {
    case 'primitive':
      writePrimitive(writer, shape.name, value);
      break;
    case 'blob':
      writeBlob(writer, value);
      break;
    case 'opt':
      putByte(writer, isAbsent(value) ? 0 : 1);
      if (!isAbsent(value)) writeValue(writer, shape.item, value);
      break;
    case 'vec':
      writeVec(writer, shape.item, value);
      break;
    case 'record':
      for (const field of shape.fields) writeValue(writer, field.type, fieldOf(value, field.name));
      break;
    case 'variant':
      writeVariant(writer, shape.fields, value);
  }
}

function writeBlob(writer: ByteWriter, value: unknown): void {
  assert(value instanceof Uint8Array, 'Candid blob expected');
  putUnsignedLeb128(writer, value.length);
  putBytes(writer, value);
}

function writeVec(writer: ByteWriter, item: CandidType, value: unknown): void {
  assert(Array.isArray(value), 'Candid vec expected');
  putUnsignedLeb128(writer, value.length);
  for (const element of value) writeValue(writer, item, element);
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  assert(typeof value === 'object' && value !== null, `Candid record expected for field ${name}`);
  return Reflect.get(value, name);
}

function writeVariant(writer: ByteWriter, fields: readonly FieldNode[], value: unknown): void {
  const tag = fieldOf(value, 'tag');
  const index = fields.findIndex((field) => field.name === tag);
  assert(index >= 0, `no Candid variant tag ${String(tag)}`);
  putUnsignedLeb128(writer, index);
  writeValue(writer, fields[index]!.type, fieldOf(value, 'value'));
}

type FixedName = Extract<PrimitiveName, `nat${number}` | `int${number}`>;
type OtherName = Exclude<PrimitiveName, FixedName>;

function writePrimitive(writer: ByteWriter, name: PrimitiveName, value: unknown): void {
  if (isOther(name)) writers[name](writer, value);
  else writeFixed(writer, name, value);
}

function isOther(name: PrimitiveName): name is OtherName {
  return Object.hasOwn(writers, name);
}

const writers: Readonly<Record<OtherName, (writer: ByteWriter, value: unknown) => void>> = {
  null: () => undefined,
  reserved: () => undefined,
  empty: () => assert(false, 'there is no Candid value of type empty'),
  bool: (writer, value) => {
    assert(typeof value === 'boolean', 'Candid bool expected');
    putByte(writer, value ? 1 : 0);
  },
  nat: (writer, value) => {
    assert(typeof value === 'bigint' && value >= 0n, 'Candid nat expected');
    putUnsignedLeb128(writer, value);
  },
  int: (writer, value) => {
    assert(typeof value === 'bigint', 'Candid int expected');
    putBytes(writer, encodeSignedLeb128(value));
  },
  float32: (writer, value) => {
    assert(typeof value === 'number', 'Candid float32 expected');
    putFloat32LE(writer, value);
  },
  float64: (writer, value) => {
    assert(typeof value === 'number', 'Candid float64 expected');
    putFloat64LE(writer, value);
  },
  text: (writer, value) => {
    assert(typeof value === 'string', 'Candid text expected');
    const start = writer.length;
    putUnsignedLeb128(writer, value.length);
    if (putShortASCII(writer, value)) return;
    writer.length = start;
    putUnsignedLeb128(writer, Buffer.byteLength(value, 'utf8'));
    putText(writer, value);
  },
  principal: (writer, value) => {
    const principal = typeof value === 'string' ? parsePrincipalHex(value) : null;
    assert(principal !== null, 'Candid principal expected');
    putByte(writer, 1);
    putByte(writer, principal.length / 2);
    putBytes(writer, principalToBytes(principal));
  },
};

function writeFixed(writer: ByteWriter, name: FixedName, value: unknown): void {
  const { min, max, byteCount } = rangeOf[name];
  if (byteCount === 8) {
    assert(typeof value === 'bigint' && value >= min && value <= max, `Candid ${name} expected`);
    putUint64LE(writer, BigInt.asUintN(64, value));
  } else {
    assert(typeof value === 'number' && Number.isInteger(value), `Candid ${name} expected`);
    assert(value >= min && value <= max, `out of range for Candid ${name}: ${value}`);
    putLittleEndian(writer, value, byteCount);
  }
}

const rangeOf: Readonly<Record<FixedName, { min: bigint | number; max: bigint | number; byteCount: number }>> = {
  nat8: { min: 0, max: 0xff, byteCount: 1 },
  nat16: { min: 0, max: 0xffff, byteCount: 2 },
  nat32: { min: 0, max: 0xffff_ffff, byteCount: 4 },
  nat64: { min: 0n, max: 2n ** 64n - 1n, byteCount: 8 },
  int8: { min: -0x80, max: 0x7f, byteCount: 1 },
  int16: { min: -0x8000, max: 0x7fff, byteCount: 2 },
  int32: { min: -0x8000_0000, max: 0x7fff_ffff, byteCount: 4 },
  int64: { min: -(2n ** 63n), max: 2n ** 63n - 1n, byteCount: 8 },
};
