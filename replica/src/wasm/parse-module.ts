// Bytes of a module to its shape. Any bytes may come in; what leaves is consistent in counts and ranges, and the rest
// of validity (types, stack, indexes in code) is V8's to check.

import { moduleLimits } from './limits.ts';
import type { ModuleShape } from './module-shape.ts';
import {
  parseExports,
  parseFunctions,
  parseGlobals,
  parseImports,
  parseMemories,
  parseTables,
  parseTypes,
} from './parse-sections.ts';
import { parseCode, parseData, parseElements } from './parse-segments.ts';
import { assertConsumed, createReader, type Reader, readByte, readName, readPart, readU32 } from './reader.ts';
import { refuseDecoding, refuseInvalid } from './refusal.ts';

type SectionParser = (reader: Reader, shape: ModuleShape) => void;

/** By section number; the second number is the place in the order (12, the data count, stands before the code). */
const sections: readonly (readonly [SectionParser, number])[] = [
  [parseCustom, 0],
  [parseTypes, 1],
  [parseImports, 2],
  [parseFunctions, 3],
  [parseTables, 4],
  [parseMemories, 5],
  [parseGlobals, 6],
  [parseExports, 7],
  [parseStart, 8],
  [parseElements, 9],
  [parseCode, 11],
  [parseData, 12],
  [parseDataCount, 10],
];

export function parseModule(bytes: Uint8Array): ModuleShape {
  const shape = createShape(bytes);
  const reader = createReader(bytes, 8, bytes.length);
  if (bytes.length < 8 || bytes[4] !== 1 || bytes[5] !== 0 || bytes[6] !== 0 || bytes[7] !== 0) {
    refuseDecoding('unsupported WebAssembly version');
  }
  let lastPlace = 0;
  while (reader.offset < reader.end) lastPlace = parseSection(reader, shape, lastPlace);
  if (shape.bodies.length !== shape.functions.length) {
    refuseInvalid('function and code section have inconsistent lengths', bytes.length);
  }
  return shape;
}

function parseSection(reader: Reader, shape: ModuleShape, lastPlace: number): number {
  const start = reader.offset;
  const id = readByte(reader);
  const [parse, place] = sections[id] ?? refuseInvalid(`unsupported section ${id}`, start);
  if (place !== 0 && place <= lastPlace) refuseInvalid('section out of order', start);
  const part = readPart(reader, readU32(reader));
  parse(part, shape);
  assertConsumed(part);
  return Math.max(place, lastPlace);
}

function createShape(bytes: Uint8Array): ModuleShape {
  return {
    bytes,
    types: [],
    imports: [],
    functions: [],
    tables: [],
    memories: [],
    globals: [],
    exports: [],
    start: null,
    elements: [],
    dataCount: null,
    bodies: [],
    codeBytes: 0,
    data: [],
    customSections: [],
  };
}

function parseCustom(reader: Reader, shape: ModuleShape): void {
  const name = readName(reader);
  // Others mean nothing to us, and one more than allowed is enough to refuse.
  if (name.startsWith('icp:') && shape.customSections.length <= moduleLimits.customSections) {
    shape.customSections.push({ name, content: { start: reader.offset, end: reader.end } });
  }
  reader.offset = reader.end;
}

function parseStart(reader: Reader, shape: ModuleShape): void {
  shape.start = readU32(reader);
}

function parseDataCount(reader: Reader, shape: ModuleShape): void {
  shape.dataCount = readU32(reader);
}
