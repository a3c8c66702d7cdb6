import { textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base32ToBytes, bytesToBase32 } from './base32.ts';
import { crc32 } from './crc32.ts';

describe('Base32', () => {
  // RFC 4648, section 10, in lower case and without padding.
  it.each([
    ['', ''],
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
    ['foobar', 'mzxw6ytboi'],
  ])('of %j is %j [principal.text]', (text, encoded) => {
    expect(bytesToBase32(textToBytes(text))).toBe(encoded);
    expect(base32ToBytes(encoded)).toEqual(textToBytes(text));
  });

  it('leads back to the bytes [principal.text]', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(base32ToBytes(bytesToBase32(bytes))).toEqual(bytes);
      }),
    );
  });

  it('with a character outside the alphabet is refused [principal.text]', () => {
    for (const text of ['a0', 'a1', 'A', 'ä', 'a=']) expect(base32ToBytes(text)).toBeNull();
  });
});

describe('CRC-32', () => {
  it('has the check value of its definition, and that of the worked example [principal.text]', () => {
    expect(crc32(textToBytes('123456789'))).toBe(0xcbf43926);
    expect(crc32(Uint8Array.of(0xab, 0xcd, 0x01))).toBe(0x233ff206);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });
});
