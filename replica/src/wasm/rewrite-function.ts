// Rewrites one decoded function: the text in order, each instruction by its own small rule.

import { heapBaseBytes, wasmPageBytes } from './contract.ts';
import { type DecodedFunction, flags } from './decode-function.ts';
import {
  checkAndShowFuel,
  enterBasicBlock,
  firstAgreement,
  popFuel,
  pushFuel,
  settleAll,
  settleFor,
  spillFuel,
} from './fuel.ts';
import {
  constantBase,
  createFunctionState,
  type FunctionState,
  growLabels,
  movedLocal,
  pushOperand,
  pushUnknown,
  resetFunctionState,
  scratchKinds,
  scratchLocal,
  unknownBase,
  writeIndexed,
} from './function-state.ts';
import { rewriteGlobalGet, rewriteGlobalSet } from './globals.ts';
import { op } from './instructions.ts';
import { chooseNaN, openNaN } from './not-a-number.ts';
import { givenBy, opcodes, takenBy } from './opcodes.ts';
import { copyRange, reserve, writeByte, writeSigned, writeUnsigned } from './output.ts';
import {
  fuelledTypeIndex,
  helperIndex,
  movedFunction,
  type RewriteContext,
  typeOfFunction,
} from './rewrite-context.ts';
import {
  forgetUnsettledMarks,
  holdAddress,
  needsHeldAddress,
  rewriteStore,
  storedKind,
  writeRaised,
} from './stores.ts';

type Rule = (state: FunctionState, index: number) => void;

/** Whether the text after an instruction can be reached, and where it goes on. */
export interface FunctionRewriter {
  readonly state: FunctionState;
  /** The body, without locals, in `state.out`. */
  rewrite(typeIndex: number): void;
}

export function createFunctionRewriter(context: RewriteContext, code: DecodedFunction): FunctionRewriter {
  const state = createFunctionState(context, code);
  return { state, rewrite: (typeIndex) => rewriteBody(state, typeIndex) };
}

function rewriteBody(state: FunctionState, typeIndex: number): void {
  const { code, context } = state;
  resetFunctionState(state, context.types.takes[typeIndex]!);
  openLabel(state, op.block, code.bodyFlags, typeIndex);
  enterBasicBlock(state, 0);
  if (code.hasCalls) checkAndShowFuel(state, code.totalCost);
  for (let index = 0; index < code.count; index++) {
    reserve(state.out, 128);
    const rule = rules[code.opcode[index]!]!;
    rule(state, index);
    if (isLeaving[code.opcode[index]!] === 1) index = skipUnreachable(state, index);
  }
}

const isLeaving = new Uint8Array(0x300);
for (const name of 'br br_table return unreachable return_call return_call_indirect'.split(' ')) {
  isLeaving[opcodes.get(name)!] = 1;
}

/** Goes to the end of the block, whose text is never reached from above: it was neither charged nor run. */
function skipUnreachable(state: FunctionState, left: number): number {
  const { opcode } = state.code;
  let nested = 0;
  for (let index = left + 1; ; index++) {
    const each = opcode[index]!;
    if (each >= op.block && each <= op.if) nested++;
    else if (nested === 0 && (each === op.else || each === op.end)) {
      closeUnreached(state, index);
      return index;
    } else if (each === op.end) nested--;
  }
}

function closeUnreached(state: FunctionState, index: number): void {
  reserve(state.out, 128);
  if (state.code.opcode[index] === op.else) beginElse(state, index);
  else closeLabel(state, index, false);
}

function copyInstruction(state: FunctionState, index: number): void {
  const { code, context } = state;
  copyRange(state.out, context.bytes, code.at[index]!, code.at[index + 1]!);
}

function ruleCopy(state: FunctionState, index: number): void {
  copyInstruction(state, index);
  const opcode = state.code.opcode[index]!;
  const { operands } = state;
  operands.height -= takenBy[opcode]!;
  if (givenBy[opcode]! > 0) pushUnknown(operands, givenBy[opcode]!);
}

