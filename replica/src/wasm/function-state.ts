// What is known while one function is rewritten: where we are in its text, what is charged so far, and what the values
// on the operand stack are. Reused from function to function.

import type { DecodedFunction } from './decoded-function.ts';
import { op } from './instructions.ts';
import { createOutput, type Output, writeByte, writeSigned, writeUnsigned } from './output.ts';
import type { RewriteContext } from './rewrite-context.ts';

export interface FunctionState {
  readonly context: RewriteContext;
  readonly code: DecodedFunction;
  readonly out: Output;
  paramCount: number;
  /** Local that holds the fuel: the last parameter. */
  fuelLocal: number;
  /** Locals added so far: type of each, in order, behind the module's own. */
  readonly addedLocals: number[];
  /** Index of the added local of a kind, 0 if there is none yet. */
  readonly scratch: Int32Array;

  /** Where in `out` calls are counted: start, place of the weight, end. Taken out again if the function need not count. */
  readonly countPlaces: number[];
  /** Defined functions that are called by name. */
  readonly callees: number[];
  /** Whether there are calls through a table. */
  isOpen: boolean;

  /** Cost of blocks entered that the fuel local does not show yet. */
  pending: number;
  readonly labels: Labels;
  readonly operands: Operands;
  readonly marks: Marks;
  /** Rises with every assignment of a local. */
  localVersion: Int32Array;
  assignmentsSeen: Int32Array;
  /** The address below the value on the stack was put into the address scratch local. */
  addressHeld: boolean;
  /** The fuel was pushed before the table index of the call to come. */
  fuelPushed: boolean;
}

/** The enclosing blocks, outermost first; 0 is the function body. */
export interface Labels {
  depth: number;
  opcode: Uint8Array;
  type: Int32Array;
  flags: Uint8Array;
  /** `pending` that everybody brings who comes to this label; -1 while nobody has come. */
  agreed: Int32Array;
  /** Only for `if`: `pending` at its condition. */
  atCondition: Int32Array;
  /** Operands below the block. */
  height: Int32Array;
  /** Marks made before the block. */
  marks: Int32Array;
}

/** Each operand as local + addend, or as a constant. */
export interface Operands {
  height: number;
  /** The highest in this function so far. */
  heightMax: number;
  /** A local's index, or one of the two below. */
  base: Int32Array;
  addend: Int32Array;
  /** Version of the local when the operand was pushed. */
  version: Int32Array;
}
export const unknownBase = -1;
export const constantBase = -2;

/** Addresses known to be marked on every way that leads here. */
export interface Marks {
  count: number;
  base: Int32Array;
  version: Int32Array;
  addend: Int32Array;
}

/** Nesting and operand depth are bounded by the instruction limit, so these grow with the decoded function. */
export function createFunctionState(context: RewriteContext, code: DecodedFunction): FunctionState {
  return {
    context,
    code,
    out: createOutput(65_536),
    paramCount: 0,
    fuelLocal: 0,
    addedLocals: [],
    scratch: new Int32Array(6),
    countPlaces: [],
    callees: [],
    isOpen: false,
    pending: 0,
    labels: createLabels(256),
    operands: {
      height: 0,
      heightMax: 0,
      base: new Int32Array(1024),
      addend: new Int32Array(1024),
      version: new Int32Array(1024),
    },
    marks: { count: 0, base: new Int32Array(256), version: new Int32Array(256), addend: new Int32Array(256) },
    localVersion: new Int32Array(1024),
    assignmentsSeen: new Int32Array(1024),
    addressHeld: false,
    fuelPushed: false,
  };
}

function createLabels(size: number): Labels {
  return {
    depth: 0,
    opcode: new Uint8Array(size),
    type: new Int32Array(size),
    flags: new Uint8Array(size),
    agreed: new Int32Array(size),
    atCondition: new Int32Array(size),
    height: new Int32Array(size),
    marks: new Int32Array(size),
  };
}

export function resetFunctionState(state: FunctionState, paramCount: number): void {
  state.out.length = 0;
  state.paramCount = paramCount;
  state.fuelLocal = paramCount;
  state.addedLocals.length = 0;
  state.scratch.fill(0);
  state.countPlaces.length = 0;
  state.callees.length = 0;
  state.isOpen = false;
  state.pending = 0;
  state.labels.depth = 0;
  state.operands.height = 0;
  state.operands.heightMax = 0;
  state.marks.count = 0;
  state.addressHeld = false;
  state.fuelPushed = false;
  const { localCount } = state.code;
  if (state.localVersion.length < localCount) {
    state.localVersion = new Int32Array(localCount * 2);
    state.assignmentsSeen = new Int32Array(localCount * 2);
  }
  state.localVersion.fill(0, 0, localCount);
  state.assignmentsSeen.fill(0, 0, localCount);
}

export function growLabels(labels: Labels): void {
  labels.opcode = doubledBytes(labels.opcode);
  labels.flags = doubledBytes(labels.flags);
  labels.type = doubled(labels.type);
  labels.agreed = doubled(labels.agreed);
  labels.atCondition = doubled(labels.atCondition);
  labels.height = doubled(labels.height);
  labels.marks = doubled(labels.marks);
}

export function growOperands(operands: Operands): void {
  operands.base = doubled(operands.base);
  operands.addend = doubled(operands.addend);
  operands.version = doubled(operands.version);
}

export function doubled(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function doubledBytes(array: Uint8Array): Uint8Array {
  const larger = new Uint8Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** One local of each kind is enough: none of them is needed across another instruction. */
export const scratchKinds = { address: 0, i32: 1, i64: 2, f32: 3, f64: 4, v128: 5 } as const;
const scratchTypes = { 32: [0x7f, 0x7f, 0x7e, 0x7d, 0x7c, 0x7b], 64: [0x7e, 0x7f, 0x7e, 0x7d, 0x7c, 0x7b] } as const;

export function scratchLocal(state: FunctionState, kind: number): number {
  const existing = state.scratch[kind]!;
  if (existing !== 0) return existing;
  const index = state.code.localCount + 1 + state.addedLocals.length;
  state.addedLocals.push(scratchTypes[state.context.width][kind]!);
  state.scratch[kind] = index;
  return index;
}

/** A local of the module: the fuel was put in after the parameters. */
export function movedLocal(state: FunctionState, index: number): number {
  return index < state.paramCount ? index : index + 1;
}

export function writeIndexed(out: Output, opcode: number, index: number): void {
  writeByte(out, opcode);
  writeUnsigned(out, index);
}

export function writeI64(out: Output, value: number): void {
  writeByte(out, op.i64Const);
  writeSigned(out, value);
}

export function pushOperand(operands: Operands, base: number, addend: number, version: number): void {
  const { height } = operands;
  if (height >= operands.base.length) growOperands(operands);
  operands.base[height] = base;
  operands.addend[height] = addend;
  operands.version[height] = version;
  operands.height = height + 1;
  if (height >= operands.heightMax) operands.heightMax = height + 1;
}

export function pushUnknown(operands: Operands, count: number): void {
  for (let i = 0; i < count; i++) pushOperand(operands, unknownBase, 0, 0);
}
