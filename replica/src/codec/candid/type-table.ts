// The header of a message to send: magic, type table, types of the arguments. It depends on the types alone.

import { type ByteWriter, createByteWriter, putBytes, writtenBytes } from '../byte-writer.ts';
import { encodeSignedLeb128, putUnsignedLeb128 } from '../leb128.ts';
import { type CandidType, opcode, opcodeOfPrimitive, resolve, type TypeNode } from './types.ts';

const magic = Uint8Array.of(0x44, 0x49, 0x44, 0x4c);

type Shape = Exclude<TypeNode, { kind: 'recursive' }>;

/** The type table under construction: an entry gets its index before its parts are looked at, so types may be recursive. */
interface TypeTable {
  readonly indexOfShape: Map<Shape, number>;
  readonly entries: Uint8Array[];
}

export function encodeHeader(types: readonly CandidType[]): Uint8Array {
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
