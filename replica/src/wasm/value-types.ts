// The value types a canister may use, by their byte, and the types of functions.

import { type Reader, readByte } from './reader.ts';
import { refuseInvalid } from './refusal.ts';

export const valueTypes = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
} as const;
export type ValueType = (typeof valueTypes)[keyof typeof valueTypes];
export type NumberType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/** The block type that gives nothing. */
export const emptyBlock = 0x40;

export interface FunctionType {
  readonly params: Uint8Array;
  readonly results: Uint8Array;
}

const nameByCode: ReadonlyMap<number, string> = new Map(Object.entries(valueTypes).map(([name, code]) => [code, name]));

export function readValueType(reader: Reader): number {
  const code = readByte(reader);
  if (!nameByCode.has(code)) refuseInvalid(`unsupported value type 0x${code.toString(16)}`, reader.offset - 1);
  return code;
}

export function readReferenceType(reader: Reader): number {
  const code = readByte(reader);
  if (code !== valueTypes.funcref && code !== valueTypes.externref) {
    refuseInvalid(`unsupported reference type 0x${code.toString(16)}`, reader.offset - 1);
  }
  return code;
}

export function isValueType(code: number): boolean {
  return nameByCode.has(code);
}

export function nameOfType(code: number): string {
  return nameByCode.get(code) ?? `0x${code.toString(16)}`;
}

/** As DFINITY's texts print it: `[I32, I64]`. */
export function typesToText(codes: Uint8Array): string {
  return `[${Array.from(codes, (code) => nameOfType(code).toUpperCase()).join(', ')}]`;
}
