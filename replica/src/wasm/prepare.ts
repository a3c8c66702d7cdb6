// The one door of this folder: an uploaded module, any bytes at all, to a module our host can run, or a refusal.

import { bytesToHex } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { sha256 } from '../crypto/sha256.ts';
import { heapPagesMax } from './contract.ts';
import { inflateModule } from './inflate.ts';
import type { ModuleShape } from './module-shape.ts';
import { parseModule } from './parse-module.ts';
import type { ActiveData, ApiSignatures, KeptModule, PreparedModule } from './prepared-module.ts';
import { type ModuleRefusal, Refused } from './refusal.ts';
import { rewriteModule } from './rewrite-module.ts';
import { assertCodeSize, assertData, assertGlobals, assertMemory, assertTables, assertWellFormed } from './validate.ts';
import { validateCustomSections } from './validate-custom.ts';
import { validateExports } from './validate-exports.ts';
import { validateImports } from './validate-imports.ts';

export type { ApiSignature, ApiSignatures, KeptModule, PreparedModule } from './prepared-module.ts';
export type { ModuleRefusal } from './refusal.ts';

export function prepareModule(uploaded: Uint8Array, apiTable: ApiSignatures): Result<PreparedModule, ModuleRefusal> {
  try {
    return ok(prepare(uploaded, apiTable));
  } catch (thrown) {
    if (thrown instanceof Refused) return refuse(thrown.refusal);
    throw thrown;
  }
}

function prepare(uploaded: Uint8Array, apiTable: ApiSignatures): PreparedModule {
  const shape = parseModule(inflateModule(uploaded));
  const width = shape.memories[0]?.width ?? 32;
  assertCodeSize(shape);
  assertWellFormed(shape);
  const imports = validateImports(shape, width, apiTable);
  const exports = validateExports(shape);
  assertGlobals(shape);
  assertMemory(shape);
  assertData(shape);
  assertTables(shape);
  const customSections = validateCustomSections(shape);
  const rewritten = rewriteModule(shape, imports, exports);
  const hash = sha256(uploaded);
  return {
    hash,
    key: bytesToHex(hash),
    uploadedBytes: uploaded.length,
    rewritten: rewritten.bytes,
    compile: compileOnce(rewritten.bytes),
    width,
    memory: describeMemory(shape),
    methods: exports.methods,
    exports: exports.system,
    hasStart: shape.start !== null,
    hasTable: rewritten.hasTable,
    customSections,
    mutableGlobals: rewritten.mutableGlobals,
    activeData: activeDataOf(shape),
    importedFunctions: [...new Set(imports.map(({ name }) => name))],
    statistics: {
      functions: shape.functions.length,
      instructions: rewritten.instructions,
      codeBytes: shape.codeBytes,
    },
  };
}

/** What was prepared before, as it was kept. */
export function restorePrepared(kept: KeptModule): PreparedModule {
  return { ...kept, compile: compileOnce(Uint8Array.from(kept.rewritten)) };
}

function compileOnce(bytes: Uint8Array<ArrayBuffer>): () => WebAssembly.Module {
  let module: WebAssembly.Module | null = null;
  return () => {
    module ??= new WebAssembly.Module(bytes);
    return module;
  };
}

function describeMemory({ memories }: ModuleShape): PreparedModule['memory'] {
  const memory = memories[0];
  if (memory === undefined) return null;
  const cap = heapPagesMax[memory.width];
  return { initialWasmPages: memory.initial, maximumWasmPages: Math.min(memory.maximum ?? cap, cap) };
}

function activeDataOf({ data, bytes }: ModuleShape): ActiveData[] {
  const active: ActiveData[] = [];
  for (const { offset, content } of data) {
    if (offset === null || !('value' in offset) || content.start === content.end) continue;
    const start = BigInt.asUintN(offset.kind === 'i32' ? 32 : 64, offset.value);
    active.push({ offset: Number(start), bytes: bytes.slice(content.start, content.end) });
  }
  return active;
}
