// Reads and writes of globals. Mutable floats and vectors are kept as integers, so that the host sees every bit of them.

import { type FunctionState, scratchKinds, scratchLocal, writeIndexed } from './function-state.ts';
import { op } from './instructions.ts';
import { type Output, writeByte } from './output.ts';
import { keptAs } from './rewrite-context.ts';

/** Opcodes behind the vector prefix. */
const vector = { i64x2Splat: 0x12, i64x2ExtractLane: 0x1d, i64x2ReplaceLane: 0x1e } as const;

export function rewriteGlobalGet(state: FunctionState, index: number): void {
  const { context, out } = state;
  const kept = context.globalKept[index];
  writeIndexed(out, op.globalGet, index);
  if (kept === keptAs.i32) writeByte(out, op.f32ReinterpretI32);
  if (kept === keptAs.i64) writeByte(out, op.f64ReinterpretI64);
  if (kept !== keptAs.pair) return;
  writeVector(out, vector.i64x2Splat);
  writeIndexed(out, op.globalGet, context.globalHigh[index]!);
  writeVector(out, vector.i64x2ReplaceLane, 1);
}

export function rewriteGlobalSet(state: FunctionState, index: number): void {
  const { context, out } = state;
  const kept = context.globalKept[index];
  if (kept === keptAs.i32) writeByte(out, op.i32ReinterpretF32);
  if (kept === keptAs.i64) writeByte(out, op.i64ReinterpretF64);
  if (kept === keptAs.pair) writeHighHalf(state, index);
  writeIndexed(out, op.globalSet, index);
}

/** Leaves the low half on the stack. */
function writeHighHalf(state: FunctionState, index: number): void {
  const { context, out } = state;
  const value = scratchLocal(state, scratchKinds.v128);
  writeIndexed(out, op.localTee, value);
  writeVector(out, vector.i64x2ExtractLane, 1);
  writeIndexed(out, op.globalSet, context.globalHigh[index]!);
  writeIndexed(out, op.localGet, value);
  writeVector(out, vector.i64x2ExtractLane, 0);
}

function writeVector(out: Output, opcode: number, lane?: number): void {
  writeByte(out, op.vectorPrefix);
  writeByte(out, opcode);
  if (lane !== undefined) writeByte(out, lane);
}
