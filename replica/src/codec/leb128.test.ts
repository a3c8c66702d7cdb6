import { bytesToHex, parseHex } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createByteCursor,
  encodeSignedLeb128,
  encodeUnsignedLeb128,
  readSignedLeb128,
  readUnsignedLeb128,
  readUnsignedLeb128Number,
} from './leb128.ts';

const naturals = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 200n }), fc.bigInt({ min: 0n, max: 300n }));
const integers = fc.oneof(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), fc.bigInt({ min: -300n, max: 300n }));

describe('LEB128', () => {
  it.each([
    [0n, '00'],
    [127n, '7f'],
    [128n, '8001'],
    [16383n, 'ff7f'],
    [624485n, 'e58e26'],
    [60000000000000000n, '808098f4e9b5ca6a'],
  ])('writes the natural number %d as %s', (value, hex) => {
    expect(bytesToHex(encodeUnsignedLeb128(value))).toBe(hex);
    if (value < 2n ** 53n) expect(bytesToHex(encodeUnsignedLeb128(Number(value)))).toBe(hex);
    expect(readUnsignedLeb128(createByteCursor(parseHex(hex)!))).toBe(value);
  });

  it.each([
    [0n, '00'],
    [1n, '01'],
    [-1n, '7f'],
    [-64n, '40'],
    [64n, 'c000'],
    [-65n, 'bf7f'],
    [-123456n, 'c0bb78'],
    [60000000000000000n, '808098f4e9b5caea00'],
    [-60000000000000000n, '8080e88b96cab5957f'],
  ])('writes the integer %d as %s', (value, hex) => {
    expect(bytesToHex(encodeSignedLeb128(value))).toBe(hex);
    expect(readSignedLeb128(createByteCursor(parseHex(hex)!))).toBe(value);
  });

  it('is the shortest form and leads back to the number', () => {
    fc.assert(
      fc.property(naturals, (value) => {
        const bytes = encodeUnsignedLeb128(value);
        expect(bytes.length).toBe(value === 0n ? 1 : Math.ceil(value.toString(2).length / 7));
        const cursor = createByteCursor(bytes);
        expect(readUnsignedLeb128(cursor)).toBe(value);
        expect(cursor.offset).toBe(bytes.length);
      }),
    );
    fc.assert(
      fc.property(integers, (value) => {
        const bytes = encodeSignedLeb128(value);
        expect(readSignedLeb128(createByteCursor(bytes))).toBe(value);
        // One group fewer could not hold the value and its sign.
        expect(bytes.length === 1 || BigInt.asIntN(7 * (bytes.length - 1), value) !== value).toBe(true);
      }),
    );
  });

  it('is read in any length', () => {
    expect(readUnsignedLeb128(createByteCursor(parseHex('ff8080808080808080808000')!))).toBe(127n);
    expect(readUnsignedLeb128Number(createByteCursor(parseHex('8000')!))).toBe(0);
    expect(readSignedLeb128(createByteCursor(parseHex('ffff7f')!))).toBe(-1n);
  });

  it('that does not end is refused and leaves nothing read', () => {
    for (const hex of ['', '80', 'ffffff', 'ff'.repeat(40)]) {
      const cursor = createByteCursor(parseHex(hex)!);
      expect(readUnsignedLeb128(cursor)).toBeNull();
      expect(readSignedLeb128(cursor)).toBeNull();
      expect(readUnsignedLeb128Number(cursor)).toBeNull();
      expect(cursor.offset).toBe(0);
    }
  });

  it('of 2^53 and more is no plain number', () => {
    expect(readUnsignedLeb128Number(createByteCursor(encodeUnsignedLeb128(2n ** 53n - 1n)))).toBe(2 ** 53 - 1);
    expect(readUnsignedLeb128Number(createByteCursor(encodeUnsignedLeb128(2n ** 53n)))).toBeNull();
  });

  it('of a megabyte is read and written like any other', () => {
    const value = 2n ** 8_000_000n + 12345n;
    expect(readUnsignedLeb128(createByteCursor(encodeUnsignedLeb128(value))) === value).toBe(true);
    expect(readSignedLeb128(createByteCursor(encodeSignedLeb128(-value))) === -value).toBe(true);
  });
});
