import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { natToLeb128, parseLeb128 } from './leb128.ts';

describe('LEB128', () => {
  it('writes the well-known example 624485 as e5 8e 26', () => {
    expect([...natToLeb128(624485n)]).toEqual([0xe5, 0x8e, 0x26]);
  });

  it('brings every number back', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: (1n << 80n) - 1n }), (n) => parseLeb128(natToLeb128(n)) === n));
  });

  it.each([
    ['nothing', []],
    ['a number that goes on', [0x80]],
    ['two numbers', [0x01, 0x01]],
    ['a number longer than it must be', [0x81, 0x00]],
    ['too many bytes', Array(13).fill(0xff)],
  ])('refuses %s', (_, bytes) => expect(parseLeb128(Uint8Array.from(bytes))).toBeNull());
});
