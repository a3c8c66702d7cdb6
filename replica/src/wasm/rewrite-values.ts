// Instructions without control: most are copied as they are, while what they leave on the operand stack is followed.

import { heapBaseBytes, wasmPageBytes } from './contract.ts';
import { pushFuel } from './fuel.ts';
import {
  constantBase,
  type FunctionState,
  movedLocal,
  pushOperand,
  pushUnknown,
  unknownBase,
  writeIndexed,
} from './function-state.ts';
import { rewriteGlobalGet, rewriteGlobalSet } from './globals.ts';
import { op } from './instructions.ts';
import { chooseNaN } from './not-a-number.ts';
import { givenBy, opcodes, takenBy } from './opcodes.ts';
import { copyRange, writeByte, writeSigned } from './output.ts';
import { movedFunction } from './rewrite-context.ts';
import { holdAddress, needsHeldAddress, storedKind, writeRaised } from './stores.ts';

export function copyInstruction(state: FunctionState, index: number): void {
  const { code, context } = state;
  copyRange(state.out, context.bytes, code.at[index]!, code.at[index + 1]!);
}

export function ruleCopy(state: FunctionState, index: number): void {
  copyInstruction(state, index);
  const opcode = state.code.opcode[index]!;
  const { operands } = state;
  operands.height -= takenBy[opcode]!;
  if (givenBy[opcode]! > 0) pushUnknown(operands, givenBy[opcode]!);
}

export function ruleOpenNaN(state: FunctionState, index: number): void {
  ruleCopy(state, index);
  chooseNaN(state, index);
}

/** Before a push: what the instruction after it needs below that value. */
function prepareForNext(state: FunctionState, index: number): void {
  const next = state.code.opcode[index + 1]!;
  if (storedKind[next]! > 0) {
    if (needsHeldAddress(state)) holdAddress(state);
  } else if (next === op.callIndirect) {
    pushFuel(state);
    state.fuelPushed = true;
  }
}

export function ruleConstant(state: FunctionState, index: number): void {
  prepareForNext(state, index);
  copyInstruction(state, index);
  const { code } = state;
  // Longer ones were not decoded.
  const isKnown = code.opcode[index] === op.i32Const || code.at[index + 1]! - code.at[index]! <= 5;
  pushOperand(state.operands, isKnown ? constantBase : unknownBase, code.immediate[index]!, 0);
}

export function ruleOtherConstant(state: FunctionState, index: number): void {
  prepareForNext(state, index);
  copyInstruction(state, index);
  pushUnknown(state.operands, 1);
}

export function ruleLocalGet(state: FunctionState, index: number): void {
  prepareForNext(state, index);
  const local = state.code.immediate[index]!;
  writeIndexed(state.out, op.localGet, movedLocal(state, local));
  pushOperand(state.operands, local, 0, state.localVersion[local]!);
}

export function ruleLocalSet(state: FunctionState, index: number): void {
  const local = state.code.immediate[index]!;
  writeIndexed(state.out, op.localSet, movedLocal(state, local));
  state.operands.height--;
  noteAssignment(state, local);
}

export function ruleLocalTee(state: FunctionState, index: number): void {
  const local = state.code.immediate[index]!;
  writeIndexed(state.out, op.localTee, movedLocal(state, local));
  noteAssignment(state, local);
  state.operands.height--;
  pushOperand(state.operands, local, 0, state.localVersion[local]!);
}

function noteAssignment(state: FunctionState, local: number): void {
  state.localVersion[local]!++;
  state.assignmentsSeen[local]!++;
}

export function ruleGlobalGet(state: FunctionState, index: number): void {
  rewriteGlobalGet(state, state.code.immediate[index]!);
  pushUnknown(state.operands, 1);
}

export function ruleGlobalSet(state: FunctionState, index: number): void {
  rewriteGlobalSet(state, state.code.immediate[index]!);
  state.operands.height--;
}

/** An address plus a constant stays traceable. */
export function ruleAdd(state: FunctionState, index: number): void {
  copyInstruction(state, index);
  const { operands } = state;
  const right = --operands.height;
  const left = right - 1;
  if (left < 0) return;
  if (operands.base[left] === constantBase) exchangeOperands(state, left, right);
  const sum = operands.addend[left]! + operands.addend[right]!;
  if (operands.base[right] !== constantBase || sum !== (sum | 0)) operands.base[left] = unknownBase;
  else operands.addend[left] = sum;
}

function exchangeOperands({ operands }: FunctionState, left: number, right: number): void {
  for (const field of [operands.base, operands.addend, operands.version]) {
    const kept = field[left]!;
    field[left] = field[right]!;
    field[right] = kept;
  }
}

export function ruleLoad(state: FunctionState, index: number): void {
  writeRaised(state, index);
  const opcode = state.code.opcode[index]!;
  state.operands.height -= takenBy[opcode]!;
  pushUnknown(state.operands, 1);
}

export function ruleMemorySize(state: FunctionState, index: number): void {
  const { width } = state.context;
  copyInstruction(state, index);
  writeByte(state.out, width === 64 ? op.i64Const : op.i32Const);
  writeSigned(state.out, heapBaseBytes[width] / wasmPageBytes);
  writeByte(state.out, width === 64 ? op.i64Sub : op.i32Sub);
  pushUnknown(state.operands, 1);
}

/** Segments are never really dropped: a flag says so, and the host keeps it like any other global. */
export function ruleDataDrop(state: FunctionState, index: number): void {
  writeByte(state.out, op.i32Const);
  writeSigned(state.out, 1);
  writeIndexed(state.out, op.globalSet, state.context.dropBase + state.code.immediate[index]!);
}

export function ruleRefFunc(state: FunctionState, index: number): void {
  const target = state.code.immediate[index]!;
  state.context.referenced.add(target);
  writeIndexed(state.out, opcodes.get('ref.func')!, movedFunction(state.context, target));
  pushUnknown(state.operands, 1);
}

/** Nothing can be done with an element segment, so nothing happens when one is dropped. */
export function ruleNothing(): void {}
