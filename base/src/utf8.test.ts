import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { bytesToHex, textToBytes } from './bytes.ts';
import {
  bytesToHexQuickly,
  bytesToLatin1,
  bytesToText,
  parseHexQuickly,
  setTextCoder,
  textToBytesQuickly,
} from './utf8.ts';

afterEach(() => setTextCoder(textToBytes));

const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', minLength: 20 }));

describe('text and bytes', () => {
  it('are turned into each other as the standard coder does', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(textToBytesQuickly(text)).toEqual(textToBytes(text));
        expect(bytesToText(textToBytes(text))).toBe(new TextDecoder().decode(textToBytes(text)));
      }),
    );
  });

  it('are given to a native coder only when they are long and hold no control character', () => {
    const given: string[] = [];
    setTextCoder((text) => {
      given.push(text);
      return textToBytes(text);
    });
    for (const text of ['short', 'long enough for it, é', 'long, but with a \n line feed']) {
      expect(textToBytesQuickly(text)).toEqual(textToBytes(text));
    }
    expect(given).toEqual(['long enough for it, é']);
  });

  it('are refused as text when they are not UTF-8', () => {
    expect(bytesToText(Uint8Array.of(0xc0, 0x80))).toBeNull();
  });

  it('are one character per byte in Latin-1, however many', () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i);
    expect(bytesToLatin1(bytes)).toBe(Buffer.from(bytes).toString('latin1'));
  });

  it('are the same in hexadecimal digits as digit by digit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const shifted = new Uint8Array([9, ...bytes]).subarray(1);
        expect(bytesToHexQuickly(shifted)).toBe(bytesToHex(bytes));
        expect(parseHexQuickly(bytesToHex(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each(['a', 'AA', 'zz', '0x', '+1'])('are refused as hexadecimal digits: %s', (hex) => {
    expect(parseHexQuickly(hex)).toBeNull();
  });
});
