// The functions that rewriting adds: one thunk per import, the helpers that code asked for, and the doors for the host.

import { assembleFunction, type Instruction } from './assemble-code.ts';
import { heapBaseBytes, heapPagesMax, trackedPageBytes, wasmPageBytes } from './contract.ts';
import {
  addedTypeIndex,
  fuelledTypeIndex,
  helperIndex,
  hostImportCount,
  movedFunction,
  type RewriteContext,
} from './rewrite-context.ts';
import type { ApiImport } from './validate-imports.ts';
import { valueTypes } from './value-types.ts';

export interface AddedFunction {
  readonly typeIndex: number;
  readonly code: Uint8Array;
}

const { i32, i64 } = valueTypes;
const empty = -0x40;
const pageShift = Math.log2(trackedPageBytes);

/** The host's imports: `out_of_fuel` and `try_grow`. */
export function hostImports(context: RewriteContext): { outOfFuel: number; tryGrow: number } {
  return { outOfFuel: context.importCount, tryGrow: context.importCount + hostImportCount - 1 };
}

/** Charges the price of the call, shows the fuel to the host, and takes what it left. */
export function createThunk(context: RewriteContext, index: number, { typeIndex, overhead }: ApiImport): AddedFunction {
  const fuel = context.types.takes[typeIndex]!;
  const code: Instruction[] = [
    ['local.get', fuel],
    ['i64.const', overhead],
    ['i64.sub'],
    ...showFuel(context, fuel),
    ...Array.from({ length: fuel }, (_, param): Instruction => ['local.get', param]),
    ['call', index],
    ['global.get', context.fuelGlobal],
  ];
  return { typeIndex: fuelledTypeIndex(context.types, typeIndex), code: assembleFunction([], code) };
}

/** Takes new fuel from the stack; stops when there is none, else puts it into its local and its global. */
function showFuel(context: RewriteContext, fuel: number): Instruction[] {
  return [
    ['local.tee', fuel],
    ['i64.const', 0],
    ['i64.lt_s'],
    ['if', empty],
    ['local.get', fuel],
    ['call', helperIndex(context, 'outOfFuel')],
    ['end'],
    ['local.get', fuel],
    ['global.set', context.fuelGlobal],
  ];
}

export function createHelper(context: RewriteContext, key: string): AddedFunction {
  const [name, argument] = key.split(' ');
  switch (name) {
    case 'outOfFuel':
      return createOutOfFuel(context);
    case 'grow':
      return createGrow(context);
    case 'mark':
      return createMark(context);
    case 'fill':
      return createFill(context);
    case 'copy':
      return createCopy(context);
    default:
      return createInit(context, Number(argument));
  }
}

function createOutOfFuel(context: RewriteContext): AddedFunction {
  const code: Instruction[] = [
    ['local.get', 0],
    ['global.set', context.fuelGlobal],
    ['call', hostImports(context).outOfFuel],
    ['unreachable'],
  ];
  return { typeIndex: addedTypeIndex(context.types, [i64], []), code: assembleFunction([], code) };
}

/** The words of instructions that depend on the width of addresses. */
function addressWords({ width }: RewriteContext) {
  const name = width === 64 ? 'i64' : 'i32';
  const word = (suffix: string, ...immediates: number[]): Instruction => [`${name}.${suffix}`, ...immediates];
  return { word, type: width === 64 ? i64 : i32, base: heapBaseBytes[width] };
}

