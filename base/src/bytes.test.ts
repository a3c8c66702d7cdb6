import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesEqual, bytesToHex, compareBytes, concatBytes, parseHex, parseText, textToBytes } from './bytes.ts';

describe('bytes', () => {
  it('survive the way to hex and back', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => bytesEqual(parseHex(bytesToHex(bytes))!, bytes)));
  });

  it('are refused as hex when a digit is missing or wrong', () => {
    expect(parseHex('abc')).toBeNull();
    expect(parseHex('zz')).toBeNull();
  });

  it('order like Buffer.compare', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => Math.sign(compareBytes(a, b)) === Buffer.compare(a, b)),
    );
  });

  it('join in order', () => {
    expect(concatBytes(textToBytes('ab'), textToBytes(''), textToBytes('c'))).toEqual(textToBytes('abc'));
  });

  it('are refused as text when they are not UTF-8', () => {
    expect(parseText(Uint8Array.of(0xff))).toBeNull();
    expect(parseText(textToBytes('grün'))).toBe('grün');
  });
});
