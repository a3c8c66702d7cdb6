// The Internet Computer's own rules for a module, in the order in which DFINITY's replica checks them, with its texts.
// Rules about instructions are checked where instructions are decoded.

import { textToBytes } from '@tamc/base/bytes';
import { exportNames, heapPagesMax, wasmPageBytes } from './contract.ts';
import { detectFeatures } from './features.ts';
import { hostLimits, moduleLimits } from './limits.ts';
import type { ModuleShape } from './module-shape.ts';
import { toCompilable } from './output.ts';
import { adviceFor, refuseInstrumentation, refuseInvalid, refuseModule, refuseSection } from './refusal.ts';
import { nameOfType, valueTypes } from './value-types.ts';

export function assertCodeSize(shape: ModuleShape): void {
  if (shape.codeBytes <= moduleLimits.codeSectionBytes) return;
  refuseModule(
    `Wasm module code section size of ${shape.codeBytes} exceeds the maximum allowed size of ${moduleLimits.codeSectionBytes}.`,
    adviceFor(
      'Try shrinking the module code section using tools like `ic-wasm` or splitting the logic across multiple canisters.',
      'wasm-module-code-section-too-large',
    ),
  );
}

/** What V8 says of the module as uploaded. */
export function assertWellFormed(shape: ModuleShape): void {
  assertRunnable(shape);
  const bytes = toCompilable(shape.bytes);
  if (WebAssembly.validate(bytes)) return;
  try {
    new WebAssembly.Module(bytes);
  } catch (error) {
    refuseInvalid(error instanceof Error ? error.message : String(error));
  }
  refuseInvalid('an unknown error');
}

/** 64-bit memories and tables are part of the Internet Computer, but not of every Node. */
function assertRunnable(shape: ModuleShape): void {
  const features = detectFeatures();
  if (shape.memories.some(({ width }) => width === 64) && !features.memory64) {
    refuseModule(
      `the module has a 64-bit memory, which this Node (${process.version}) cannot run: it needs Node 22 or newer.`,
      'Start the replica with Node 24, or build the canister for a 32-bit memory.',
    );
  }
  if (shape.tables.some(({ width }) => width === 64) && !features.table64) {
    refuseModule(
      `the module has a 64-bit table, which this Node (${process.version}) cannot run: it needs Node 24 or newer.`,
      'Start the replica with Node 24, or build the canister for a 32-bit memory.',
    );
  }
}

export function assertData(shape: ModuleShape): void {
  const memory = shape.memories[0];
  for (const { offset, content } of shape.data) {
    if (offset === null) continue;
    const wanted = memory?.width === 64 ? 'i64' : 'i32';
    if (offset.kind !== 'i32' && offset.kind !== 'i64') {
      refuseSection(
        'data',
        `Invalid offset expression in data segment for ${wanted.slice(1)}bit memory: ${offset.kind}`,
      );
    }
    const start = BigInt.asUintN(offset.kind === 'i32' ? 32 : 64, offset.value);
    const length = content.end - content.start;
    if (start + BigInt(length) > BigInt(memory?.initial ?? 0) * BigInt(wasmPageBytes)) {
      refuseInstrumentation(`Wasm module has invalid data segment of ${length} bytes at ${start}`);
    }
  }
}

export function assertGlobals(shape: ModuleShape): void {
  for (const { type } of shape.globals) {
    if (type === valueTypes.funcref || type === valueTypes.externref) {
      refuseSection('global', `Unsupported global type: ${nameOfType(type)}`);
    }
  }
}

export function assertMemory(shape: ModuleShape): void {
  const memory = shape.memories[0];
  if (memory === undefined) return;
  const allowed = heapPagesMax[memory.width];
  if (memory.width === 64 && memory.maximum !== null && memory.maximum > allowed) refuseMemory(memory.maximum, allowed);
  if (memory.initial > allowed) refuseMemory(memory.initial, allowed);
}

function refuseMemory(defined: number, allowed: number): never {
  refuseModule(
    `Wasm module defined memory size of ${defined} pages exceeds the maximum allowed size of ${allowed} pages.`,
  );
}

/** Tables cannot change after instantiation, so their first state is their only one. */
export function assertTables(shape: ModuleShape): void {
  const entries = shape.tables.reduce((sum, { initial }) => sum + initial, 0);
  if (entries > hostLimits.tableEntries) {
    refuseInvalid(`tables of ${entries} entries exceed the limit of ${hostLimits.tableEntries}`);
  }
  for (const { mode, table, offset, items } of shape.elements) {
    if (mode !== 'active' || (offset?.kind !== 'i32' && offset?.kind !== 'i64')) continue;
    const start = BigInt.asUintN(offset.kind === 'i32' ? 32 : 64, offset.value);
    if (start + BigInt(items.length) > BigInt(shape.tables[table]?.initial ?? 0)) {
      refuseInstrumentation(`Wasm module has an element segment of ${items.length} items at ${start} beyond its table`);
    }
  }
}

/** Names that DFINITY's replica and ours give to exports of their own. */
const reservedNames: ReadonlySet<string> = new Set([
  'canister counter_instructions',
  'canister_start',
  'canister counter_dirty_pages',
  'canister counter_accessed_pages',
  'stable_memory',
  'stable_memory_bytemap',
]);

export function assertExportNames(shape: ModuleShape): void {
  const ours: ReadonlySet<string> = new Set(Object.values(exportNames));
  for (const { name } of shape.exports) {
    if (reservedNames.has(name) || ours.has(name)) {
      refuseSection('export', `Exporting reserved symbol ${name} not allowed.`);
    }
  }
}

export function utf8Length(text: string): number {
  return textToBytes(text).length;
}
