// The functions that stand for operations whose length is on the stack: `memory.fill`, `copy`, `init` and `grow`.
// Each takes the fuel as its last parameter, charges the length before anything else, and marks what it changes.

import { assembleFunction, type Instruction } from './assemble-code.ts';
import { heapBaseBytes, heapPagesMax, trackedPageBytes, wasmPageBytes } from './contract.ts';
import {
  type AddedFunction,
  addedTypeIndex,
  helperIndex,
  hostImports,
  type RewriteContext,
} from './rewrite-context.ts';
import { valueTypes } from './value-types.ts';

const { i32, i64 } = valueTypes;
const empty = -0x40;
const pageShift = Math.log2(trackedPageBytes);

/** The words of instructions that depend on the width of addresses. */
export function addressWords({ width }: RewriteContext) {
  const name = width === 64 ? 'i64' : 'i32';
  const word = (suffix: string, ...immediates: number[]): Instruction => [`${name}.${suffix}`, ...immediates];
  return { word, type: width === 64 ? i64 : i32, base: heapBaseBytes[width] };
}

/** Takes new fuel from the stack into its local, and stops when there is none left. */
export function takeFuel(context: RewriteContext, fuel: number): Instruction[] {
  return [
    ['local.tee', fuel],
    ['i64.const', 0],
    ['i64.lt_s'],
    ['if', empty],
    ['local.get', fuel],
    ['call', helperIndex(context, 'outOfFuel')],
    ['unreachable'],
    ['end'],
  ];
}

/** `(pages, fuel) -> (old size or -1, fuel)`: asks the host once it is clear that the memory's own limit allows it. */
export function createGrow(context: RewriteContext): AddedFunction {
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

/** Charges for the length in local `length`, which is of address width unless `isI32`. */
function chargeLength(context: RewriteContext, length: number, fuel: number, isI32: boolean): Instruction[] {
  const amount: Instruction[] = isI32 || context.width === 32 ? [['i64.extend_i32_u']] : boundedLength(length);
  return [['local.get', fuel], ['local.get', length], ...amount, ['i64.sub'], ...takeFuel(context, fuel)];
}

/** A length of 2^62 or more is out of bounds anyway, and must not wrap the fuel around. */
function boundedLength(length: number): Instruction[] {
  return [
    ['i64.const', 1],
    ['i64.const', 62],
    ['i64.shl'],
    ['local.get', length],
    ['i64.const', 62],
    ['i64.shr_u'],
    ['i64.eqz'],
    ['select'],
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
  return [word('const', -1), ['i32.load8_u', 0, 0], ['drop'], ['unreachable']];
}

function raised(context: RewriteContext, address: number): Instruction[] {
  const { word, base } = addressWords(context);
  return [['local.get', address], word('const', base), word('add')];
}

/**
 * Marks every page of a range that is known to be in bounds: the first and the last here, those between by a function.
 * Afterwards the locals `start` and `length` hold the first and the last page.
 */
function markRange(context: RewriteContext, start: number, length: number): Instruction[] {
  const { word } = addressWords(context);
  return [
    ['local.get', length],
    word('eqz'),
    ['i32.eqz'],
    ['if', empty],
    ...lastPage(context, start, length),
    ['local.tee', length],
    ['i32.const', 1],
    ['i32.store8', 0, 0],
    ['local.get', start],
    word('const', pageShift),
    word('shr_u'),
    ['local.tee', start],
    ['i32.const', 1],
    ['i32.store8', 0, 0],
    ['local.get', length],
    ['local.get', start],
    word('sub'),
    word('const', 1),
    word('gt_u'),
    ['if', empty],
    ['local.get', start],
    ['local.get', length],
    ['call', helperIndex(context, 'markBetween')],
    ['end'],
    ['end'],
  ];
}

function lastPage(context: RewriteContext, start: number, length: number): Instruction[] {
  const { word } = addressWords(context);
  return [
    ['local.get', start],
    ['local.get', length],
    word('add'),
    word('const', 1),
    word('sub'),
    word('const', pageShift),
    word('shr_u'),
  ];
}

/** `(first page, last page)` */
export function createMarkBetween(context: RewriteContext): AddedFunction {
  const { word, type } = addressWords(context);
  const [first, last] = [0, 1];
  const code: Instruction[] = [
    ['local.get', first],
    ['i32.const', 1],
    ['local.get', last],
    ['local.get', first],
    word('sub'),
    ['memory.fill', 0],
  ];
  return { typeIndex: addedTypeIndex(context.types, [type, type], []), code: assembleFunction([], code) };
}

/** `(to, value, length, fuel) -> fuel` */
export function createFill(context: RewriteContext): AddedFunction {
  const { type } = addressWords(context);
  const [to, value, length, fuel] = [0, 1, 2, 3];
  const code: Instruction[] = [
    ...chargeLength(context, length, fuel, false),
    ...assertAddress(context, to),
    ...raised(context, to),
    ['local.get', value],
    ['local.get', length],
    ['memory.fill', 0],
    ...markRange(context, to, length),
    ['local.get', fuel],
  ];
  return { typeIndex: addedTypeIndex(context.types, [type, i32, type, i64], [i64]), code: assembleFunction([], code) };
}

/** `(to, from, length, fuel) -> fuel` */
export function createCopy(context: RewriteContext): AddedFunction {
  const { type } = addressWords(context);
  const [to, from, length, fuel] = [0, 1, 2, 3];
  const code: Instruction[] = [
    ...chargeLength(context, length, fuel, false),
    ...assertAddress(context, to),
    ...assertAddress(context, from),
    ...raised(context, to),
    ...raised(context, from),
    ['local.get', length],
    ['memory.copy', 0, 0],
    ...markRange(context, to, length),
    ['local.get', fuel],
  ];
  return { typeIndex: addedTypeIndex(context.types, [type, type, type, i64], [i64]), code: assembleFunction([], code) };
}

/** `(to, from, length, fuel) -> fuel` for one data segment; a dropped one has length 0. */
export function createInit(context: RewriteContext, segment: number): AddedFunction {
  const { type } = addressWords(context);
  const [to, from, length, fuel, wideLength] = [0, 1, 2, 3, 4];
  const widened: Instruction[] = context.width === 64 ? [['i64.extend_i32_u']] : [];
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
    ['local.get', length],
    ...widened,
    ['local.set', wideLength],
    ...markRange(context, to, wideLength),
    ['local.get', fuel],
  ];
  const typeIndex = addedTypeIndex(context.types, [type, i32, i32, i64], [i64]);
  return { typeIndex, code: assembleFunction([type], code) };
}
