// Blocks, loops, branches and ends: where ways part and meet, so that what is pending, marked and on the stack is known.

import { flags } from './decoded-function.ts';
import { checkAndShowFuel, enterBasicBlock, firstAgreement, pushFuelLeaving, settleAll, settleFor } from './fuel.ts';
import { type FunctionState, growLabels, pushUnknown } from './function-state.ts';
import { op } from './instructions.ts';
import { writeByte } from './output.ts';
import { copyInstruction } from './rewrite-values.ts';
import { forgetUnsettledMarks } from './stores.ts';

/** The immediate of a block that gives nothing. */
const emptyType = 0x40 - 0x80;

export function openLabel(state: FunctionState, opcode: number, labelFlags: number, type: number): void {
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

export function ruleBlock(state: FunctionState, index: number): void {
  copyInstruction(state, index);
  openBlock(state, index);
}

export function ruleLoop(state: FunctionState, index: number): void {
  const labelFlags = state.code.flags[index]!;
  if (labelFlags & flags.isTableTarget) settleAll(state);
  copyInstruction(state, index);
  openBlock(state, index);
  state.labels.agreed[state.labels.depth - 1] = state.pending;
  forgetUnsettledMarks(state);
  if (labelFlags & flags.isTarget) checkAndShowFuel(state, state.code.innerCost[index]!);
  enterBasicBlock(state, index + 1);
}

export function ruleIf(state: FunctionState, index: number): void {
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

export function ruleElse(state: FunctionState, index: number): void {
  settleFor(state, state.labels.depth - 1);
  beginElse(state, index);
}

export function beginElse(state: FunctionState, index: number): void {
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

export function ruleEnd(state: FunctionState, index: number): void {
  closeLabel(state, index, true);
}

export function closeLabel(state: FunctionState, index: number, isReached: boolean): void {
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

/** A body that is jumped to stands in a block of its own, after which the fuel is added to the results. */
function closeBody(state: FunctionState, isReached: boolean): void {
  const isTarget = (state.labels.flags[0]! & flags.isTarget) !== 0;
  if (isTarget) writeByte(state.out, op.end);
  if (isTarget || isReached) pushFuelLeaving(state);
  writeByte(state.out, op.end);
}

function placeOfLabel(state: FunctionState, depth: number): number {
  return state.labels.depth - 1 - depth;
}

export function ruleBr(state: FunctionState, index: number): void {
  settleFor(state, placeOfLabel(state, state.code.immediate[index]!));
  copyInstruction(state, index);
}

export function ruleBrIf(state: FunctionState, index: number): void {
  settleFor(state, placeOfLabel(state, state.code.immediate[index]!));
  copyInstruction(state, index);
  state.operands.height--;
  enterBasicBlock(state, index + 1);
}

export function ruleBrTable(state: FunctionState, index: number): void {
  settleAll(state);
  copyInstruction(state, index);
}
