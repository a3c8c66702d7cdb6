// The table as WebAssembly sees it: the types of each import, and the functions that a module is instantiated with.
// A wrapper turns what comes over the boundary into unsigned values, checks the entry point and calls the handler.
import { AssertionError, assert } from '@tamc/base/assert';
import type { EntryPoint, Execution } from '../execution/execution.ts';
import { wrongEntryPoint } from './entry-points.ts';
import type { ApiFunction, Handler, Letter } from './signature.ts';
import { apiTable, apiTable32, apiTableExtra } from './table.ts';

type WasmType = 'i32' | 'i64';
type Value = number | bigint;

export interface ApiSignature {
  readonly params: readonly WasmType[];
  readonly results: readonly WasmType[];
  /** Instructions charged by the module itself before each call. */
  readonly overhead: number;
}

type FunctionsByName = ReadonlyMap<string, ApiFunction>;

const named = (entries: readonly ApiFunction[]): FunctionsByName =>
  new Map(entries.map((entry) => [entry.name, entry]));
const functions: Record<32 | 64, FunctionsByName> = {
  32: named([...apiTable, ...apiTableExtra, ...apiTable32]),
  64: named([...apiTable, ...apiTableExtra]),
};

/** Null when a module of this width may not import the name. */
export function apiSignature(name: string, width: 32 | 64): ApiSignature | null {
  const entry = functions[width].get(name);
  if (entry === undefined) return null;
  const wasmType = (letter: Letter): WasmType => (letter === 'i32' || letter === 'i64' ? letter : `i${width}`);
  return {
    params: entry.params.map(wasmType),
    results: entry.result === null ? [] : [wasmType(entry.result)],
    overhead: entry.overhead,
  };
}

/** What the wrappers work for right now; set before guest code is entered and cleared after. */
export interface CurrentExecution {
  execution: Execution | null;
}

/** Called by WebAssembly with the types of its signature. */
export type ImportFunction = (...args: never[]) => unknown;

/** Functions for the imports `names`, each of which must have a signature. */
export function createImports(
  names: readonly string[],
  width: 32 | 64,
  current: CurrentExecution,
): Record<string, ImportFunction> {
  const imports: Record<string, ImportFunction> = {};
  for (const name of names) {
    const entry = functions[width].get(name);
    assert(entry !== undefined, `validation lets no module import ic0.${name} with ${width}-bit memory`);
    imports[name] = createWrapper(entry, width, current);
  }
  return imports;
}

// --- values over the boundary ---------------------------------------------------------------------------------------

type Convert = (value: never) => Value;

const unsigned32 = (value: number) => value >>> 0;
const unsigned64 = (value: bigint) => BigInt.asUintN(64, value);
/** Sizes and addresses are counted in numbers. Beyond 2^53 they lose digits, but there they are out of bounds anyway. */
const unsigned64AsNumber = (value: bigint) => Number(BigInt.asUintN(64, value));
const unchanged = (value: Value) => value;

function converterOf(letter: Letter, width: 32 | 64): (value: Value) => Value {
  const pointer = width === 32 ? unsigned32 : unsigned64AsNumber;
  const converters: Record<Letter, Convert> = { I: pointer, i32: unsigned32, i64: unsigned64, env: unchanged };
  // WebAssembly passes an i32 as number and an i64 as bigint, so each converter gets what it is for.
  return converters[letter] as (value: Value) => Value;
}

/** A size is an i64 where memory is 64 bits wide. */
function widenResult(run: Handler): Handler {
  return (execution, ...args) => {
    const size = run(execution, ...args);
    assert(typeof size === 'number', 'a size is a number');
    return BigInt(size);
  };
}

// --- wrappers -------------------------------------------------------------------------------------------------------

/** Gives the execution that is running, after checking that it may call `entry`. */
function createGate(entry: ApiFunction, current: CurrentExecution): () => Execution {
  // One canister calls a function from the same few entry points over and over: remember the last that was allowed.
  let allowed: EntryPoint | null = null;
  return () => {
    const { execution } = current;
    if (execution === null) throw new AssertionError(`ic0.${entry.name} called while no execution runs`);
    if (execution.entryPoint !== allowed) {
      if (!entry.entryPoints.has(execution.entryPoint)) throw wrongEntryPoint(entry.name, execution);
      allowed = execution.entryPoint;
    }
    return execution;
  };
}

/** One shape per number of parameters, so that the hot path allocates no argument list. */
function createWrapper(entry: ApiFunction, width: 32 | 64, current: CurrentExecution): ImportFunction {
  const gate = createGate(entry, current);
  if (width === 32 && entry.params.every((letter) => letter === 'I' || letter === 'i32')) {
    return createPlainWrapper(entry, gate);
  }
  return createConvertingWrapper(entry, width, gate);
}

/** All parameters are 32-bit numbers: by far the most calls. */
function createPlainWrapper({ name, params, run }: ApiFunction, gate: () => Execution): ImportFunction {
  switch (params.length) {
    case 0:
      return () => run(gate());
    case 1:
      return (a: number) => run(gate(), a >>> 0);
    case 2:
      return (a: number, b: number) => run(gate(), a >>> 0, b >>> 0);
    case 3:
      return (a: number, b: number, c: number) => run(gate(), a >>> 0, b >>> 0, c >>> 0);
    case 4:
      return (a: number, b: number, c: number, d: number) => run(gate(), a >>> 0, b >>> 0, c >>> 0, d >>> 0);
    case 5:
      return (a: number, b: number, c: number, d: number, e: number) =>
        run(gate(), a >>> 0, b >>> 0, c >>> 0, d >>> 0, e >>> 0);
    default:
      return unsupported(name, params.length);
  }
}

function createConvertingWrapper(entry: ApiFunction, width: 32 | 64, gate: () => Execution): ImportFunction {
  const { name, params } = entry;
  const run = entry.result === 'I' && width === 64 ? widenResult(entry.run) : entry.run;
  const to = params.map((letter) => converterOf(letter, width));
  const [t0, t1, t2, t3, t4, t5, t6, t7] = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => to[index] ?? unchanged);
  switch (params.length) {
    case 0:
      return () => run(gate());
    case 1:
      return (a: Value) => run(gate(), t0(a));
    case 2:
      return (a: Value, b: Value) => run(gate(), t0(a), t1(b));
    case 3:
      return (a: Value, b: Value, c: Value) => run(gate(), t0(a), t1(b), t2(c));
    case 4:
      return (a: Value, b: Value, c: Value, d: Value) => run(gate(), t0(a), t1(b), t2(c), t3(d));
    case 5:
      return (a: Value, b: Value, c: Value, d: Value, e: Value) => run(gate(), t0(a), t1(b), t2(c), t3(d), t4(e));
    case 8:
      return (a: Value, b: Value, c: Value, d: Value, e: Value, f: Value, g: Value, h: Value) =>
        run(gate(), t0(a), t1(b), t2(c), t3(d), t4(e), t5(f), t6(g), t7(h));
    default:
      return unsupported(name, params.length);
  }
}

/** Reached only when the table gets a function of a new shape. */
function unsupported(name: string, count: number): never {
  throw new AssertionError(`no wrapper for ic0.${name} with ${count} parameters`);
}