/** `(pages, fuel) -> (old size or -1, fuel)`: asks the host once it is clear that the memory's own limit allows it. */
function createGrow(context: RewriteContext): AddedFunction {
  const { word, type, base } = addressWords(context);
  const basePages = base / wasmPageBytes;
  const code: Instruction[] = [
    ['local.get', 1],
    ['global.set', context.fuelGlobal],
    ['block', empty],
    ['local.get', 0],
    word('const', memoryPagesMax(context) + basePages),
    ['memory.size', 0],
    word('sub'),
    word('gt_u'),
    ['br_if', 0],
    ['local.get', 0],
    ['call', hostImports(context).tryGrow],
    ['i32.eqz'],
    ['br_if', 0],
    ['local.get', 0],
    ['memory.grow', 0],
    ['local.tee', 0],
    word('const', -1),
    word('eq'),
    ['br_if', 0],
    ['local.get', 0],
    word('const', basePages),
    word('sub'),
    ['global.get', context.fuelGlobal],
    ['return'],
    ['end'],
    word('const', -1),
    ['global.get', context.fuelGlobal],
  ];
  return { typeIndex: addedTypeIndex(context.types, [type, i64], [type, i64]), code: assembleFunction([], code) };
}

export function memoryPagesMax({ shape }: RewriteContext): number {
  const memory = shape.memories[0]!;
  const cap = heapPagesMax[memory.width];
  return Math.min(memory.maximum ?? cap, cap);
}

/** `(address, length)`: marks every page of a range that is known to be in bounds. */
function createMark(context: RewriteContext): AddedFunction {
  const { word, type } = addressWords(context);
  const [start, length] = [0, 1];
  const code: Instruction[] = [
    ['local.get', length],
    word('eqz'),
    ['if', empty],
    ['return'],
    ['end'],
    // length := last page, start := first page
    ['local.get', start],
    ['local.get', length],
    word('add'),
    word('const', 1),
    word('sub'),
    word('const', pageShift),
    word('shr_u'),
    ['local.set', length],
    ['local.get', start],
    word('const', pageShift),
    word('shr_u'),
    ['local.tee', start],
    ['i32.const', 1],
    ['i32.store8', 0, 0],
    ['local.get', start],
    ['local.get', length],
    word('ne'),
    ['if', empty],
    ['local.get', start],
    ['i32.const', 1],
    ['local.get', length],
    ['local.get', start],
    word('sub'),
    word('const', 1),
    word('add'),
    ['memory.fill', 0],
    ['end'],
  ];
  return { typeIndex: addedTypeIndex(context.types, [type, type], []), code: assembleFunction([], code) };
}

/** Charges for the length in local `length` (of address width unless it is `i32`), and shows the fuel. */
function chargeLength(context: RewriteContext, length: number, fuel: number, isI32: boolean): Instruction[] {
  if (isI32) {
    return [['local.get', fuel], ['local.get', length], ['i64.extend_i32_u'], ['i64.sub'], ...showFuel(context, fuel)];
  }
  // A length of 2^63 or more would add to the fuel: it is taken for the largest that does not.
  return [
    ['local.get', fuel],
    ['local.get', length],
    ['i64.const', -1],
    ['i64.const', 1],
    ['i64.shr_u'],
    ['local.get', length],
    ['i64.const', 0],
    ['i64.ge_s'],
    ['select'],
    ['i64.sub'],
    ...showFuel(context, fuel),
  ];
}

/** Traps as an access out of bounds if the address plus the size of the map would leave the address space. */
function assertAddress(context: RewriteContext, address: number): Instruction[] {
  const { word, base } = addressWords(context);
  return [
    ['local.get', address],
    word('const', -1 - base),
    word('gt_u'),
    ['if', empty],
    ...trapOutOfBounds(context),
    ['end'],
  ];
}

function trapOutOfBounds(context: RewriteContext): Instruction[] {
  const { word } = addressWords(context);
  return [word('const', -1), ['i32.load8_u', 0, 0], ['drop']];
}

function raised(context: RewriteContext, address: number): Instruction[] {
  const { word, base } = addressWords(context);
  return [['local.get', address], word('const', base), word('add')];
}

function markRange(context: RewriteContext, start: number, length: Instruction[]): Instruction[] {
  return [['local.get', start], ...length, ['call', helperIndex(context, 'mark')]];
}

