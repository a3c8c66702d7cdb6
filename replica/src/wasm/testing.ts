// For the tests of this folder: a module from its text, run as it is written and as it is rewritten, side by side.

import { assert } from '@tamc/base/assert';
import type { Result } from '@tamc/base/result';
import createWabt from 'wabt';
import { exportNames, heapBaseBytes, hostFunctions, hostModule, spillBytes, trackedPageBytes } from './contract.ts';
import { prepareModule } from './prepare.ts';
import type { ApiSignature, ApiSignatures, PreparedModule } from './prepared-module.ts';
import type { ModuleRefusal } from './refusal.ts';

const features = {
  simd: true,
  multi_value: true,
  bulk_memory: true,
  reference_types: true,
  tail_call: true,
  sign_extension: true,
  sat_float_to_int: true,
  mutable_globals: true,
  memory64: true,
  extended_const: true,
  exceptions: true,
  threads: true,
};

let wabt: Awaited<ReturnType<typeof createWabt>> | null = null;

/** WebAssembly text to bytes. What the tests call a valid module is V8's to judge, not this parser's. */
export async function parseWat(text: string): Promise<Uint8Array<ArrayBuffer>> {
  wabt ??= await createWabt();
  const module = wabt.parseWat('test.wat', text, features);
  try {
    return new Uint8Array(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}

/** A System API of the tests' own: `note` shows a number to the host, the others are there to be imported. */
export const testOverhead = 500;
const testApi: Readonly<Record<string, ApiSignature>> = {
  note: { params: ['i64'], results: [], overhead: testOverhead },
  answer: { params: ['i32', 'i64'], results: ['i64'], overhead: 1500 },
  msg_reply: { params: [], results: [], overhead: testOverhead },
  performance_counter: { params: ['i32'], results: ['i64'], overhead: 200 },
};
export const testSignatures: ApiSignatures = (name) => testApi[name] ?? null;

export function prepareBytes(bytes: Uint8Array): Result<PreparedModule, ModuleRefusal> {
  return prepareModule(bytes, testSignatures);
}

export async function prepareWat(text: string): Promise<PreparedModule> {
  const prepared = prepareBytes(await parseWat(text));
  assert(prepared.ok, `refused: ${prepared.ok ? '' : prepared.error.message}`);
  return prepared.value;
}

export async function refusalOf(text: string): Promise<string> {
  const prepared = prepareBytes(await parseWat(text));
  assert(!prepared.ok, 'the module should have been refused');
  return prepared.error.message;
}

export class OutOfFuel extends Error {}
export class OutOfStack extends Error {}

/** What a run of a module left behind. `trap` is null when it returned. */
export interface Run {
  readonly trap: unknown;
  /** Numbers given to `note`, each with the fuel used at that moment (only when rewritten). */
  readonly notes: readonly { readonly value: bigint; readonly used: bigint }[];
  /** Names of all System API functions called, in order. */
  readonly apiCalls: readonly string[];
}

/** What the System API of the tests keeps. */
interface Log {
  notes: { value: bigint; used: bigint }[];
  apiCalls: string[];
  onNote: () => void;
}

export interface TestInstance {
  /** The canister's memory, without the dirty map. */
  heap(): Uint8Array;
  /** By export name in the original, by index in the rewritten module. */
  global(name: string | number): WebAssembly.Global;
  run(name: string, fuel?: bigint, onNote?: () => void): Run & { used: bigint };
  callback(index: number | bigint, environment: number | bigint): Run;
}

export interface RewrittenInstance extends TestInstance {
  readonly exports: WebAssembly.Exports;
  fuel(): WebAssembly.Global;
  /** The dirty map; the host clears it. */
  map(): Uint8Array;
  /** What `try_grow` answers. */
  allowGrowth: boolean;
  /** Pages it was asked for, call by call. */
  readonly growthAsked: number[];
}

/** The module as written: its exports are called directly, memory must be exported as `memory`. */
export function instantiateOriginal(bytes: Uint8Array<ArrayBuffer>): TestInstance {
  const record = createRecord();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { ic0: createApi(record, () => 0n) });
  return {
    heap: () => new Uint8Array(memoryOf(exports, 'memory').buffer),
    global: (name) => globalOf(exports, String(name)),
    run: (name, _, onNote) => ({ ...collect(record, () => functionOf(exports, name)(), onNote), used: 0n }),
    callback: () => {
      throw new Error('only rewritten modules have a door for callbacks');
    },
  };
}

function createRecord(): Log {
  return { notes: [], apiCalls: [], onNote: () => {} };
}

function createApi(record: Log, used: () => bigint): Record<string, WebAssembly.ImportValue> {
  return {
    note: (value: bigint) => {
      record.apiCalls.push('note');
      record.notes.push({ value, used: used() });
      record.onNote();
    },
    answer: (a: number, b: bigint) => {
      record.apiCalls.push('answer');
      return BigInt(a) * 3n + b;
    },
    msg_reply: () => {},
    performance_counter: () => used(),
  };
}

export function instantiateRewritten(prepared: PreparedModule): RewrittenInstance {
  const base = heapBaseBytes[prepared.width];
  const record = createRecord();
  let limit = 0n;
  const fuel = (): WebAssembly.Global => globalOf(instance.exports, exportNames.fuel);
  const used = (): bigint => limit - BigInt(fuel().value);
  const host = {
    [hostFunctions.outOfFuel]: () => {
      throw new OutOfFuel();
    },
    [hostFunctions.outOfStack]: () => {
      throw new OutOfStack();
    },
    [hostFunctions.tryGrow]: (pages: number | bigint) => {
      self.growthAsked.push(Number(pages));
      return self.allowGrowth ? 1 : 0;
    },
  };
  const instance = new WebAssembly.Instance(prepared.compile(), { ic0: createApi(record, used), [hostModule]: host });
  const { exports } = instance;
  const memory = (): WebAssembly.Memory => memoryOf(exports, exportNames.memory);
  const refuel = (amount: bigint): void => {
    limit = amount;
    fuel().value = amount;
  };
  const self: RewrittenInstance = {
    exports,
    allowGrowth: true,
    growthAsked: [],
    fuel,
    heap: () => new Uint8Array(memory().buffer, base),
    map: () => new Uint8Array(memory().buffer, 0, base),
    global: (index) => globalOf(exports, prepared.mutableGlobals[Number(index)]!.exportName),
    run: (name, amount = 10n ** 12n, onNote) => {
      refuel(amount);
      const outcome = collect(record, () => functionOf(exports, name)(), onNote);
      return { ...outcome, used: used() };
    },
    callback: (index, environment) => {
      refuel(10n ** 12n);
      return collect(record, () => functionOf(exports, exportNames.callback)(index, environment));
    },
  };
  if (prepared.memory !== null) for (const { offset, bytes } of prepared.activeData) self.heap().set(bytes, offset);
  return self;
}

function collect(record: Log, call: () => void, onNote: () => void = () => {}): Run {
  record.notes = [];
  record.apiCalls = [];
  record.onNote = onNote;
  try {
    call();
    return { trap: null, notes: record.notes, apiCalls: record.apiCalls };
  } catch (trap) {
    return { trap, notes: record.notes, apiCalls: record.apiCalls };
  }
}

function memoryOf(exports: WebAssembly.Exports, name: string): WebAssembly.Memory {
  const memory = exports[name];
  assert(memory instanceof WebAssembly.Memory, `the module exports the memory ${name}`);
  return memory;
}

function globalOf(exports: WebAssembly.Exports, name: string): WebAssembly.Global {
  const global = exports[name];
  assert(global instanceof WebAssembly.Global, `the module exports the global ${name}`);
  return global;
}

function functionOf(exports: WebAssembly.Exports, name: string): (...args: (number | bigint)[]) => void {
  const found = exports[name];
  assert(typeof found === 'function', `the module exports the function ${name}`);
  return (...args) => {
    found(...args);
  };
}

/** Pages that changed although neither they nor, near the change, a neighbour is marked. */
export function findMissedPages(before: Uint8Array, after: Uint8Array, map: Uint8Array): number[] {
  const missed = new Set<number>();
  for (let i = 0; i < after.length; i++) {
    if (after[i] === (before[i] ?? 0)) continue;
    const page = Math.floor(i / trackedPageBytes);
    const within = i % trackedPageBytes;
    const isNearPrevious = within < spillBytes && page > 0 && map[page - 1] !== 0;
    const isNearNext = within >= trackedPageBytes - spillBytes && map[page + 1] !== 0;
    if (map[page] === 0 && !isNearPrevious && !isNearNext) missed.add(page);
  }
  return [...missed];
}

/** Numbers of the pages whose byte in the map is set. */
export function markedPages(instance: RewrittenInstance): number[] {
  const map = Buffer.from(instance.map());
  const pages: number[] = [];
  for (let page = map.indexOf(1); page >= 0; page = map.indexOf(1, page + 1)) pages.push(page);
  return pages;
}

/** Traps of WebAssembly by their text, which does not depend on rewriting. */
export function trapText(trap: unknown): string | null {
  if (trap === null) return null;
  return trap instanceof Error ? `${trap.constructor.name}: ${trap.message}` : String(trap);
}
