// The globals of the rewritten module, and what the host must know of the mutable ones.

import { globalExportPrefix } from './contract.ts';
import type { Constant, GlobalEntry } from './module-shape.ts';
import { createOutput, type Output, reserve, writeByte, writeBytes, writeUnsigned } from './output.ts';
import type { MutableGlobal } from './prepared-module.ts';
import { type ConstantName, keptAs, type RewriteContext } from './rewrite-context.ts';
import { nameOfType, valueTypes } from './value-types.ts';

const canonicalBits: Record<ConstantName, readonly number[]> = {
  f32: [0, 0, 0xc0, 0x7f],
  f64: [0, 0, 0, 0, 0, 0, 0xf8, 0x7f],
  f32x4: Array.from({ length: 4 }, () => [0, 0, 0xc0, 0x7f]).flat(),
  f64x2: Array.from({ length: 2 }, () => [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]).flat(),
};

export function encodeGlobals(context: RewriteContext): Output {
  const { shape, globalKept, constants, usesData } = context;
  const output = createOutput(4096);
  const pairs = [...globalKept.keys()].filter((index) => globalKept[index] === keptAs.pair);
  const dropCount = usesData ? shape.data.length : 0;
  writeUnsigned(output, shape.globals.length + pairs.length + dropCount + 2 + constants.size);
  for (const [index, entry] of shape.globals.entries()) writeGlobal(context, output, entry, globalKept[index]!);
  for (const index of pairs) writeInteger(output, valueTypes.i64, bitsOf(shape.globals[index]!.initial, 8, 16));
  for (let i = 0; i < dropCount; i++) writeInteger(output, valueTypes.i32, 0n);
  writeInteger(output, valueTypes.i64, 0n);
  writeInteger(output, valueTypes.i32, 0n);
  for (const name of constants.keys()) writeFloat(output, name);
  return output;
}

function writeGlobal({ bytes }: RewriteContext, output: Output, entry: GlobalEntry, kept: number): void {
  const { type, isMutable, initial } = entry;
  if (kept === keptAs.i32) writeInteger(output, valueTypes.i32, bitsOf(initial, 0, 4));
  else if (kept !== keptAs.itself) writeInteger(output, valueTypes.i64, bitsOf(initial, 0, 8));
  else {
    reserve(output, 64);
    writeByte(output, type);
    writeByte(output, isMutable ? 1 : 0);
    writeBytes(output, bytes.subarray(initial.encoded.start, initial.encoded.end));
  }
}

/** A mutable integer with its first value. */
function writeInteger(output: Output, type: number, value: bigint): void {
  reserve(output, 64);
  writeByte(output, type);
  writeByte(output, 1);
  writeByte(output, type === valueTypes.i32 ? 0x41 : 0x42);
  let rest = value;
  while (rest < -0x40n || rest > 0x3fn) {
    writeByte(output, Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  writeByte(output, Number(rest & 0x7fn));
  writeByte(output, 0x0b);
}

function writeFloat(output: Output, name: ConstantName): void {
  reserve(output, 64);
  const isVector = name.includes('x');
  writeByte(output, isVector ? valueTypes.v128 : name === 'f32' ? valueTypes.f32 : valueTypes.f64);
  writeByte(output, 0);
  if (isVector) writeBytes(output, Uint8Array.of(0xfd, 0x0c));
  else writeByte(output, name === 'f32' ? 0x43 : 0x44);
  writeBytes(output, Uint8Array.from(canonicalBits[name]));
  reserve(output, 8);
  writeByte(output, 0x0b);
}

/** Part of a float's or vector's bits as a signed number. */
function bitsOf(constant: Constant, start: number, end: number): bigint {
  if (!('bits' in constant)) return 0n;
  let value = 0n;
  for (let i = end - 1; i >= start; i--) value = (value << 8n) | BigInt(constant.bits[i]!);
  return BigInt.asIntN(8 * (end - start), value);
}

/** In the order of their indexes after rewriting. */
export function describeMutableGlobals(context: RewriteContext): { index: number; global: MutableGlobal }[] {
  const { shape, globalKept, globalHigh, dropBase, usesData } = context;
  const exported = new Set(shape.exports.filter(({ kind }) => kind === 'global').map(({ index }) => index));
  const described: { index: number; global: MutableGlobal }[] = [];
  const add = (index: number, kept: Omit<MutableGlobal, 'exportName'>): void => {
    described.push({ index, global: { exportName: `${globalExportPrefix}${index}`, ...kept } });
  };
  for (const [index, entry] of shape.globals.entries()) {
    if (!entry.isMutable) continue;
    const common = { declared: declaredName(entry.type), exportedByModule: exported.has(index) };
    add(index, { ...common, ...firstValue(entry.initial) });
    if (globalKept[index] !== keptAs.pair) continue;
    add(globalHigh[index]!, { ...common, type: 'i64', initial: bitsOf(entry.initial, 8, 16) });
  }
  const dropCount = usesData ? shape.data.length : 0;
  for (let i = 0; i < dropCount; i++) {
    add(dropBase + i, { declared: 'dropped', exportedByModule: false, type: 'i32', initial: 0 });
  }
  return described;
}

function firstValue(constant: Constant): Pick<MutableGlobal, 'type' | 'initial'> {
  if (constant.kind === 'i32') return { type: 'i32', initial: Number(constant.value) };
  if (constant.kind === 'i64') return { type: 'i64', initial: constant.value };
  if (constant.kind === 'f32') return { type: 'i32', initial: Number(bitsOf(constant, 0, 4)) };
  return { type: 'i64', initial: bitsOf(constant, 0, 8) };
}

function declaredName(type: number): MutableGlobal['declared'] {
  const name = nameOfType(type);
  return name === 'i32' || name === 'i64' || name === 'f32' || name === 'f64' ? name : 'v128';
}
