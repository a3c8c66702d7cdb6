// The functions that rewriting adds: one thunk per import, the helpers that code asked for, and the doors for the host.

import { assembleFunction, type Instruction } from './assemble-code.ts';
import {
  addressWords,
  createCopy,
  createFill,
  createGrow,
  createInit,
  createMarkBetween,
  takeFuel,
} from './bulk-functions.ts';
import { stackBytesMax } from './frame-weight.ts';
import {
  type AddedFunction,
  addedTypeIndex,
  fuelledTypeIndex,
  hostImports,
  movedFunction,
  type RewriteContext,
} from './rewrite-context.ts';
import type { ApiImport } from './validate-imports.ts';
import { valueTypes } from './value-types.ts';

const { i64 } = valueTypes;
const empty = -0x40;

/** Charges the price of the call, shows the fuel to the host, and takes what it left. */
export function createThunk(context: RewriteContext, index: number, { typeIndex, overhead }: ApiImport): AddedFunction {
  const fuel = context.types.takes[typeIndex]!;
  const code: Instruction[] = [
    ['local.get', fuel],
    ['i64.const', overhead],
    ['i64.sub'],
    ...takeFuel(context, fuel),
    ['local.get', fuel],
    ['global.set', context.fuelGlobal],
    ...Array.from({ length: fuel }, (_, param): Instruction => ['local.get', param]),
    ['call', index],
    ['global.get', context.fuelGlobal],
  ];
  return { typeIndex: fuelledTypeIndex(context.types, typeIndex), code: assembleFunction([], code) };
}

export function createHelper(context: RewriteContext, key: string): AddedFunction {
  const [name, argument] = key.split(' ');
  switch (name) {
    case 'outOfFuel':
      return createStop(context, hostImports(context).outOfFuel);
    case 'outOfStack':
      return createStop(context, hostImports(context).outOfStack);
    case 'grow':
      return createGrow(context);
    case 'markBetween':
      return createMarkBetween(context);
    case 'fill':
      return createFill(context);
    case 'copy':
      return createCopy(context);
    default:
      return createInit(context, Number(argument));
  }
}

/** `(fuel) -> ()`: shows the fuel to the host, which throws. */
function createStop(context: RewriteContext, hostImport: number): AddedFunction {
  const code: Instruction[] = [
    ['local.get', 0],
    ['global.set', context.fuelGlobal],
    ['call', hostImport],
    ['unreachable'],
  ];
  return { typeIndex: addedTypeIndex(context.types, [i64], []), code: assembleFunction([], code) };
}

/** An execution that trapped has given nothing back. */
function fillStack({ stackGlobal }: RewriteContext): Instruction[] {
  return [
    ['i32.const', stackBytesMax],
    ['global.set', stackGlobal],
  ];
}

/** `() -> ()` around a method, for the host to call. */
export function createDoor(context: RewriteContext, target: number): AddedFunction {
  const code: Instruction[] = [
    ...fillStack(context),
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
    ...fillStack(context),
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
