// Loads and stores: every offset is raised by the size of the dirty map, and a store marks the 4 KiB page it begins in.
// A store near an address that is marked already needs no mark of its own: the host looks `spillBytes` around a marked page.

import { heapBaseBytes, spillBytes, trackedPageBytes } from './contract.ts';
import {
  constantBase,
  doubled,
  type FunctionState,
  movedLocal,
  scratchKinds,
  scratchLocal,
  unknownBase,
  writeIndexed,
} from './function-state.ts';
import { op } from './instructions.ts';
import { opcodes } from './opcodes.ts';
import { copyRange, writeByte, writeSigned, writeUnsigned } from './output.ts';

/** Scratch kind of the value stored, plus one; 0 for anything that is no store. */
export const storedKind: Uint8Array = new Uint8Array(0x300);
const storesOf: readonly (readonly [number, string])[] = [
  [scratchKinds.i32, 'i32.store i32.store8 i32.store16'],
  [scratchKinds.i64, 'i64.store i64.store8 i64.store16 i64.store32'],
  [scratchKinds.f32, 'f32.store'],
  [scratchKinds.f64, 'f64.store'],
  [scratchKinds.v128, 'v128.store v128.store8_lane v128.store16_lane v128.store32_lane v128.store64_lane'],
];
for (const [kind, names] of storesOf) for (const name of names.split(' ')) storedKind[opcodes.get(name)!] = kind + 1;

/** The widest store; what it changes must lie within `spillBytes` of the mark that covers it. */
const storeBytesMax = 16;
/** How many marks are looked through for a near one, so that a long function stays linear. */
const recentMarks = 32;
/** Offsets beyond are out of bounds of every memory, so what follows such a store is never reached. */
const reachableOffsetMax = 2 ** 48;
const pageShift = Math.log2(trackedPageBytes);
const u32Max = 0xffff_ffff;
const mapPages32 = heapBaseBytes[32];

/** Copies the instruction at `index` with its offset raised. Gives the offset it had. */
export function writeRaised(state: FunctionState, index: number): number {
  const { bytes, width } = state.context;
  const { at } = state.code;
  // Second opcode byte and alignment may be written longer than necessary.
  let offsetAt = at[index]! + 1;
  if (state.code.opcode[index]! >= 0x100) offsetAt = afterNumber(bytes, offsetAt);
  offsetAt = afterNumber(bytes, offsetAt);
  copyRange(state.out, bytes, at[index]!, offsetAt);
  let offset = 0;
  let scale = 1;
  let after = offsetAt;
  for (; bytes[after]! >= 0x80; after++, scale *= 128) offset += (bytes[after]! & 0x7f) * scale;
  offset += bytes[after++]! * scale;
  writeOffset(state, offset, width);
  copyRange(state.out, bytes, after, at[index + 1]!);
  return offset;
}

function afterNumber(bytes: Uint8Array, start: number): number {
  let offset = start;
  while (bytes[offset]! >= 0x80) offset++;
  return offset + 1;
}

/** An offset that would leave its type becomes the largest one, which is out of bounds for every address. */
function writeOffset(state: FunctionState, offset: number, width: 32 | 64): void {
  const raised = offset + heapBaseBytes[width];
  writeUnsigned(state.out, width === 32 ? Math.min(raised, u32Max) : Math.min(raised, Number.MAX_SAFE_INTEGER));
}

/** Whether the address of the store whose value comes next will have to be kept. */
export function needsHeldAddress(state: FunctionState): boolean {
  const { operands } = state;
  const top = operands.height - 1;
  return top >= 0 && !isTraceable(state, top);
}

/** Still the same local plus addend, or a constant. */
function isTraceable(state: FunctionState, place: number): boolean {
  const base = state.operands.base[place]!;
  if (base === constantBase) return true;
  return base >= 0 && state.localVersion[base] === state.operands.version[place];
}

export function holdAddress(state: FunctionState): void {
  writeIndexed(state.out, op.localTee, scratchLocal(state, scratchKinds.address));
  state.addressHeld = true;
}

export function rewriteStore(state: FunctionState, index: number): void {
  const { operands } = state;
  const place = operands.height - 2;
  operands.height = place;
  if (place >= 0 && isTraceable(state, place)) {
    const offset = writeRaised(state, index);
    if (offset <= reachableOffsetMax) markTraceable(state, operands.base[place]!, operands.addend[place]!, offset);
    return;
  }
  if (!state.addressHeld) exchangeAddress(state, storedKind[state.code.opcode[index]!]! - 1);
  state.addressHeld = false;
  const offset = writeRaised(state, index);
  if (offset > reachableOffsetMax) return;
  writeIndexed(state.out, op.localGet, scratchLocal(state, scratchKinds.address));
  writeMark(state, offset);
}

