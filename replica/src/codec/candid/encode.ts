// Encoding values at their descriptors' types. The header depends on the types alone and is kept for each list of types.

import { assert } from '@tamc/base/assert';
import { type ByteWriter, createByteWriter, putByte, putBytes, writtenBytes } from '../byte-writer.ts';
import { putUnsignedLeb128 } from '../leb128.ts';
import { writePrimitive } from './encode-primitive.ts';
import { encodeHeader } from './type-table.ts';
import { type CandidType, type FieldNode, type InferAll, resolve } from './types.ts';

// By the one type of a message, or else by the list: callers often write a list of one in place.
const headerOfTypes = new WeakMap<object, Uint8Array>();

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
  const key = types.length === 1 ? types[0]! : types;
  const known = headerOfTypes.get(key);
  if (known !== undefined) return known;
  const header = encodeHeader(types);
  headerOfTypes.set(key, header);
  return header;
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
