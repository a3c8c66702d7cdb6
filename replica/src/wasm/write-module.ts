// Puts the rewritten module together, section by section.

import { concatBytes, textToBytes } from '@tamc/base/bytes';
import { memoryPagesMax } from './bulk-functions.ts';
import { heapBaseBytes, hostFunctions, hostModule, wasmPageBytes } from './contract.ts';
import type { Constant, ElementEntry, ModuleShape } from './module-shape.ts';
import { createOutput, type Output, reserve, toCompilable, writeByte, writeBytes, writeUnsigned } from './output.ts';
import {
  type AddedFunction,
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
  // Imports and added functions may still ask for types, so these sections are made first.
  const imports = encodeImports(context);
  const functions = encodeFunctions(parts);
  const chunks = [
    Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
    ...section(sectionIds.type, encodeTypes(context)),
    ...section(sectionIds.import, imports),
    ...section(sectionIds.function, functions),
    ...section(sectionIds.table, encodeTables(context.shape)),
    ...section(sectionIds.memory, encodeMemory(context)),
    ...section(sectionIds.global, encodeGlobals(context)),
    ...section(sectionIds.export, encodeExports(parts)),
    ...section(sectionIds.element, encodeElements(context)),
    ...section(sectionIds.dataCount, context.usesData ? encodeDataCount(context.shape) : null),
    ...codeSection(parts),
    ...section(sectionIds.data, context.usesData ? encodeData(context.shape) : null),
  ];
  return toCompilable(concatBytes(...chunks));
}

/** Number, length and content; nothing when there is none. */
function section(id: number, content: Output | null): Uint8Array[] {
  return content === null ? [] : [sectionHead(id, content.length), written(content)];
}

function sectionHead(id: number, length: number): Uint8Array {
  const head = createOutput(16);
  writeByte(head, id);
  writeUnsigned(head, length);
  return written(head);
}

/** By far the largest section, so its parts are not put together twice. */
function codeSection({ context, code, added }: ModuleParts): Uint8Array[] {
  const count = createOutput(8);
  writeUnsigned(count, context.shape.functions.length + added.length);
  const content = [written(count), written(code), ...added.map(({ code: body }) => body)];
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return [sectionHead(sectionIds.code, length), ...content];
}

function written(output: Output): Uint8Array {
  return output.bytes.subarray(0, output.length);
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
    { module: hostModule, name: hostFunctions.outOfStack, typeIndex: addedTypeIndex(types, [], []) },
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

/** Active segments become empty passive ones: nothing of them is left after instantiation but their number. */
function encodeData({ data, bytes }: ModuleShape): Output {
  return encodeList(data, (output, { offset, content }) => {
    const kept = offset === null ? bytes.subarray(content.start, content.end) : bytes.subarray(0, 0);
    writeByte(output, 1);
    writeUnsigned(output, kept.length);
    writeBytes(output, kept);
  })!;
}