/** `(to, value, length, fuel) -> fuel` */
function createFill(context: RewriteContext): AddedFunction {
  const { type } = addressWords(context);
  const [to, value, length, fuel] = [0, 1, 2, 3];
  const code: Instruction[] = [
    ...chargeLength(context, length, fuel, context.width === 32),
    ...assertAddress(context, to),
    ...raised(context, to),
    ['local.get', value],
    ['local.get', length],
    ['memory.fill', 0],
    ...markRange(context, to, [['local.get', length]]),
    ['local.get', fuel],
  ];
  return { typeIndex: addedTypeIndex(context.types, [type, i32, type, i64], [i64]), code: assembleFunction([], code) };
}

/** `(to, from, length, fuel) -> fuel` */
function createCopy(context: RewriteContext): AddedFunction {
  const { type } = addressWords(context);
  const [to, from, length, fuel] = [0, 1, 2, 3];
  const code: Instruction[] = [
    ...chargeLength(context, length, fuel, context.width === 32),
    ...assertAddress(context, to),
    ...assertAddress(context, from),
    ...raised(context, to),
    ...raised(context, from),
    ['local.get', length],
    ['memory.copy', 0, 0],
    ...markRange(context, to, [['local.get', length]]),
    ['local.get', fuel],
  ];
  return { typeIndex: addedTypeIndex(context.types, [type, type, type, i64], [i64]), code: assembleFunction([], code) };
}

/** `(to, from, length, fuel) -> fuel` for one data segment; a dropped one has length 0. */
function createInit(context: RewriteContext, segment: number): AddedFunction {
  const { type } = addressWords(context);
  const [to, from, length, fuel] = [0, 1, 2, 3];
  const lengthAsAddress: Instruction[] =
    context.width === 64 ? [['local.get', length], ['i64.extend_i32_u']] : [['local.get', length]];
  const code: Instruction[] = [
    ...chargeLength(context, length, fuel, true),
    ...assertAddress(context, to),
    ['global.get', context.dropBase + segment],
    ['if', empty],
    ['local.get', from],
    ['local.get', length],
    ['i32.or'],
    ['if', empty],
    ...trapOutOfBounds(context),
    ['end'],
    ['end'],
    ...raised(context, to),
    ['local.get', from],
    ['local.get', length],
    ['memory.init', segment, 0],
    ...markRange(context, to, lengthAsAddress),
    ['local.get', fuel],
  ];
  return { typeIndex: addedTypeIndex(context.types, [type, i32, i32, i64], [i64]), code: assembleFunction([], code) };
}

/** `() -> ()` around a method, for the host to call. */
export function createDoor(context: RewriteContext, target: number): AddedFunction {
  const code: Instruction[] = [
    ['global.get', context.fuelGlobal],
    ['call', movedFunction(context, target)],
    ['global.set', context.fuelGlobal],
  ];
  return { typeIndex: addedTypeIndex(context.types, [], []), code: assembleFunction([], code) };
}

/** `(table index, environment) -> ()`, both of address width. */
export function createCallbackDoor(context: RewriteContext): AddedFunction {
  const { type } = addressWords(context);
  const [index, environment] = [0, 1];
  const code: Instruction[] = [
    ['local.get', environment],
    ['global.get', context.fuelGlobal],
    ['local.get', index],
    ...tableIndexOf(context, index),
    ['call_indirect', addedTypeIndex(context.types, [type, i64], [i64]), 0],
    ['global.set', context.fuelGlobal],
  ];
  return { typeIndex: addedTypeIndex(context.types, [type, type], []), code: assembleFunction([], code) };
}

/** The index is of address width; the table may be of another. */
function tableIndexOf(context: RewriteContext, index: number): Instruction[] {
  const tableWidth = context.shape.tables[0]!.width;
  if (context.width === tableWidth) return [];
  if (tableWidth === 64) return [['i64.extend_i32_u']];
  return [
    ['i64.const', 32],
    ['i64.shr_u'],
    ['i64.eqz'],
    ['i32.eqz'],
    ['if', empty],
    ['unreachable'],
    ['end'],
    ['local.get', index],
    ['i32.wrap_i64'],
  ];
}
