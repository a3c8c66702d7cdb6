import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDecoder as CanisterDecoder, TextEncoder as CanisterEncoder } from './text-encoding.ts';

/** Bytes that are nearly UTF-8, where decoders differ. */
const nearlyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0xc0, 0xc2, 0xe0, 0xed, 0xef, 0xbb, 0xbf, 0xf0, 0xf4, 0x9f, 0xa0, 0x90, 0x8f, 0x80),
    ),
  )
  .map((bytes) => Uint8Array.from(bytes));

const outcome = (decode: () => string) => {
  try {
    return decode();
  } catch (error) {
    return error instanceof TypeError ? 'TypeError' : error;
  }
};

describe('the UTF-8 coder of canisters', () => {
  it('encodes every text, also with lone surrogates, as Node does', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((u) => String.fromCharCode(u)) }),
        (text) => {
          expect(new CanisterEncoder().encode(text)).toEqual(new TextEncoder().encode(text));
        },
      ),
    );
  });

  it('encodes into a buffer that is too short as far as whole characters fit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, room) => {
        const mine = new Uint8Array(room);
        const theirs = new Uint8Array(room);
        expect(new CanisterEncoder().encodeInto(text, mine)).toEqual(new TextEncoder().encodeInto(text, theirs));
        expect(mine).toEqual(theirs);
      }),
    );
  });

  it('decodes any bytes as Node does, with every option', () => {
    fc.assert(
      fc.property(nearlyText, fc.boolean(), fc.boolean(), (bytes, fatal, ignoreBOM) => {
        const options = { fatal, ignoreBOM };
        expect(outcome(() => new CanisterDecoder('utf8', options).decode(bytes))).toEqual(
          outcome(() => new TextDecoder('utf8', options).decode(bytes)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('decodes a stream of pieces as Node does', () => {
    fc.assert(
      fc.property(fc.array(nearlyText, { maxLength: 5 }), (pieces) => {
        const mine = new CanisterDecoder();
        const theirs = new TextDecoder();
        for (const piece of pieces) {
          expect(mine.decode(piece, { stream: true })).toBe(theirs.decode(piece, { stream: true }));
        }
        expect(mine.decode()).toBe(theirs.decode());
      }),
      { numRuns: 1000 },
    );
  });

  it('decodes a text longer than one chunk and a view into a larger buffer', () => {
    const bytes = new TextEncoder().encode(`--${'grün 🛵 '.repeat(3000)}`);
    expect(new CanisterDecoder().decode(bytes.subarray(2))).toBe('grün 🛵 '.repeat(3000));
    expect(new CanisterDecoder().decode(bytes.slice().buffer)).toMatch(/^--grün/);
  });

  it('refuses an encoding that a canister does not have', () => {
    expect(() => new CanisterDecoder('latin1')).toThrow('knows only utf-8, not "latin1"');
  });
});
