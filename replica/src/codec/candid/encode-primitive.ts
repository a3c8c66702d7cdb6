// How values of the primitive types are written. Each asserts that the value is of its type.

import { assert } from '@tamc/base/assert';
import {
  type ByteWriter,
  putByte,
  putBytes,
  putFloat32LE,
  putFloat64LE,
  putLittleEndian,
  putShortASCII,
  putText,
  putUint64LE,
} from '../byte-writer.ts';
import { encodeSignedLeb128, putUnsignedLeb128 } from '../leb128.ts';
import { parsePrincipalHex, principalToBytes } from '../principal.ts';
import type { PrimitiveName } from './types.ts';

type FixedName = Extract<PrimitiveName, `nat${number}` | `int${number}`>;
type OtherName = Exclude<PrimitiveName, FixedName>;

export function writePrimitive(writer: ByteWriter, name: PrimitiveName, value: unknown): void {
  if (isOther(name)) writers[name](writer, value);
  else writeFixed(writer, name, value);
}

function isOther(name: PrimitiveName): name is OtherName {
  return Object.hasOwn(writers, name);
}

const writers: Readonly<Record<OtherName, (writer: ByteWriter, value: unknown) => void>> = {
  null: () => undefined,
  reserved: () => undefined,
  empty: () => assert(false, 'there is no Candid value of type empty'),
  bool: (writer, value) => {
    assert(typeof value === 'boolean', 'Candid bool expected');
    putByte(writer, value ? 1 : 0);
  },
  nat: (writer, value) => {
    assert(typeof value === 'bigint' && value >= 0n, 'Candid nat expected');
    putUnsignedLeb128(writer, value);
  },
  int: (writer, value) => {
    assert(typeof value === 'bigint', 'Candid int expected');
    putBytes(writer, encodeSignedLeb128(value));
  },
  float32: (writer, value) => {
    assert(typeof value === 'number', 'Candid float32 expected');
    putFloat32LE(writer, value);
  },
  float64: (writer, value) => {
    assert(typeof value === 'number', 'Candid float64 expected');
    putFloat64LE(writer, value);
  },
  text: (writer, value) => {
    assert(typeof value === 'string', 'Candid text expected');
    const start = writer.length;
    putUnsignedLeb128(writer, value.length);
    if (putShortASCII(writer, value)) return;
    writer.length = start;
    putUnsignedLeb128(writer, Buffer.byteLength(value, 'utf8'));
    putText(writer, value);
  },
  principal: (writer, value) => {
    const principal = typeof value === 'string' ? parsePrincipalHex(value) : null;
    assert(principal !== null, 'Candid principal expected');
    putByte(writer, 1);
    putByte(writer, principal.length / 2);
    putBytes(writer, principalToBytes(principal));
  },
};

function writeFixed(writer: ByteWriter, name: FixedName, value: unknown): void {
  const { min, max, byteCount } = rangeOf[name];
  if (byteCount === 8) {
    assert(typeof value === 'bigint' && value >= min && value <= max, `Candid ${name} expected`);
    putUint64LE(writer, BigInt.asUintN(64, value));
  } else {
    assert(typeof value === 'number' && Number.isInteger(value), `Candid ${name} expected`);
    assert(value >= min && value <= max, `out of range for Candid ${name}: ${value}`);
    putLittleEndian(writer, value, byteCount);
  }
}

const rangeOf: Readonly<Record<FixedName, { min: bigint | number; max: bigint | number; byteCount: number }>> = {
  nat8: { min: 0, max: 0xff, byteCount: 1 },
  nat16: { min: 0, max: 0xffff, byteCount: 2 },
  nat32: { min: 0, max: 0xffff_ffff, byteCount: 4 },
  nat64: { min: 0n, max: 2n ** 64n - 1n, byteCount: 8 },
  int8: { min: -0x80, max: 0x7f, byteCount: 1 },
  int16: { min: -0x8000, max: 0x7fff, byteCount: 2 },
  int32: { min: -0x8000_0000, max: 0x7fff_ffff, byteCount: 4 },
  int64: { min: -(2n ** 63n), max: 2n ** 63n - 1n, byteCount: 8 },
};
