// The header of a Candid message: its type table and the types of its arguments, checked before any value is looked at.

import { compareBytes, parseText } from '@tamc/base/bytes';
import { type ByteCursor, readSignedLeb128, readUnsignedLeb128Number } from '../leb128.ts';
import { malformed } from '../malformed.ts';
import { opcode, opcodeOfPrimitive } from './types.ts';

/** Negative: the opcode of a primitive. Otherwise: an index into the table. */
export type WireRef = number;

export interface WireField {
  readonly id: number;
  readonly type: WireRef;
}

export type WireType =
  | { readonly kind: 'opt' | 'vec'; readonly item: WireRef }
  | { readonly kind: 'record' | 'variant'; readonly fields: readonly WireField[] }
  | { readonly kind: 'func' }
  | { readonly kind: 'service'; readonly methods: readonly WireRef[] }
  | { readonly kind: 'future' };

export interface WireHeader {
  readonly table: readonly WireType[];
  readonly args: readonly WireRef[];
}

const primitiveOpcodes: ReadonlySet<number> = new Set(Object.values(opcodeOfPrimitive));
// query, oneway, composite_query
const annotations: ReadonlySet<number> = new Set([1, 2, 3]);

export function readHeader(cursor: ByteCursor): WireHeader {
  for (const expected of [0x44, 0x49, 0x44, 0x4c]) {
    if (readByte(cursor) !== expected) malformed('not a Candid message: it does not start with DIDL');
  }
  // An entry takes at least two bytes, an argument one.
  const typeCount = readCount(cursor, 2);
  const table: WireType[] = [];
  for (let i = 0; i < typeCount; i++) table.push(readType(cursor, typeCount));
  for (const type of table) if (type.kind === 'service') checkMethods(type.methods, table);
  return { table, args: readRefs(cursor, typeCount) };
}

export function readByte(cursor: ByteCursor): number {
  if (cursor.offset >= cursor.end) malformed('Candid message ends early');
  return cursor.bytes[cursor.offset++]!;
}

/** A number of things that the rest of the message can hold, each taking at least `unit` bytes. */
export function readCount(cursor: ByteCursor, unit: number): number {
  const count = readUnsignedLeb128Number(cursor);
  if (count === null || count * unit > cursor.end - cursor.offset) malformed('Candid length beyond the message');
  return count;
}

export function readBytes(cursor: ByteCursor, count: number): Uint8Array {
  const start = cursor.offset;
  if (count > cursor.end - start) malformed('Candid message ends early');
  cursor.offset = start + count;
  return cursor.bytes.subarray(start, cursor.offset);
}

export function readText(cursor: ByteCursor): string {
  return parseText(readBytes(cursor, readCount(cursor, 1))) ?? malformed('Candid text is not UTF-8');
}

function readType(cursor: ByteCursor, typeCount: number): WireType {
  const code = readOpcode(cursor);
  switch (code) {
    case opcode.opt:
      return { kind: 'opt', item: readRef(cursor, typeCount) };
    case opcode.vec:
      return { kind: 'vec', item: readRef(cursor, typeCount) };
    case opcode.record:
      return { kind: 'record', fields: readFields(cursor, typeCount) };
    case opcode.variant:
      return { kind: 'variant', fields: readFields(cursor, typeCount) };
    case opcode.func:
      return readFunc(cursor, typeCount);
    case opcode.service:
      return { kind: 'service', methods: readMethods(cursor, typeCount) };
    default:
      return readFuture(cursor, code);
  }
}

function readOpcode(cursor: ByteCursor): number {
  const code = readSignedLeb128(cursor) ?? malformed('Candid message ends early');
  if (code >= -(2n ** 31n) && code < 2n ** 31n) return Number(code);
  return malformed('Candid type out of range');
}

function readRef(cursor: ByteCursor, typeCount: number): WireRef {
  const ref = readOpcode(cursor);
  if (ref >= 0 ? ref >= typeCount : !primitiveOpcodes.has(ref)) malformed(`no Candid type ${ref}`);
  return ref;
}

function readRefs(cursor: ByteCursor, typeCount: number): WireRef[] {
  const count = readCount(cursor, 1);
  const refs: WireRef[] = [];
  for (let i = 0; i < count; i++) refs.push(readRef(cursor, typeCount));
  return refs;
}

function readFields(cursor: ByteCursor, typeCount: number): WireField[] {
  const count = readCount(cursor, 2);
  const fields: WireField[] = [];
  let previous = -1;
  for (let i = 0; i < count; i++) {
    const id = readUnsignedLeb128Number(cursor);
    if (id === null || id > 0xffff_ffff) malformed('Candid field number out of range');
    if (id <= previous) malformed('Candid fields are not in strictly increasing order');
    previous = id;
    fields.push({ id, type: readRef(cursor, typeCount) });
  }
  return fields;
}

function readFunc(cursor: ByteCursor, typeCount: number): WireType {
  readRefs(cursor, typeCount);
  readRefs(cursor, typeCount);
  const count = readCount(cursor, 1);
  for (let i = 0; i < count; i++)
    if (!annotations.has(readByte(cursor))) malformed('unknown Candid function annotation');
  return { kind: 'func' };
}

function readMethods(cursor: ByteCursor, typeCount: number): WireRef[] {
  const count = readCount(cursor, 2);
  const methods: WireRef[] = [];
  let previous: Uint8Array | null = null;
  for (let i = 0; i < count; i++) {
    const name = readBytes(cursor, readCount(cursor, 1));
    if (parseText(name) === null) malformed('Candid method name is not UTF-8');
    if (previous !== null && compareBytes(previous, name) >= 0) malformed('Candid methods are not in order');
    previous = name;
    methods.push(readRef(cursor, typeCount));
  }
  return methods;
}

function checkMethods(methods: readonly WireRef[], table: readonly WireType[]): void {
  for (const method of methods) if (table[method]?.kind !== 'func') malformed('Candid method without a function type');
}

/** A type of a later Candid: its length is given so that it can be passed over. Primitives have no place in the table. */
function readFuture(cursor: ByteCursor, code: number): WireType {
  if (code >= opcodeOfPrimitive.principal) malformed(`Candid type ${code} cannot stand in the type table`);
  readBytes(cursor, readCount(cursor, 1));
  return { kind: 'future' };
}
