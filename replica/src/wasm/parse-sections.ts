// The sections that declare things: types, imports, functions, tables, memories, globals, exports.

import { hostLimits, moduleLimits } from './limits.ts';
import type { ExternalKind, GlobalEntry, MemoryEntry, ModuleShape, TableEntry } from './module-shape.ts';
import { readConstant } from './parse-constant.ts';
import { type Reader, readByte, readCount, readName, readU32, readU64 } from './reader.ts';
import { refuseInvalid, refuseTooMany } from './refusal.ts';
import { readReferenceType, readValueType } from './value-types.ts';

export function parseTypes(reader: Reader, shape: ModuleShape): void {
  for (let left = readCount(reader, 3, hostLimits.types); left > 0; left--) {
    const form = readByte(reader);
    if (form !== 0x60) refuseInvalid(`unsupported type form 0x${form.toString(16)}`, reader.offset - 1);
    shape.types.push({
      params: readTypeList(reader, hostLimits.parameters),
      results: readTypeList(reader, hostLimits.results),
    });
  }
}

function readTypeList(reader: Reader, countMax: number): Uint8Array {
  const count = readCount(reader, 1, countMax);
  const start = reader.offset;
  for (let i = 0; i < count; i++) readValueType(reader);
  return reader.bytes.subarray(start, reader.offset);
}

export function parseImports(reader: Reader, shape: ModuleShape): void {
  for (let left = readCount(reader, 4, hostLimits.imports); left > 0; left--) {
    const module = readName(reader);
    const name = readName(reader);
    const kind = readKind(reader);
    shape.imports.push({ module, name, kind, typeIndex: readImportDescription(reader, kind, shape) });
  }
}

function readImportDescription(reader: Reader, kind: ExternalKind, shape: ModuleShape): number {
  if (kind === 'function') return readTypeIndex(reader, shape);
  if (kind === 'table') readTable(reader);
  if (kind === 'memory') readMemory(reader);
  if (kind === 'global') readGlobalType(reader);
  if (kind === 'tag') refuseInvalid('exceptions are not enabled', reader.offset);
  return -1;
}

const kinds: readonly ExternalKind[] = ['function', 'table', 'memory', 'global', 'tag'];

function readKind(reader: Reader): ExternalKind {
  const code = readByte(reader);
  return kinds[code] ?? refuseInvalid(`unknown external kind ${code}`, reader.offset - 1);
}

function readTypeIndex(reader: Reader, shape: ModuleShape): number {
  const index = readU32(reader);
  if (index >= shape.types.length) refuseInvalid(`unknown type ${index}`, reader.offset);
  return index;
}

export function parseFunctions(reader: Reader, shape: ModuleShape): void {
  const count = readCount(reader, 1);
  if (count > moduleLimits.functions) refuseTooMany('functions', count, moduleLimits.functions);
  for (let i = 0; i < count; i++) shape.functions.push(readTypeIndex(reader, shape));
}

export function parseTables(reader: Reader, shape: ModuleShape): void {
  for (let left = readCount(reader, 3, hostLimits.tables); left > 0; left--) shape.tables.push(readTable(reader));
}

function readTable(reader: Reader): TableEntry {
  const start = reader.offset;
  const referenceType = readReferenceType(reader);
  const limits = readLimits(reader, 'table');
  return { referenceType, ...limits, encoded: { start, end: reader.offset } };
}

export function parseMemories(reader: Reader, shape: ModuleShape): void {
  const count = readCount(reader, 2);
  if (count > hostLimits.memories) refuseInvalid('multiple memories', reader.offset - 1);
  for (let i = 0; i < count; i++) shape.memories.push(readMemory(reader));
}

function readMemory(reader: Reader): MemoryEntry {
  return readLimits(reader, 'memory');
}

/** Flags: 1 has a maximum, 2 shared, 4 64-bit; anything else belongs to a proposal we do not have. */
function readLimits(reader: Reader, what: string): MemoryEntry {
  const flags = readByte(reader);
  if ((flags & 2) !== 0) refuseInvalid('threads must be enabled for shared memories', reader.offset - 1);
  if (flags > 5) refuseInvalid(`unsupported ${what} flags 0x${flags.toString(16)}`, reader.offset - 1);
  const read = flags & 4 ? readU64 : readU32;
  const initial = read(reader);
  return { width: flags & 4 ? 64 : 32, initial, maximum: flags & 1 ? read(reader) : null };
}

export function parseGlobals(reader: Reader, shape: ModuleShape): void {
  const count = readCount(reader, 4);
  if (count > moduleLimits.globals) refuseTooMany('globals', count, moduleLimits.globals);
  for (let i = 0; i < count; i++) {
    shape.globals.push({ ...readGlobalType(reader), initial: readConstant(reader) });
  }
}

function readGlobalType(reader: Reader): Pick<GlobalEntry, 'type' | 'isMutable'> {
  const type = readValueType(reader);
  const mutability = readByte(reader);
  if (mutability > 1) refuseInvalid('malformed mutability', reader.offset - 1);
  return { type, isMutable: mutability === 1 };
}

export function parseExports(reader: Reader, shape: ModuleShape): void {
  for (let left = readCount(reader, 3, hostLimits.exports); left > 0; left--) {
    shape.exports.push({ name: readName(reader), kind: readKind(reader), index: readU32(reader) });
  }
}
