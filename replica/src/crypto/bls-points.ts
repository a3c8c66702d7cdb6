// BLS12-381 points as the 48 and 96 bytes that travel (compressed form of the BLS draft and of ZCash). Written here because
// the curve library checks the subgroup again whenever it writes a point, which for points we computed is lost time.

import { assert } from '@tamc/base/assert';

export const fieldByteCount = 48;
const fieldOrder = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;

const flagCompressed = 0x80;
const flagLargerRoot = 0x20;

interface Affine<F> {
  readonly x: F;
  readonly y: F;
}

/** Not for the point at infinity, which is neither a signature nor a key. */
export function g1ToBytes({ x, y }: Affine<bigint>): Uint8Array {
  const bytes = fieldToBytes(x);
  bytes[0]! |= flags(y);
  return bytes;
}

/** The imaginary part comes first, and decides which of the two roots is the larger unless it is zero. */
export function g2ToBytes({ x, y }: Affine<{ readonly c0: bigint; readonly c1: bigint }>): Uint8Array {
  const bytes = new Uint8Array(2 * fieldByteCount);
  bytes.set(fieldToBytes(x.c1), 0);
  bytes.set(fieldToBytes(x.c0), fieldByteCount);
  bytes[0]! |= flags(y.c1 === 0n ? y.c0 : y.c1);
  return bytes;
}

function flags(root: bigint): number {
  return flagCompressed | (root > (fieldOrder - 1n) / 2n ? flagLargerRoot : 0);
}

function fieldToBytes(value: bigint): Uint8Array {
  assert(value >= 0n && value < fieldOrder, 'not an element of the base field');
  return new Uint8Array(Buffer.from(value.toString(16).padStart(2 * fieldByteCount, '0'), 'hex'));
}
