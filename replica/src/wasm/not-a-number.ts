// WebAssembly leaves open which NaN an operation gives. Machines differ, so every operation for which that holds is
// followed by a choice: the value itself, or the canonical NaN when it is one. Where the next instruction does not care
// which NaN it gets, and gives a chosen one itself, nothing is added.

import { type FunctionState, scratchKinds, scratchLocal, writeIndexed } from './function-state.ts';
import { op } from './instructions.ts';
import { opcodes } from './opcodes.ts';
import { writeByte, writeUnsigned } from './output.ts';
import { type ConstantName, constantGlobal } from './rewrite-context.ts';

interface FloatKind {
  readonly name: ConstantName;
  readonly scratch: number;
}

const floatKinds: readonly FloatKind[] = [
  { name: 'f32', scratch: scratchKinds.f32 },
  { name: 'f64', scratch: scratchKinds.f64 },
  { name: 'f32x4', scratch: scratchKinds.v128 },
  { name: 'f64x2', scratch: scratchKinds.v128 },
];

const operations = ['add', 'sub', 'mul', 'div', 'min', 'max', 'sqrt', 'ceil', 'floor', 'trunc', 'nearest'];
const comparisons = ['eq', 'ne', 'lt', 'gt', 'le', 'ge'];
const conversions: readonly (readonly [string, ConstantName])[] = [
  ['f32.demote_f64', 'f32'],
  ['f64.promote_f32', 'f64'],
  ['f32x4.demote_f64x2_zero', 'f32x4'],
  ['f64x2.promote_low_f32x4', 'f64x2'],
];

/** Index in `floatKinds` plus one of what the operation gives; 0 where its NaN is fixed. */
export const openNaN: Uint8Array = new Uint8Array(0x300);
/** Operations that treat all NaNs among their operands alike. */
const isIndifferent: Uint8Array = new Uint8Array(0x300);
/** Pushes that may stand between a value and the operation that takes both. */
const isPush: Uint8Array = new Uint8Array(0x300);
const isBinary: Uint8Array = new Uint8Array(0x300);

for (const [index, { name }] of floatKinds.entries()) {
  for (const operation of operations) markOperation(`${name}.${operation}`, index);
  for (const comparison of comparisons) isIndifferent[opcodes.get(`${name}.${comparison}`)!] = 1;
  for (const operation of ['add', 'sub', 'mul', 'div', 'min', 'max', ...comparisons]) {
    isBinary[opcodes.get(`${name}.${operation}`)!] = 1;
  }
}
for (const [name, gives] of conversions) {
  markOperation(
    name,
    floatKinds.findIndex((kind) => kind.name === gives),
  );
}
for (const name of ['local.get', 'f32.const', 'f64.const', 'v128.const']) isPush[opcodes.get(name)!] = 1;

function markOperation(name: string, index: number): void {
  openNaN[opcodes.get(name)!] = index + 1;
  isIndifferent[opcodes.get(name)!] = 1;
}

/** After an operation whose NaN is open, which is instruction `index`. */
export function chooseNaN(state: FunctionState, index: number): void {
  const { opcode } = state.code;
  const next = opcode[index + 1]!;
  if (isIndifferent[next] === 1) return;
  if (isPush[next] === 1 && isBinary[opcode[index + 2]!] === 1) return;
  const kind = floatKinds[openNaN[opcode[index]!]! - 1]!;
  writeChoice(state, kind);
}

function writeChoice(state: FunctionState, { name, scratch }: FloatKind): void {
  const { out } = state;
  const value = scratchLocal(state, scratch);
  writeIndexed(out, op.localTee, value);
  writeIndexed(out, op.globalGet, constantGlobal(state.context, name));
  writeIndexed(out, op.localGet, value);
  writeIndexed(out, op.localGet, value);
  writeSelection(state, name);
}

/** Picks the first of two values where the comparison below says the number equals itself. */
function writeSelection({ out }: FunctionState, name: ConstantName): void {
  if (name === 'f32' || name === 'f64') {
    writeByte(out, name === 'f32' ? op.f32Eq : op.f64Eq);
    writeByte(out, op.select);
    return;
  }
  for (const instruction of [`${name}.eq`, 'v128.bitselect']) {
    writeByte(out, op.vectorPrefix);
    writeUnsigned(out, opcodes.get(instruction)! - 0x200);
  }
}
