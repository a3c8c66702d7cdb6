// Rewrites a validated module: every function, then the functions, globals and exports that are added.

import { createCallbackDoor, createDoor, createHelper, createThunk } from './added-functions.ts';
import { exportNames } from './contract.ts';
import { decodeFunction } from './decode-function.ts';
import { createDecodedFunction, type DecodedFunction, flags } from './decoded-function.ts';
import { finishFunctions, type WrittenFunction } from './finish-functions.ts';
import { weighFrame } from './frame-weight.ts';
import type { FunctionState } from './function-state.ts';
import { noResult, op } from './instructions.ts';
import { hostLimits } from './limits.ts';
import type { ModuleShape } from './module-shape.ts';
import { createOutput, type Output, reserve, writeByte, writeUnsigned } from './output.ts';
import type { MutableGlobal } from './prepared-module.ts';
import { refuseInvalid } from './refusal.ts';
import {
  type AddedFunction,
  addedTypeIndex,
  createRewriteContext,
  helperIndex,
  type RewriteContext,
} from './rewrite-context.ts';
import { createFunctionRewriter } from './rewrite-function.ts';
import type { CanisterExports } from './validate-exports.ts';
import type { ApiImport } from './validate-imports.ts';
import { valueTypes } from './value-types.ts';
import { describeMutableGlobals } from './write-globals.ts';
import { type ModuleParts, writeModule } from './write-module.ts';

export interface RewrittenModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mutableGlobals: MutableGlobal[];
  readonly hasTable: boolean;
  readonly instructions: number;
}

export function rewriteModule(
  shape: ModuleShape,
  apiImports: readonly ApiImport[],
  exports: CanisterExports,
): RewrittenModule {
  // The data count section is there exactly when instructions use data segments.
  const context = createRewriteContext(shape, shape.dataCount !== null);
  helperIndex(context, 'outOfFuel');
  helperIndex(context, 'outOfStack');
  const { code, instructions } = rewriteFunctions(context);
  const added = apiImports.map((entry, index) => createThunk(context, index, entry));
  added.push(...createHelpers(context));
  const hasTable = shape.tables[0]?.referenceType === valueTypes.funcref;
  const doors = createDoors(context, exports, hasTable, added);
  const described = describeMutableGlobals(context);
  const bytes = writeModule({ context, code, added, exports: [...doors, ...stateExports(context, described)] });
  return { bytes, mutableGlobals: described.map(({ global }) => global), hasTable, instructions };
}

function rewriteFunctions(context: RewriteContext): { code: Output; instructions: number } {
  const { shape } = context;
  const decoded = createDecodedFunction();
  const rewriter = createFunctionRewriter(context, decoded);
  const code = createOutput(shape.codeBytes * 2 + 1024);
  const head = createOutput(1024);
  const { costs, importCount } = context;
  const decodeContext = { bytes: shape.bytes, costs, importCount, sharesVectors: sharesVectors(shape) };
  const written: WrittenFunction[] = [];
  let instructions = 0;
  for (const [index, body] of shape.bodies.entries()) {
    const typeIndex = shape.functions[index]!;
    decodeFunction(decodeContext, decoded, index, body.start, body.end, context.types.takes[typeIndex]!);
    rewriter.rewrite(typeIndex);
    instructions += decoded.count;
    written.push(appendFunction(context, code, head, decoded, rewriter.state, typeIndex));
  }
  return { code: finishFunctions(code, written), instructions };
}

function sharesVectors({ types, globals }: ModuleShape): boolean {
  const isVector = (type: number) => type === valueTypes.v128;
  return (
    globals.some(({ type }) => isVector(type)) ||
    types.some(({ params, results }) => params.some(isVector) || results.some(isVector))
  );
}

/** Locals and the body; if the body is jumped out of, in a block of its own. */
function appendFunction(
  context: RewriteContext,
  code: Output,
  head: Output,
  decoded: DecodedFunction,
  state: FunctionState,
  typeIndex: number,
): WrittenFunction {
  const { localGroups } = decoded;
  head.length = 0;
  reserve(head, 64 + (localGroups.end - localGroups.start) + 2 * state.addedLocals.length);
  writeUnsigned(head, localGroups.count + state.addedLocals.length);
  head.bytes.set(context.bytes.subarray(localGroups.start, localGroups.end), head.length);
  head.length += localGroups.end - localGroups.start;
  for (const type of state.addedLocals) {
    writeByte(head, 1);
    writeByte(head, type);
  }
  if (decoded.bodyFlags & flags.isTarget) writeBodyBlock(context, head, typeIndex);
  const length = head.length + state.out.length;
  if (length > hostLimits.rewrittenFunctionBytes)
    refuseInvalid(`a function of ${length} bytes, which is too large for this host`);
  reserve(code, length);
  const start = code.length;
  appendBytes(code, head);
  const bodyStart = code.length;
  appendBytes(code, state.out);
  return {
    start,
    end: code.length,
    countPlaces: state.countPlaces.map((place) => bodyStart + place),
    weight: decoded.hasCalls ? weighFrame(decoded, state.operands.heightMax) : 0,
    callees: [...new Set(state.callees)],
    isOpen: state.isOpen,
  };
}

function appendBytes(code: Output, part: Output): void {
  code.bytes.set(part.bytes.subarray(0, part.length), code.length);
  code.length += part.length;
}

function writeBodyBlock(context: RewriteContext, head: Output, typeIndex: number): void {
  const { results } = context.shape.types[typeIndex]!;
  writeByte(head, op.block);
  if (results.length === 0) writeByte(head, noResult);
  else if (results.length === 1) writeByte(head, results[0]!);
  else writeBlockType(head, addedTypeIndex(context.types, [], [...results]));
}

/** A type index as a signed number, which needs one bit more than an unsigned one. */
function writeBlockType(head: Output, index: number): void {
  let rest = index;
  while (rest > 0x3f) {
    writeByte(head, (rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  writeByte(head, rest);
}

/** Helpers may ask for more helpers while they are made. */
function createHelpers(context: RewriteContext): AddedFunction[] {
  const made: AddedFunction[] = [];
  for (const key of context.helpers.keys()) made.push(createHelper(context, key));
  return made;
}

type Exports = ModuleParts['exports'][number][];

/** Adds the functions by which the host enters to `added`, and gives their exports. */
function createDoors(
  context: RewriteContext,
  { kept }: CanisterExports,
  hasTable: boolean,
  added: AddedFunction[],
): Exports {
  const first = context.thunkBase;
  const doorOf = new Map<number, number>();
  const doorTo = (target: number): number => {
    let index = doorOf.get(target);
    if (index === undefined) {
      index = first + added.push(createDoor(context, target)) - 1;
      doorOf.set(target, index);
    }
    return index;
  };
  const exports: Exports = kept.map(({ name, index }) => ({ name, kind: 0, index: doorTo(index) }));
  if (context.shape.start !== null)
    exports.push({ name: exportNames.start, kind: 0, index: doorTo(context.shape.start) });
  if (hasTable) {
    const index = first + added.push(createCallbackDoor(context)) - 1;
    exports.push({ name: exportNames.callback, kind: 0, index });
  }
  return exports;
}

function stateExports(
  context: RewriteContext,
  described: readonly { index: number; global: MutableGlobal }[],
): Exports {
  const exports: Exports = described.map(({ index, global }) => ({ name: global.exportName, kind: 3, index }));
  exports.push({ name: exportNames.fuel, kind: 3, index: context.fuelGlobal });
  if (context.shape.memories.length > 0) exports.push({ name: exportNames.memory, kind: 2, index: 0 });
  return exports;
}
