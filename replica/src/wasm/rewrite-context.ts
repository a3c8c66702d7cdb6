// What rewriting a function needs to know of the whole module: where things moved to, and which additions it asked for.

import type { ModuleShape } from './module-shape.ts';
import { type FunctionType, type NumberType, valueTypes } from './value-types.ts';
import { costOf } from './weights.ts';

/**
 * Index spaces after rewriting.
 * Functions: imports, host imports, defined functions, one thunk per import, helpers in the order they were asked for.
 * Types: those of the module, the same with fuel as last parameter and last result, further ones.
 * Globals: those of the module, second halves of mutable vectors, drop flags, fuel, stack, constants in the order asked for.
 */
export interface RewriteContext {
  readonly shape: ModuleShape;
  readonly bytes: Uint8Array;
  readonly width: 32 | 64;
  readonly costs: Uint16Array;
  readonly importCount: number;
  readonly thunkBase: number;
  /** Helper functions by key; the value counts from the first helper. */
  readonly helpers: Map<string, number>;
  readonly types: TypeRegistry;
  /** How each global is kept: 0 as it is, otherwise as an integer; see `keptAs`. */
  readonly globalKept: Uint8Array;
  readonly globalHigh: Int32Array;
  /** First drop flag; one for each data segment if there are any drops. */
  readonly dropBase: number;
  readonly fuelGlobal: number;
  /** Bytes left of the stack. */
  readonly stackGlobal: number;
  /** Constants asked for; the value counts from the first one, which follows the stack. */
  readonly constants: Map<ConstantName, number>;
  /** Functions that `ref.func` names; they must be declared. */
  readonly referenced: Set<number>;
  readonly usesData: boolean;
}

/** The host's own imports, which stand behind those of the System API. */
export const hostImportCount = 3;

/** A function that is not in the uploaded module. */
export interface AddedFunction {
  readonly typeIndex: number;
  /** Its body with the length in front. */
  readonly code: Uint8Array;
}

export const keptAs = { itself: 0, i32: 1, i64: 2, pair: 3 } as const;

export type ConstantName = 'f32' | 'f64' | 'f32x4' | 'f64x2';

export interface TypeRegistry {
  readonly declared: readonly FunctionType[];
  /** Types beyond the declared ones and their fuelled forms. */
  readonly added: FunctionType[];
  /** Params and results of a type, as counts, for a fast look. */
  readonly takes: Uint16Array;
  readonly gives: Uint16Array;
}

export function createTypeRegistry(declared: readonly FunctionType[]): TypeRegistry {
  return {
    declared,
    added: [],
    takes: Uint16Array.from(declared, ({ params }) => params.length),
    gives: Uint16Array.from(declared, ({ results }) => results.length),
  };
}

/** The same type with fuel handed in and back as the last value. */
export function fuelledType({ params, results }: FunctionType): FunctionType {
  return { params: Uint8Array.of(...params, valueTypes.i64), results: Uint8Array.of(...results, valueTypes.i64) };
}

export function fuelledTypeIndex(types: TypeRegistry, index: number): number {
  return types.declared.length + index;
}

export function addedTypeIndex(types: TypeRegistry, params: readonly number[], results: readonly number[]): number {
  const wanted = { params: Uint8Array.from(params), results: Uint8Array.from(results) };
  let place = types.added.findIndex((type) => isSameType(type, wanted));
  if (place < 0) place = types.added.push(wanted) - 1;
  return 2 * types.declared.length + place;
}

function isSameType(a: FunctionType, b: FunctionType): boolean {
  return a.params.join() === b.params.join() && a.results.join() === b.results.join();
}

export function createRewriteContext(shape: ModuleShape, usesData: boolean): RewriteContext {
  const width = shape.memories[0]?.width ?? 32;
  const importCount = shape.imports.length;
  const globalKept = Uint8Array.from(shape.globals, ({ type, isMutable }) => (isMutable ? keepingOf(type) : 0));
  const globalHigh = new Int32Array(shape.globals.length).fill(-1);
  let next = shape.globals.length;
  for (const [index, kept] of globalKept.entries()) if (kept === keptAs.pair) globalHigh[index] = next++;
  const fuelGlobal = next + (usesData ? shape.data.length : 0);
  return {
    shape,
    bytes: shape.bytes,
    width,
    costs: costOf[width],
    importCount,
    thunkBase: importCount + hostImportCount + shape.functions.length,
    helpers: new Map(),
    types: createTypeRegistry(shape.types),
    globalKept,
    globalHigh,
    dropBase: next,
    fuelGlobal,
    stackGlobal: fuelGlobal + 1,
    constants: new Map(),
    referenced: new Set(),
    usesData,
  };
}

function keepingOf(type: number): number {
  if (type === valueTypes.f32) return keptAs.i32;
  if (type === valueTypes.f64) return keptAs.i64;
  return type === valueTypes.v128 ? keptAs.pair : keptAs.itself;
}

/** Where a function of the module is found after rewriting: an import by its thunk. */
export function movedFunction(context: RewriteContext, index: number): number {
  return index < context.importCount ? context.thunkBase + index : index + hostImportCount;
}

/** Index of a helper function, which is made because it was asked for. */
export function helperIndex(context: RewriteContext, key: string): number {
  let place = context.helpers.get(key);
  if (place === undefined) {
    place = context.helpers.size;
    context.helpers.set(key, place);
  }
  return context.thunkBase + context.importCount + place;
}

export function constantGlobal(context: RewriteContext, name: ConstantName): number {
  let place = context.constants.get(name);
  if (place === undefined) {
    place = context.constants.size;
    context.constants.set(name, place);
  }
  return context.stackGlobal + 1 + place;
}

export function typeOfFunction(context: RewriteContext, index: number): number {
  const { imports, functions } = context.shape;
  return index < context.importCount ? imports[index]!.typeIndex : functions[index - context.importCount]!;
}

export function typeCode(name: NumberType): number {
  return valueTypes[name];
}

export function hostImports({ importCount }: RewriteContext): {
  outOfFuel: number;
  outOfStack: number;
  tryGrow: number;
} {
  return { outOfFuel: importCount, outOfStack: importCount + 1, tryGrow: importCount + 2 };
}
