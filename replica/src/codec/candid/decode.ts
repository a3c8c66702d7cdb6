// Decoding Candid at expected types, following the relation V :? T ~> V' of the Candid specification ("Decoding"):
// unknown fields and arguments are passed over, missing optional ones are null, and an optional value that does not fit is null.

import { assert } from '@tamc/base/assert';
import type { Result } from '@tamc/base/result';
import { createByteCursor, readUnsignedLeb128Number } from '../leb128.ts';
import { malformed, refuseMalformed } from '../malformed.ts';
import { primitiveReaders, readNat } from './decode-primitive.ts';
import { type CandidReader, createCandidReader, enter, spend } from './reader.ts';
import { readFlag, readVariantField, skipValue } from './skip.ts';
import {
  type CandidType,
  type FieldNode,
  type InferAll,
  opcodeOfPrimitive,
  type PrimitiveName,
  resolve,
} from './types.ts';
import { readBytes, readCount, readHeader, type WireField, type WireRef, type WireType } from './wire.ts';

/** What reading gives back when the value is well-formed but does not fit the expected type. */
const mismatch = Symbol('mismatch');

type Shape = ReturnType<typeof resolve>;
type VariantShape = Extract<Shape, { kind: 'variant' }>;
type RecordShape = Extract<Shape, { kind: 'record' }>;

export function decodeCandid<const Cs extends readonly CandidType[]>(
  types: Cs,
  bytes: Uint8Array,
): Result<InferAll<Cs>, string> {
  // The descriptors say what each value is; this is the parser's one claim about it.
  return refuseMalformed(() => readArguments(types, bytes) as unknown as InferAll<Cs>);
}

function readArguments(types: readonly CandidType[], bytes: Uint8Array): unknown[] {
  const cursor = createByteCursor(bytes);
  const header = readHeader(cursor);
  const reader = createCandidReader(cursor, header.table);
  const values: unknown[] = [];
  for (const [i, wire] of header.args.entries()) {
    if (i >= types.length) {
      skipValue(reader, wire, 0);
      continue;
    }
    const value = readValue(reader, wire, types[i]!, 0);
    if (value === mismatch) malformed(`argument ${i + 1}: ${reader.mismatchReason}`);
    values.push(value);
  }
  for (let i = values.length; i < types.length; i++) {
    if (!isOptional(types[i]!)) malformed(`argument ${i + 1} is missing`);
    values.push(null);
  }
  if (cursor.offset !== cursor.end) malformed('bytes after the end of the Candid message');
  return values;
}

function readValue(reader: CandidReader, wire: WireRef, type: CandidType, depth: number): unknown {
  spend(reader, 1);
  enter(depth);
  const shape = resolve(type);
  switch (shape.kind) {
    case 'primitive':
      return readPrimitive(reader, wire, shape.name, depth);
    case 'blob':
      return readBlob(reader, wire);
    case 'opt':
      return readOpt(reader, wire, shape.item, depth);
    case 'vec':
      return readVec(reader, wire, shape.item, depth);
    case 'record':
      return readRecord(reader, wire, shape, depth);
    case 'variant':
      return readVariant(reader, wire, shape, depth);
  }
}

function fail(reader: CandidReader, reason: string): typeof mismatch {
  reader.mismatchReason = reason;
  return mismatch;
}

function wireType(reader: CandidReader, wire: WireRef): WireType | undefined {
  return wire < 0 ? undefined : reader.table[wire];
}

function isOptional(type: CandidType): boolean {
  const shape = resolve(type);
  return shape.kind === 'opt' || (shape.kind === 'primitive' && shape.name === 'reserved');
}

function readPrimitive(reader: CandidReader, wire: WireRef, name: PrimitiveName, depth: number): unknown {
  if (name === 'reserved') {
    skipValue(reader, wire, depth);
    return null;
  }
  // nat <: int: every natural number is written as an unsigned one.
  if (name === 'int' && wire === opcodeOfPrimitive.nat) return readNat(reader);
  if (name === 'empty' || wire !== opcodeOfPrimitive[name]) return fail(reader, `expected ${name}`);
  return primitiveReaders[name](reader);
}

function readOpt(reader: CandidReader, wire: WireRef, item: CandidType, depth: number): unknown {
  if (wire === opcodeOfPrimitive.null || wire === opcodeOfPrimitive.reserved) return null;
  const type = wireType(reader, wire);
  if (type?.kind === 'opt') return readFlag(reader) ? readOrNull(reader, type.item, item, depth) : null;
  // A plain value is taken for an optional one, unless the constituent type would itself take a null.
  if (isOptional(item) || isNull(item)) {
    skipValue(reader, wire, depth);
    return null;
  }
  return readOrNull(reader, wire, item, depth);
}

