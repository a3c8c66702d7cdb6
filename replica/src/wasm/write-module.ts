// Puts the rewritten module together, section by section.

import { textToBytes } from '@tamc/base/bytes';
import { type AddedFunction, memoryPagesMax } from './added-functions.ts';
import { heapBaseBytes, hostFunctions, hostModule, wasmPageBytes } from './contract.ts';
import type { Constant, ElementEntry, ModuleShape } from './module-shape.ts';
import { createOutput, type Output, outputBytes, reserve, writeByte, writeBytes, writeUnsigned } from './output.ts';
import {
  addedTypeIndex,
  fuelledType,
  fuelledTypeIndex,
  movedFunction,
  type RewriteContext,
} from './rewrite-context.ts';
import { type FunctionType, valueTypes } from './value-types.ts';
import { encodeGlobals } from './write-globals.ts';

export interface ModuleParts {
  readonly context: RewriteContext;
  /** The defined functions' bodies, each with its length in front. */
  readonly code: Output;
  readonly added: readonly AddedFunction[];
  readonly exports: readonly { readonly name: string; readonly kind: 0 | 2 | 3; readonly index: number }[];
}

const sectionIds = {
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

export function writeModule(parts: ModuleParts): Uint8Array<ArrayBuffer> {
  const { context } = parts;
  // Imports and added functions may still ask for types, so the other sections are made first.
  const imports = encodeImports(context);
  const functions = encodeFunctions(parts);
  const module = createOutput(parts.code.length + 65_536);
  writeBytes(module, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  writeSection(module, sectionIds.type, encodeTypes(context));
  writeSection(module, sectionIds.import, imports);
  writeSection(module, sectionIds.function, functions);
  writeSection(module, sectionIds.table, encodeTables(context.shape));
  writeSection(module, sectionIds.memory, encodeMemory(context));
  writeSection(module, sectionIds.global, encodeGlobals(context));
  writeSection(module, sectionIds.export, encodeExports(parts));
  writeSection(module, sectionIds.element, encodeElements(context));
  if (context.usesData) writeSection(module, sectionIds.dataCount, encodeDataCount(context.shape));
  writeSection(module, sectionIds.code, encodeCode(parts));
  if (context.usesData) writeSection(module, sectionIds.data, encodeData(context.shape));
  return outputBytes(module);
}

function writeSection(module: Output, id: number, section: Output | null): void {
  if (section === null) return;
  reserve(module, section.length + 6);
  writeByte(module, id);
  writeUnsigned(module, section.length);
  module.bytes.set(section.bytes.subarray(0, section.length), module.length);
  module.length += section.length;
  reserve(module, 16);
}

/** A section of items; null when there are none. */
function encodeList<T>(items: readonly T[], encode: (output: Output, item: T) => void): Output | null {
  if (items.length === 0) return null;
  const output = createOutput(4096);
  writeUnsigned(output, items.length);
  for (const item of items) {
    reserve(output, 64);
    encode(output, item);
  }
  return output;
}

function encodeTypes({ types }: RewriteContext): Output | null {
  return encodeList([...types.declared, ...types.declared.map(fuelledType), ...types.added], encodeType);
}

function encodeType(output: Output, { params, results }: FunctionType): void {
  writeByte(output, 0x60);
  for (const list of [params, results]) {
    reserve(output, 16);
    writeUnsigned(output, list.length);
    writeBytes(output, list);
  }
}

function writeText(output: Output, text: string): void {
  const bytes = textToBytes(text);
  reserve(output, bytes.length + 64);
  writeUnsigned(output, bytes.length);
  output.bytes.set(bytes, output.length);
  output.length += bytes.length;
}

function encodeImports(context: RewriteContext): Output | null {
  const { types, shape, width } = context;
  const address = width === 64 ? valueTypes.i64 : valueTypes.i32;
  const host = [
    { module: hostModule, name: hostFunctions.outOfFuel, typeIndex: addedTypeIndex(types, [], []) },
    { module: hostModule, name: hostFunctions.tryGrow, typeIndex: addedTypeIndex(types, [address], [valueTypes.i32]) },
  ];
  return encodeList([...shape.imports, ...host], (output, { module, name, typeIndex }) => {
    writeText(output, module);
    writeText(output, name);
    writeByte(output, 0);
    writeUnsigned(output, typeIndex);
  });
}

function encodeFunctions({ context, added }: ModuleParts): Output | null {
  const own = context.shape.functions.map((index) => fuelledTypeIndex(context.types, index));
  return encodeList([...own, ...added.map(({ typeIndex }) => typeIndex)], writeUnsigned);
}

function encodeTables(shape: ModuleShape): Output | null {
  return encodeList(shape.tables, (output, { encoded }) => {
    writeBytes(output, shape.bytes.subarray(encoded.start, encoded.end));
  });
}

function encodeMemory(context: RewriteContext): Output | null {
  const basePages = heapBaseBytes[context.width] / wasmPageBytes;
  return encodeList(context.shape.memories, (output, { initial, width }) => {
    writeByte(output, width === 64 ? 5 : 1);
    writeUnsigned(output, initial + basePages);
    writeUnsigned(output, Math.max(memoryPagesMax(context), initial) + basePages);
  });
}

function encodeExports({ exports }: ModuleParts): Output | null {
  return encodeList(exports, (output, { name, kind, index }) => {
    writeText(output, name);
    writeByte(output, kind);
    writeUnsigned(output, index);
  });
}

/** Only active segments still matter; what `ref.func` names must stand in some segment as well. */
function encodeElements(context: RewriteContext): Output | null {
  const active = context.shape.elements.filter(({ mode }) => mode === 'active');
  const declared: ElementEntry[] =
    context.referenced.size === 0
      ? []
      : [
          {
            mode: 'declarative',
            table: 0,
            offset: null,
            referenceType: valueTypes.funcref,
            items: Int32Array.from(context.referenced),
          },
        ];
  return encodeList([...active, ...declared], (output, entry) => encodeElement(context, output, entry));
}

function encodeElement(context: RewriteContext, output: Output, entry: ElementEntry): void {
  const { mode, table, offset, referenceType, items } = entry;
  const hasExpressions = referenceType !== valueTypes.funcref || items.includes(-1);
  writeUnsigned(output, (mode === 'active' ? 2 : 3) + (hasExpressions ? 4 : 0));
  if (mode === 'active') {
    writeUnsigned(output, table);
    writeConstant(context, output, offset!);
    reserve(output, 64);
  }
  writeByte(output, hasExpressions ? referenceType : 0);
  writeUnsigned(output, items.length);
  for (const item of items) {
    reserve(output, 16);
    if (hasExpressions) writeReference(context, output, item, referenceType);
    else writeUnsigned(output, movedFunction(context, item));
  }
}

function writeReference(context: RewriteContext, output: Output, item: number, referenceType: number): void {
  writeByte(output, item < 0 ? 0xd0 : 0xd2);
  if (item < 0) writeByte(output, referenceType);
  else writeUnsigned(output, movedFunction(context, item));
  writeByte(output, 0x0b);
}

function writeConstant({ bytes }: RewriteContext, output: Output, { encoded }: Constant): void {
  writeBytes(output, bytes.subarray(encoded.start, encoded.end));
}

function encodeDataCount({ data }: ModuleShape): Output {
  const output = createOutput(8);
  writeUnsigned(output, data.length);
  return output;
}

function encodeCode({ context, code, added }: ModuleParts): Output {
  const output = createOutput(code.length + 4096);
  writeUnsigned(output, context.shape.functions.length + added.length);
  writeBytes(output, code.bytes.subarray(0, code.length));
  for (const { code: body } of added) writeBytes(output, body);
  return output;
}

/** Active segments become empty passive ones: nothing of them is left after instantiation but their number. */
function encodeData({ data, bytes }: ModuleShape): Output {
  return encodeList(data, (output, { offset, content }) => {
    const kept = offset === null ? bytes.subarray(content.start, content.end) : bytes.subarray(0, 0);
    writeByte(output, 1);
    writeUnsigned(output, kept.length);
    writeBytes(output, kept);
  })!;
}
