import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CandidValue, caseOf, fieldHash, fieldOf, isKind, readCandid } from './candid-reader.ts';

const encode = (type: IDL.Type, value: unknown) => new Uint8Array(IDL.encode([type], [value]));

function read(bytes: Uint8Array): CandidValue {
  const result = readCandid(bytes, 65_536);
  if (!result.ok) throw new Error(result.error);
  return result.value[0]!;
}

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('the reader of Candid from strangers', () => {
  it('knows fields by the hash that the specification gives', () => {
    expect(fieldHash('Ok')).toBe(17_724);
    expect(fieldHash('name')).toBe(1_224_700_491);
  });

  it('reads what the library writes', () => {
    const type = IDL.Record({
      amount: IDL.Nat,
      change: IDL.Int,
      small: IDL.Nat64,
      signed: IDL.Int8,
      text: IDL.Text,
      flag: IDL.Bool,
      bytes: IDL.Vec(IDL.Nat8),
      who: IDL.Principal,
      some: IDL.Opt(IDL.Nat),
      none: IDL.Opt(IDL.Nat),
      list: IDL.Vec(IDL.Text),
    });
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 128n }),
        fc.bigInt({ min: -(2n ** 128n), max: 2n ** 128n }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.integer({ min: -128, max: 127 }),
        fc.string(),
        fc.uint8Array({ maxLength: 50 }),
        (amount, change, small, signed, text, bytes) => {
          const who = Principal.fromUint8Array(bytes.subarray(0, 29));
          const given = {
            amount,
            change,
            small,
            signed,
            text,
            flag: true,
            bytes,
            who,
            some: [amount],
            none: [],
            list: [text, text],
          };
          const value = read(encode(type, given));
          expect(fieldOf(value, 'amount')).toBe(amount);
          expect(fieldOf(value, 'change')).toBe(change);
          expect(fieldOf(value, 'small')).toBe(small);
          expect(fieldOf(value, 'signed')).toBe(BigInt(signed));
          expect(fieldOf(value, 'text')).toBe(text);
          expect(fieldOf(value, 'bytes')).toEqual(bytes);
          expect(fieldOf(value, 'who')).toEqual({ kind: 'principal', bytes: who.toUint8Array() });
          expect(fieldOf(value, 'some')).toBe(amount);
          expect(fieldOf(value, 'none')).toBeNull();
          expect(fieldOf(value, 'list')).toEqual({ kind: 'list', items: [text, text] });
        },
      ),
    );
  });

  it('reads variants by their case', () => {
    const type = IDL.Variant({ Ok: IDL.Nat, Err: IDL.Record({ message: IDL.Text }) });
    expect(caseOf(read(encode(type, { Ok: 3n })), 'Ok')).toBe(3n);
    const failed = read(encode(type, { Err: { message: 'no' } }));
    expect(caseOf(failed, 'Ok')).toBeUndefined();
    expect(fieldOf(caseOf(failed, 'Err'), 'message')).toBe('no');
    expect(isKind(failed, 'variant')).toBe(true);
  });

  it('refuses, at once, what a few bytes make endless', () => {
    const hostile = {
      'a list of a billion nulls': '4449444c016d7f010080808080 04',
      'a record in itself': '4449444c016c010000 0100',
      'records of two of each other, twenty deep': `4449444c14${Array.from({ length: 19 }, (_, i) => `6c0200${hexOf(i + 1)}01${hexOf(i + 1)}`).join('')}6c0200 7f 01 7f 0100`,
      'options in options': `4449444c016e00 0100${'01'.repeat(200)}`,
      'a number without end': `4449444c00017d${'ff'.repeat(200)}`,
      'a text longer than the message': '4449444c000171ffff03',
    };
    for (const [what, hex] of Object.entries(hostile)) {
      expect([what, readCandid(fromHex(hex.replaceAll(' ', '')), 65_536).ok]).toEqual([what, false]);
    }
    expect(readCandid(new Uint8Array(100), 99)).toMatchObject({ ok: false });
  });

  it('never throws, whatever the bytes', () => {
    const message = encode(IDL.Record({ a: IDL.Vec(IDL.Opt(IDL.Nat)), b: IDL.Text }), { a: [[1n], []], b: 'x' });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(message.length - 1), fc.nat(255), (tail, at, byte) => {
        const changed = message.slice();
        changed[at] = byte;
        for (const bytes of [tail, changed, Uint8Array.of(0x44, 0x49, 0x44, 0x4c, ...tail), message.subarray(0, at)]) {
          readCandid(bytes, 65_536);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
