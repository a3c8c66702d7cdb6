// A live instance of a module: the Wasm that runs. Between executions it holds exactly one committed image, and it can
// be switched to another canister of the same module by copying only the pages in which the two differ.
import { assert } from '@tamc/base/assert';
import type { HeapImage } from '../state/canister.ts';
import type { FunctionReference } from '../state/message.ts';
import { createImports, type ImportFunction } from '../system-api/imports.ts';
import { growHeap } from '../system-api/memory-growth.ts';
import { exportNames, hostFunctions, hostModule, wasmPageBytes } from '../wasm/contract.ts';
import type { PreparedModule } from '../wasm/prepared-module.ts';
import { type Execution, type GuestMemory, Trap } from './execution.ts';
import { createGuestMemory } from './guest-memory.ts';
import { createHeapWindow, type HeapWindow } from './heap-window.ts';
import { commitPages, rollbackPages, switchPages } from './memory-sync.ts';
import { stackOverflow } from './outcome.ts';

/** What an execution runs on. */
export interface Guest {
  readonly width: 32 | 64;
  /** What the System API works for right now. */
  readonly current: { execution: Execution | null };
  readonly memory: GuestMemory;
  fuel(): bigint;
  refuel(instructions: bigint): void;
  /** Takes instructions for work that the host did; throws when they are not there. */
  burn(instructions: number): void;
  callExport(name: string): void;
  callFunction(reference: FunctionReference): void;
}

export interface LiveInstance extends Guest {
  readonly module: PreparedModule;
  readonly window: HeapWindow | null;
  /** The mutable globals, in the module's order. */
  readonly globals: readonly WebAssembly.Global[];
  /** The image it holds; null for a fresh one, which is all zero. */
  readonly image: HeapImage | null;
  /** Of the image, when the execution started. */
  readonly heapBytesAtStart: number;
  heapBytes(): number;
  /** Makes the image equal to the instance. */
  commit(): void;
  /** Makes the instance equal to the image; false when it cannot (memory has grown): then it must be thrown away. */
  rollback(): boolean;
  /** Becomes the instance of another image; false when it cannot (its memory is already larger). */
  switchTo(image: HeapImage): boolean;
  /** Bytes of memory it holds, for the hot set's budget. */
  residentBytes(): number;
}

interface Parts {
  readonly module: PreparedModule;
  readonly exports: WebAssembly.Exports;
  readonly window: HeapWindow | null;
  readonly fuel: WebAssembly.Global;
  readonly globals: readonly WebAssembly.Global[];
  image: HeapImage | null;
}

export function createInstance(module: PreparedModule): LiveInstance {
  const current: { execution: Execution | null } = { execution: null };
  const parts = instantiate(module, current);
  return {
    module,
    width: module.width,
    window: parts.window,
    globals: parts.globals,
    get image() {
      return parts.image;
    },
    current,
    memory: createGuestMemory(parts.window),
    get heapBytesAtStart() {
      return parts.image!.sizePages * wasmPageBytes;
    },
    heapBytes: () => parts.window?.heapBytes() ?? 0,
    fuel: () => parts.fuel.value as bigint,
    refuel: (instructions) => {
      parts.fuel.value = instructions;
    },
    burn: (instructions) => burnFuel(parts.fuel, instructions),
    callExport: (name) => exportedFunction(parts, name)(),
    callFunction: ({ tableIndex, environment }) => {
      if (!module.hasTable) throw new Trap('wasmTrap', 'indirect call to a function, but there is no table');
      exportedFunction(parts, exportNames.callback)(tableIndex, environment);
    },
    commit: () => commit(parts),
    rollback: () => rollback(parts),
    switchTo: (image) => switchTo(parts, image),
    residentBytes: () => parts.window?.residentBytes() ?? 0,
  };
}

function instantiate(module: PreparedModule, current: { execution: Execution | null }): Parts {
  const parts: { window: HeapWindow | null } = { window: null };
  const host = createHostFunctions(module, current, () => parts.window!.heapBytes()) as Record<
    string,
    WebAssembly.ImportValue
  >;
  const ic0 = createImports(module.importedFunctions, module.width, current) as Record<string, WebAssembly.ImportValue>;
  const { exports } = new WebAssembly.Instance(module.compile(), { ic0, [hostModule]: host });
  const memory = exports[exportNames.memory];
  if (memory instanceof WebAssembly.Memory) parts.window = createHeapWindow(memory, module.width);
  return {
    module,
    exports,
    window: parts.window,
    fuel: exports[exportNames.fuel] as WebAssembly.Global,
    globals: module.mutableGlobals.map(({ exportName }) => exports[exportName] as WebAssembly.Global),
    image: null,
  };
}

/** What rewriting imports besides the System API. */
export function createHostFunctions(
  module: PreparedModule,
  current: { readonly execution: Execution | null },
  heapBytes: () => number,
): Record<string, ImportFunction> {
  return {
    [hostFunctions.outOfFuel]: () => {
      throw new Trap('instructionLimit', 'instruction limit exceeded');
    },
    [hostFunctions.outOfStack]: () => {
      throw new Trap('wasmTrap', stackOverflow);
    },
    [hostFunctions.tryGrow]: (pages: number | bigint) => tryGrow(module, heapBytes(), current.execution!, pages),
  };
}

/** Asked before memory grows: 0 makes `memory.grow` answer -1. Growth that costs too much traps. */
function tryGrow(module: PreparedModule, heapBytes: number, execution: Execution, pages: number | bigint): number {
  const additional = typeof pages === 'number' ? pages >>> 0 : Number(BigInt.asUintN(64, pages));
  const before = heapBytes / wasmPageBytes;
  if (before + additional > module.memory!.maximumWasmPages) return 0;
  if (additional > 0) growHeap(execution, before, additional);
  return 1;
}

function exportedFunction(parts: Parts, name: string): (...args: (number | bigint)[]) => void {
  const exported = parts.exports[name];
  assert(typeof exported === 'function', `the module exports ${name}`);
  return exported as (...args: (number | bigint)[]) => void;
}

export function burnFuel(fuel: { value: number | bigint }, instructions: number): void {
  const left = (fuel.value as bigint) - BigInt(instructions);
  fuel.value = left;
  if (left < 0n) throw new Trap('instructionLimit', 'instruction limit exceeded');
}

function commit(parts: Parts): void {
  const image = parts.image!;
  if (parts.window !== null) {
    commitPages(parts.window, image.pages);
    image.sizePages = parts.window.heapBytes() / wasmPageBytes;
  }
  for (let i = 0; i < parts.globals.length; i++) image.globals[i] = parts.globals[i]!.value;
}

function rollback(parts: Parts): boolean {
  const image = parts.image!;
  if (parts.window !== null) {
    if (parts.window.heapBytes() !== image.sizePages * wasmPageBytes) return false;
    rollbackPages(parts.window, image.pages);
  }
  restoreGlobals(parts, image);
  return true;
}

function restoreGlobals(parts: Parts, image: HeapImage): void {
  for (let i = 0; i < parts.globals.length; i++) parts.globals[i]!.value = image.globals[i];
}

function switchTo(parts: Parts, image: HeapImage): boolean {
  const { window } = parts;
  if (window !== null) {
    if (!window.growTo(image.sizePages * wasmPageBytes)) return false;
    switchPages(window, parts.image?.pages ?? null, image.pages);
  }
  restoreGlobals(parts, image);
  parts.image = image;
  return true;
}