function ruleOpenNaN(state: FunctionState, index: number): void {
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

function ruleConstant(state: FunctionState, index: number): void {
  prepareForNext(state, index);
  copyInstruction(state, index);
  const { code } = state;
  // Longer ones were not decoded.
  const isKnown = code.opcode[index] === op.i32Const || code.at[index + 1]! - code.at[index]! <= 5;
  pushOperand(state.operands, isKnown ? constantBase : unknownBase, code.immediate[index]!, 0);
}

function ruleOtherConstant(state: FunctionState, index: number): void {
  prepareForNext(state, index);
  copyInstruction(state, index);
  pushUnknown(state.operands, 1);
}

function ruleLocalGet(state: FunctionState, index: number): void {
  prepareForNext(state, index);
  const local = state.code.immediate[index]!;
  writeIndexed(state.out, op.localGet, movedLocal(state, local));
  pushOperand(state.operands, local, 0, state.localVersion[local]!);
}

function ruleLocalSet(state: FunctionState, index: number): void {
  const local = state.code.immediate[index]!;
  writeIndexed(state.out, op.localSet, movedLocal(state, local));
  state.operands.height--;
  noteAssignment(state, local);
}

function ruleLocalTee(state: FunctionState, index: number): void {
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

function ruleGlobalGet(state: FunctionState, index: number): void {
  rewriteGlobalGet(state, state.code.immediate[index]!);
  pushUnknown(state.operands, 1);
}

function ruleGlobalSet(state: FunctionState, index: number): void {
  rewriteGlobalSet(state, state.code.immediate[index]!);
  state.operands.height--;
}

/** An address plus a constant stays traceable. */
function ruleAdd(state: FunctionState, index: number): void {
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

function ruleLoad(state: FunctionState, index: number): void {
  writeRaised(state, index);
  const opcode = state.code.opcode[index]!;
  state.operands.height -= takenBy[opcode]!;
  pushUnknown(state.operands, 1);
}

function openLabel(state: FunctionState, opcode: number, labelFlags: number, type: number): void {
  const { labels, operands } = state;
  const place = labels.depth++;
  if (place + 1 >= labels.opcode.length) growLabels(labels);
  labels.opcode[place] = opcode;
  labels.flags[place] = labelFlags;
  labels.type[place] = type;
  labels.agreed[place] = firstAgreement(labelFlags);
  labels.height[place] = operands.height;
  labels.marks[place] = state.marks.count;
}

function openBlock(state: FunctionState, index: number): void {
  const type = state.code.immediate[index]!;
  const { operands } = state;
  const takes = type < 0 ? 0 : state.context.types.takes[type]!;
  operands.height -= takes;
  openLabel(state, state.code.opcode[index]!, state.code.flags[index]!, type);
  pushUnknown(operands, takes);
}

function ruleBlock(state: FunctionState, index: number): void {
  copyInstruction(state, index);
  openBlock(state, index);
}

function ruleLoop(state: FunctionState, index: number): void {
  const labelFlags = state.code.flags[index]!;
  if (labelFlags & flags.isTableTarget) settleAll(state);
  copyInstruction(state, index);
  openBlock(state, index);
  state.labels.agreed[state.labels.depth - 1] = state.pending;
  forgetUnsettledMarks(state);
  if (labelFlags & flags.isTarget) checkAndShowFuel(state, state.code.innerCost[index]!);
  enterBasicBlock(state, index + 1);
}

function ruleIf(state: FunctionState, index: number): void {
  const labelFlags = state.code.flags[index]!;
  const hasElse = (labelFlags & flags.hasElse) !== 0;
  if (!hasElse && labelFlags & flags.isTableTarget) settleAll(state);
  copyInstruction(state, index);
  state.operands.height--;
  openBlock(state, index);
  const place = state.labels.depth - 1;
  state.labels.atCondition[place] = state.pending;
  // Without an else, the way past the block comes with what is pending now.
  if (!hasElse) state.labels.agreed[place] = state.pending;
  enterBasicBlock(state, index + 1);
}

function ruleElse(state: FunctionState, index: number): void {
  settleFor(state, state.labels.depth - 1);
  beginElse(state, index);
}

function beginElse(state: FunctionState, index: number): void {
  const { labels, operands } = state;
  const place = labels.depth - 1;
  copyInstruction(state, index);
  state.pending = labels.atCondition[place]!;
  state.marks.count = labels.marks[place]!;
  operands.height = labels.height[place]!;
  const type = labels.type[place]!;
  pushUnknown(operands, type < 0 ? 0 : state.context.types.takes[type]!);
  enterBasicBlock(state, index + 1);
}

function ruleEnd(state: FunctionState, index: number): void {
  closeLabel(state, index, true);
}

function closeLabel(state: FunctionState, index: number, isReached: boolean): void {
  const { labels } = state;
  const place = labels.depth - 1;
  const opcode = labels.opcode[place]!;
  const labelFlags = labels.flags[place]!;
  if (opcode !== op.loop) {
    const isMet = (labelFlags & (flags.isTarget | flags.hasElse)) !== 0 || opcode === op.if;
    if (isReached && isMet) settleFor(state, place);
    if (isMet) {
      state.marks.count = labels.marks[place]!;
      state.pending = Math.max(0, labels.agreed[place]!);
    }
  }
  if (place === 0) closeBody(state, isReached);
  else leaveBlock(state, index, place);
}

function leaveBlock(state: FunctionState, index: number, place: number): void {
  const { labels, operands } = state;
  copyInstruction(state, index);
  labels.depth = place;
  operands.height = labels.height[place]!;
  const type = labels.type[place]!;
  pushUnknown(operands, type < 0 ? (type === emptyType ? 0 : 1) : state.context.types.gives[type]!);
  enterBasicBlock(state, index + 1);
}

const emptyType = 0x40 - 0x80;

/** A body that is jumped to stands in a block of its own, after which the fuel is added to the results. */
function closeBody(state: FunctionState, isReached: boolean): void {
  const isTarget = (state.labels.flags[0]! & flags.isTarget) !== 0;
  if (isTarget) writeByte(state.out, op.end);
  if (isTarget || isReached) pushFuel(state);
  writeByte(state.out, op.end);
}

function placeOfLabel(state: FunctionState, depth: number): number {
  return state.labels.depth - 1 - depth;
}

function ruleBr(state: FunctionState, index: number): void {
  settleFor(state, placeOfLabel(state, state.code.immediate[index]!));
  copyInstruction(state, index);
}

function ruleBrIf(state: FunctionState, index: number): void {
  settleFor(state, placeOfLabel(state, state.code.immediate[index]!));
  copyInstruction(state, index);
  state.operands.height--;
  enterBasicBlock(state, index + 1);
}

function ruleBrTable(state: FunctionState, index: number): void {
  settleAll(state);
  copyInstruction(state, index);
}

function ruleReturn(state: FunctionState, index: number): void {
  pushFuel(state);
  copyInstruction(state, index);
}

function ruleUnreachable(state: FunctionState, index: number): void {
  // After a call that never returns, the fuel has been shown where it stopped.
  const previous = index > 0 ? state.code.opcode[index - 1] : -1;
  if (previous !== op.call && previous !== op.callIndirect) spillFuel(state);
  copyInstruction(state, index);
}

function takeAndGive(state: FunctionState, type: number): void {
  const { takes, gives } = state.context.types;
  state.operands.height -= takes[type]!;
  pushUnknown(state.operands, gives[type]!);
}

function ruleCall(state: FunctionState, index: number): void {
  const target = state.code.immediate[index]!;
  pushFuel(state);
  writeIndexed(state.out, op.call, movedFunction(state.context, target));
  popFuel(state);
  takeAndGive(state, typeOfFunction(state.context, target));
}

function ruleReturnCall(state: FunctionState, index: number): void {
  pushFuel(state);
  writeIndexed(state.out, opcodes.get('return_call')!, movedFunction(state.context, state.code.immediate[index]!));
}

function ruleCallIndirect(state: FunctionState, index: number): void {
  writeIndirect(state, index);
  popFuel(state);
  state.operands.height--;
  takeAndGive(state, state.code.immediate[index]!);
}

/** The fuel goes between the arguments and the table index. */
function writeIndirect(state: FunctionState, index: number): void {
  const { code, context, out } = state;
  const table = tableOf(state, index);
  if (!state.fuelPushed) {
    const kept = scratchLocal(state, context.shape.tables[table]!.width === 64 ? scratchKinds.i64 : scratchKinds.i32);
    writeIndexed(out, op.localSet, kept);
    pushFuel(state);
    writeIndexed(out, op.localGet, kept);
  }
  state.fuelPushed = false;
  writeIndexed(out, code.opcode[index]!, fuelledTypeIndex(context.types, code.immediate[index]!));
  writeUnsigned(out, table);
}

/** The second immediate of an indirect call. */
function tableOf({ code, context }: FunctionState, index: number): number {
  let at = code.at[index]! + 1;
  while (context.bytes[at]! >= 0x80) at++;
  at++;
  let table = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = context.bytes[at++]!;
    table += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return table;
  }
}

/** Operations that take their length from the stack, and `memory.grow`, are functions of ours. */
function ruleHelper(key: (index: number) => string): Rule {
  return (state, index) => {
    pushFuel(state);
    writeIndexed(state.out, op.call, helperIndex(state.context, key(state.code.immediate[index]!)));
    popFuel(state);
    const opcode = state.code.opcode[index]!;
    state.operands.height -= takenBy[opcode]!;
    pushUnknown(state.operands, givenBy[opcode]!);
  };
}

function ruleMemorySize(state: FunctionState, index: number): void {
  const { width } = state.context;
  copyInstruction(state, index);
  writeByte(state.out, width === 64 ? op.i64Const : op.i32Const);
  writeSigned(state.out, heapBaseBytes[width] / wasmPageBytes);
  writeByte(state.out, width === 64 ? op.i64Sub : op.i32Sub);
  pushUnknown(state.operands, 1);
}

/** Segments are never really dropped: a flag says so, and the host keeps it like any other global. */
function ruleDataDrop(state: FunctionState, index: number): void {
  writeByte(state.out, op.i32Const);
  writeSigned(state.out, 1);
  writeIndexed(state.out, op.globalSet, state.context.dropBase + state.code.immediate[index]!);
}

function ruleRefFunc(state: FunctionState, index: number): void {
  const target = state.code.immediate[index]!;
  state.context.referenced.add(target);
  writeIndexed(state.out, opcodes.get('ref.func')!, movedFunction(state.context, target));
  pushUnknown(state.operands, 1);
}

/** Nothing can be done with an element segment, so nothing happens when one is dropped. */
function ruleNothing(): void {}

const rules: Rule[] = Array.from({ length: 0x300 }, () => ruleCopy);
for (const [opcode, kind] of openNaN.entries()) if (kind > 0) rules[opcode] = ruleOpenNaN;
for (const [opcode, kind] of storedKind.entries()) if (kind > 0) rules[opcode] = rewriteStore;
for (const [name, opcode] of opcodes) if (/\.load/.test(name)) rules[opcode] = ruleLoad;

const namedRules: readonly (readonly [string, Rule])[] = [
  ['i32.const i64.const', ruleConstant],
  ['f32.const f64.const v128.const', ruleOtherConstant],
  ['local.get', ruleLocalGet],
  ['local.set', ruleLocalSet],
  ['local.tee', ruleLocalTee],
  ['global.get', ruleGlobalGet],
  ['global.set', ruleGlobalSet],
  ['i32.add i64.add', ruleAdd],
  ['block', ruleBlock],
  ['loop', ruleLoop],
  ['if', ruleIf],
  ['else', ruleElse],
  ['end', ruleEnd],
  ['br', ruleBr],
  ['br_if', ruleBrIf],
  ['br_table', ruleBrTable],
  ['return', ruleReturn],
  ['unreachable', ruleUnreachable],
  ['call', ruleCall],
  ['return_call', ruleReturnCall],
  ['call_indirect', ruleCallIndirect],
  ['return_call_indirect', writeIndirect],
  ['memory.size', ruleMemorySize],
  ['memory.grow', ruleHelper(() => 'grow')],
  ['memory.fill', ruleHelper(() => 'fill')],
  ['memory.copy', ruleHelper(() => 'copy')],
  ['memory.init', ruleHelper((segment) => `init ${segment}`)],
  ['data.drop', ruleDataDrop],
  ['elem.drop', ruleNothing],
  ['ref.func', ruleRefFunc],
];
for (const [names, rule] of namedRules) for (const name of names.split(' ')) rules[opcodes.get(name)!] = rule;
