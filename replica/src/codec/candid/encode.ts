// Encoding values at their descriptors' types. The header depends on the types alone and is kept for each list of types.

import { assert } from '@tamc/base/assert';
import { type ByteWriter, createByteWriter } from '../byte-writer.ts';
import { encodeSignedLeb128, encodeUnsignedLeb128 } from '../leb128.ts';
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
  writer.bytes(headerOf(types));
  types.forEach((type, i) => {
    writeValue(writer, type, values[i]);
  });
  return writer.finish();
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
  writer.bytes(magic);
  writeParts(writer, table.entries);
  writeParts(writer, refs);
  return writer.finish();
}

function writeParts(writer: ByteWriter, parts: readonly Uint8Array[]): void {
  writer.bytes(encodeUnsignedLeb128(parts.length));
  for (const part of parts) writer.bytes(part);
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
      writer.bytes(encodeSignedLeb128(opcode.vec));
      writer.bytes(encodeSignedLeb128(opcodeOfPrimitive.nat8));
      break;
    case 'opt':
    case 'vec':
      writer.bytes(encodeSignedLeb128(opcode[shape.kind]));
      writer.bytes(encodeRef(table, shape.item));
      break;
    case 'record':
    case 'variant':
      writer.bytes(encodeSignedLeb128(opcode[shape.kind]));
      writer.bytes(encodeUnsignedLeb128(shape.fields.length));
      for (const field of shape.fields) {
        writer.bytes(encodeUnsignedLeb128(field.id));
        writer.bytes(encodeRef(table, field.type));
      }
  }
  return writer.finish();
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
      writer.byte(isAbsent(value) ? 0 : 1);
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
  writer.bytes(encodeUnsignedLeb128(value.length));
  writer.bytes(value);
}

function writeVec(writer: ByteWriter, item: CandidType, value: unknown): void {
  assert(Array.isArray(value), 'Candid vec expected');
  writer.bytes(encodeUnsignedLeb128(value.length));
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
  writer.bytes(encodeUnsignedLeb128(index));
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
    writer.byte(value ? 1 : 0);
  },
  nat: (writer, value) => {
    assert(typeof value === 'bigint' && value >= 0n, 'Candid nat expected');
    writer.bytes(encodeUnsignedLeb128(value));
  },
  int: (writer, value) => {
    assert(typeof value === 'bigint', 'Candid int expected');
    writer.bytes(encodeSignedLeb128(value));
  },
  float32: (writer, value) => {
    assert(typeof value === 'number', 'Candid float32 expected');
    writer.floatLE(value, 4);
  },
  float64: (writer, value) => {
    assert(typeof value === 'number', 'Candid float64 expected');
    writer.floatLE(value, 8);
  },
  text: (writer, value) => {
    assert(typeof value === 'string', 'Candid text expected');
    writer.bytes(encodeUnsignedLeb128(Buffer.byteLength(value, 'utf8')));
    writer.text(value);
  },
  principal: (writer, value) => {
    const principal = typeof value === 'string' ? parsePrincipalHex(value) : null;
    assert(principal !== null, 'Candid principal expected');
    writer.byte(1);
    writer.byte(principal.length / 2);
    writer.bytes(principalToBytes(principal));
  },
};

function writeFixed(writer: ByteWriter, name: FixedName, value: unknown): void {
  const bitCount = Number(name.slice(3));
  const isSigned = name.startsWith('int');
  assert(bitCount === 64 ? typeof value === 'bigint' : Number.isInteger(value), `Candid ${name} expected`);
  const big = BigInt(String(value));
  const wrapped = isSigned ? BigInt.asIntN(bitCount, big) : BigInt.asUintN(bitCount, big);
  assert(wrapped === big, `out of range for Candid ${name}: ${big}`);
  writer.littleEndian(big, bitCount / 8);
}