function isNull(type: CandidType): boolean {
  const shape = resolve(type);
  return shape.kind === 'primitive' && shape.name === 'null';
}

/** A value that does not fit is passed over and counts as null. */
function readOrNull(reader: CandidReader, wire: WireRef, type: CandidType, depth: number): unknown {
  const start = reader.cursor.offset;
  const value = readValue(reader, wire, type, depth + 1);
  if (value !== mismatch) return value;
  reader.cursor.offset = start;
  skipValue(reader, wire, depth + 1);
  return null;
}

function readVec(reader: CandidReader, wire: WireRef, item: CandidType, depth: number): unknown {
  const type = wireType(reader, wire);
  if (type?.kind !== 'vec') return fail(reader, 'expected vec');
  const count = readCount(reader.cursor, 0);
  const items: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const value = readValue(reader, type.item, item, depth + 1);
    if (value === mismatch) return mismatch;
    items.push(value);
  }
  return items;
}

function readBlob(reader: CandidReader, wire: WireRef): unknown {
  const type = wireType(reader, wire);
  if (type?.kind !== 'vec') return fail(reader, 'expected blob');
  const count = readUnsignedLeb128Number(reader.cursor) ?? malformed('Candid length beyond the message');
  if (type.item === opcodeOfPrimitive.nat8) return readBytes(reader.cursor, count);
  return count === 0 ? new Uint8Array(0) : fail(reader, 'expected blob');
}

function readRecord(reader: CandidReader, wire: WireRef, shape: RecordShape, depth: number): unknown {
  const type = wireType(reader, wire);
  if (type?.kind !== 'record') return fail(reader, 'expected record');
  // Fields that are filled in cost work as well.
  spend(reader, shape.fields.length);
  const values = readFields(reader, type.fields, shape.fields, depth);
  if (values === mismatch) return mismatch;
  if (shape.isTuple) return values;
  const fields: Record<string, unknown> = {};
  shape.fields.forEach((field, i) => {
    fields[field.name] = values[i];
  });
  return fields;
}

/** Both lists are sorted by id, so one walk pairs them. */
function readFields(
  reader: CandidReader,
  sent: readonly WireField[],
  expected: readonly FieldNode[],
  depth: number,
): unknown[] | typeof mismatch {
  const values: unknown[] = [];
  for (const field of sent) {
    while (values.length < expected.length && expected[values.length]!.id < field.id) {
      if (!pushMissing(reader, values, expected)) return mismatch;
    }
    if (expected[values.length]?.id !== field.id) {
      skipValue(reader, field.type, depth + 1);
      continue;
    }
    const value = readValue(reader, field.type, expected[values.length]!.type, depth + 1);
    if (value === mismatch) return fail(reader, `${expected[values.length]!.name}: ${reader.mismatchReason}`);
    values.push(value);
  }
  while (values.length < expected.length) if (!pushMissing(reader, values, expected)) return mismatch;
  return values;
}

function pushMissing(reader: CandidReader, values: unknown[], expected: readonly FieldNode[]): boolean {
  const field = expected[values.length]!;
  if (!isOptional(field.type)) {
    fail(reader, `field ${field.name} is missing`);
    return false;
  }
  values.push(null);
  return true;
}

function readVariant(reader: CandidReader, wire: WireRef, shape: VariantShape, depth: number): unknown {
  const type = wireType(reader, wire);
  if (type?.kind !== 'variant') return fail(reader, 'expected variant');
  const sent = readVariantField(reader, type.fields);
  const expected = shape.fields.find((field) => field.id === sent.id);
  if (expected === undefined) return fail(reader, `unknown variant tag ${sent.id}`);
  const value = readValue(reader, sent.type, expected.type, depth + 1);
  if (value === mismatch) return fail(reader, `${expected.name}: ${reader.mismatchReason}`);
  return { tag: expected.name, value };
}

/** For messages whose type is known to be right, such as the replica's own. */
export function decodeOwnCandid<const Cs extends readonly CandidType[]>(types: Cs, bytes: Uint8Array): InferAll<Cs> {
  const decoded = decodeCandid(types, bytes);
  assert(decoded.ok, decoded.ok ? '' : `own Candid does not decode: ${decoded.error}`);
  return decoded.value;
}
