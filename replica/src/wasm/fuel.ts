// Metering. The fuel lives in a local, handed from function to function as last parameter and last result.
// The cost of a basic block becomes `pending` where DFINITY's replica would charge it, and is taken from the local as late
// as possible: before calls and leaving, and where ways meet that bring different amounts. Every way from an entry to a
// call or an exit is charged exactly what DFINITY charges on it.

import { flags } from './decoded-function.ts';
import { type FunctionState, scratchKinds, scratchLocal, writeI64, writeIndexed } from './function-state.ts';
import { noResult, op } from './instructions.ts';
import { skipPadded, writeByte, writeSigned, writeUnsigned } from './output.ts';
import { helperIndex } from './rewrite-context.ts';

export const nobodyCame = -1;

/** A basic block begins at instruction `index`. */
export function enterBasicBlock(state: FunctionState, index: number): void {
  state.pending += state.code.blockCost[index]!;
}

/** Makes `pending` what it should be; `wanted` is what the code at the other end counts on. */
function settle(state: FunctionState, wanted: number): void {
  const amount = state.pending - wanted;
  if (amount === 0) return;
  writeIndexed(state.out, op.localGet, state.fuelLocal);
  writeI64(state.out, amount);
  writeByte(state.out, op.i64Sub);
  writeIndexed(state.out, op.localSet, state.fuelLocal);
  state.pending = wanted;
}

export function settleAll(state: FunctionState): void {
  settle(state, 0);
}

/** Before a jump to the label at `place` (0 is the function body), or when the end of its block is reached. */
export function settleFor(state: FunctionState, place: number): void {
  const { agreed } = state.labels;
  if (agreed[place] === nobodyCame) agreed[place] = state.pending;
  else settle(state, agreed[place]!);
}

/** Leaves the fuel on the stack, all costs taken off. */
export function pushFuel(state: FunctionState): void {
  writeIndexed(state.out, op.localGet, state.fuelLocal);
  if (state.pending !== 0) {
    writeI64(state.out, state.pending);
    writeByte(state.out, op.i64Sub);
  }
  state.pending = 0;
}

/** The same where the function is left: the stack it took is given back. */
export function pushFuelLeaving(state: FunctionState): void {
  if (state.code.hasCalls) giveFrame(state);
  pushFuel(state);
}

function giveFrame(state: FunctionState): void {
  const { out, context, countPlaces } = state;
  const start = out.length;
  writeIndexed(out, op.globalGet, context.stackGlobal);
  writeByte(out, op.i32Const);
  const place = skipPadded(out);
  writeByte(out, op.i32Add);
  writeIndexed(out, op.globalSet, context.stackGlobal);
  countPlaces.push(start, place, out.length);
}

/** At the entry: takes the frame, and stops when that is more than there is. */
export function takeFrame(state: FunctionState): void {
  const { out, context, countPlaces } = state;
  const left = scratchLocal(state, scratchKinds.i32);
  const start = out.length;
  writeIndexed(out, op.globalGet, context.stackGlobal);
  writeByte(out, op.i32Const);
  const place = skipPadded(out);
  writeByte(out, op.i32Sub);
  writeIndexed(out, op.localTee, left);
  writeIndexed(out, op.globalSet, context.stackGlobal);
  writeIndexed(out, op.localGet, left);
  writeByte(out, op.i32Const);
  writeSigned(out, 0);
  writeByte(out, op.i32LtS);
  writeStopIf(state, 'outOfStack');
  countPlaces.push(start, place, out.length);
}

/** What a call gives back last. */
export function popFuel(state: FunctionState): void {
  writeIndexed(state.out, op.localSet, state.fuelLocal);
}

/** Makes the fuel visible to the host, who may look at it after a trap. */
export function spillFuel(state: FunctionState): void {
  pushFuel(state);
  writeIndexed(state.out, op.globalSet, state.context.fuelGlobal);
}

/**
 * A store for every turn of a short loop or call of a short function would cost more than all the rest of metering, so
 * only what costs at least this much shows its fuel.
 */
const shownCostMin = 100;

/**
 * Where code may come back to: stops when there is no fuel left, and shows what is left to the host, who may look at it
 * after a trap. `cost` is that of all the text that may be repeated from here.
 */
export function checkAndShowFuel(state: FunctionState, cost: number): void {
  const { out } = state;
  writeIndexed(out, op.localGet, state.fuelLocal);
  writeI64(out, 0);
  writeByte(out, op.i64LtS);
  writeStopIf(state, 'outOfFuel');
  if (cost < shownCostMin) return;
  writeIndexed(out, op.localGet, state.fuelLocal);
  writeIndexed(out, op.globalSet, state.context.fuelGlobal);
}

/** Takes a condition from the stack. */
function writeStopIf(state: FunctionState, helper: 'outOfFuel' | 'outOfStack'): void {
  const { out } = state;
  writeByte(out, op.if);
  writeByte(out, noResult);
  writeIndexed(out, op.localGet, state.fuelLocal);
  writeByte(out, op.call);
  writeUnsigned(out, helperIndex(state.context, helper));
  // Tells the compiler that nothing comes back from there, so that registers need not be saved for it.
  writeByte(out, op.unreachable);
  writeByte(out, op.end);
}

/** What a new label starts with: a `br_table` cannot settle for each of its targets, so those agree on nothing pending. */
export function firstAgreement(labelFlags: number): number {
  return labelFlags & flags.isTableTarget ? 0 : nobodyCame;
}