/** Address and value are on the stack: keeps a copy of the address. */
function exchangeAddress(state: FunctionState, kind: number): void {
  const value = scratchLocal(state, kind);
  writeIndexed(state.out, op.localSet, value);
  writeIndexed(state.out, op.localTee, scratchLocal(state, scratchKinds.address));
  writeIndexed(state.out, op.localGet, value);
}

function markTraceable(state: FunctionState, base: number, addend: number, offset: number): void {
  const version = base === constantBase ? 0 : state.localVersion[base]!;
  const start = base === constantBase && state.context.width === 32 ? (addend >>> 0) + offset : addend + offset;
  // Where the sum leaves 32 bits nothing is remembered, so that near addresses are really near.
  const isPlain = start >= -0x4000_0000 && start < 0x4000_0000;
  if (isPlain && isMarked(state, base, version, start)) return;
  if (base === constantBase) writeConstantMark(state, start);
  else {
    writeIndexed(state.out, op.localGet, movedLocal(state, base));
    writeMark(state, start);
  }
  if (isPlain) remember(state, base, version, start);
}

function isMarked(state: FunctionState, base: number, version: number, start: number): boolean {
  const { marks } = state;
  for (let i = marks.count - 1; i >= marks.count - recentMarks && i >= 0; i--) {
    if (marks.base[i] !== base || marks.version[i] !== version) continue;
    const distance = start - marks.addend[i]!;
    if (distance >= -spillBytes && distance <= spillBytes - storeBytesMax) return true;
  }
  return false;
}

function remember(state: FunctionState, base: number, version: number, start: number): void {
  const { marks } = state;
  if (marks.count >= marks.base.length) {
    marks.base = doubled(marks.base);
    marks.version = doubled(marks.version);
    marks.addend = doubled(marks.addend);
  }
  marks.base[marks.count] = base;
  marks.version[marks.count] = version;
  marks.addend[marks.count] = start;
  marks.count++;
}

/** The loop may come back with other values in locals that are still to be assigned: what is known of those is lost. */
export function forgetUnsettledMarks(state: FunctionState): void {
  const { marks, assignmentsSeen, code } = state;
  for (let i = 0; i < marks.count; i++) {
    const base = marks.base[i]!;
    if (base >= 0 && assignmentsSeen[base]! < code.assignments[base]!) marks.base[i] = unknownBase;
  }
}

/** Takes an address from the stack and marks the page of address + offset, which is known to be in bounds. */
function writeMark(state: FunctionState, offset: number): void {
  const { out } = state;
  const is64 = state.context.width === 64;
  if (offset !== 0) {
    writeByte(out, is64 ? op.i64Const : op.i32Const);
    if (is64) writeWide(state, offset);
    else writeSigned(out, offset | 0);
    writeByte(out, is64 ? op.i64Add : op.i32Add);
  }
  writeByte(out, is64 ? op.i64Const : op.i32Const);
  writeSigned(out, pageShift);
  writeByte(out, is64 ? op.i64ShrU : op.i32ShrU);
  writeSetByte(state, 0);
}

function writeConstantMark(state: FunctionState, start: number): void {
  const page = Math.floor(start / trackedPageBytes);
  // Beyond the map there is no memory, so the store has trapped.
  if (page < 0 || page >= (state.context.width === 32 ? mapPages32 : heapBaseBytes[64])) return;
  writeByte(state.out, state.context.width === 64 ? op.i64Const : op.i32Const);
  writeSigned(state.out, 0);
  writeSetByte(state, page);
}

function writeSetByte(state: FunctionState, offset: number): void {
  const { out } = state;
  writeByte(out, op.i32Const);
  writeSigned(out, 1);
  writeByte(out, op.i32Store8);
  writeByte(out, 0);
  writeUnsigned(out, offset);
}

/** A signed number of more than 32 bits. */
function writeWide(state: FunctionState, value: number): void {
  let rest = BigInt(value);
  while (rest < -0x40n || rest > 0x3fn) {
    writeByte(state.out, Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  writeByte(state.out, Number(rest & 0x7fn));
}
