import { bytesToHex, compareBytes, concatBytes, parseHex, textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToBase32 } from './base32.ts';
import { crc32 } from './crc32.ts';
import {
  anonymous,
  canisterIdOfIndex,
  canisterIndexOfId,
  managementCanister,
  type Principal,
  parsePrincipalBytes,
  parsePrincipalHex,
  parsePrincipalText,
  principalToBytes,
  principalToText,
  selfAuthenticatingPrincipal,
} from './principal.ts';

function principalOf(hex: string): Principal {
  return parsePrincipalBytes(parseHex(hex)!)!;
}

const principals = fc.uint8Array({ maxLength: 29 }).map((bytes) => parsePrincipalBytes(bytes)!);

describe('the text of a principal', () => {
  it('is that of the worked example [principal.text]', () => {
    expect(principalToText(principalOf('abcd01'))).toBe('em77e-bvlzu-aq');
    expect(parsePrincipalText('em77e-bvlzu-aq')).toBe('abcd01');
  });

  it('is known for the special principals [principal.text]', () => {
    expect(principalToText(managementCanister)).toBe('aaaaa-aa');
    expect(principalToText(anonymous)).toBe('2vxsx-fae');
    expect(parsePrincipalText('aaaaa-aa')).toBe(managementCanister);
    expect(parsePrincipalText('2vxsx-fae')).toBe(anonymous);
  });

  it('is parsed in any case [principal.text]', () => {
    expect(parsePrincipalText('EM77E-bvlzu-AQ')).toBe('abcd01');
    expect(parsePrincipalText('W7X7R-COK77-XA')).toBe('caffee');
  });

  it('leads back to the principal, and has at most 63 characters [principal.text]', () => {
    fc.assert(
      fc.property(principals, (principal) => {
        const text = principalToText(principal);
        expect(text.length).toBeLessThanOrEqual(63);
        expect(parsePrincipalText(text)).toBe(principal);
        expect(parsePrincipalText(text.toUpperCase())).toBe(principal);
      }),
    );
  });

  it.each([
    ['', 'no check sequence'],
    ['aaaaa', 'no dash where one belongs'],
    ['em77ebvlzuaq', 'no dashes'],
    ['em77e-bvlzu-aq-', 'a dash at the end'],
    ['em77e-bvlzu-ar', 'unused bits set'],
    ['em77e-bvlzu-bq', 'a wrong character'],
    ['em77e-bvl1u-aq', 'a character outside the alphabet'],
    ['e-m77eb-vlzuaq', 'dashes in the wrong places'],
    [`${'a'.repeat(70)}`, 'too long'],
    ['em77e-bvlzu-aq ', 'a blank'],
    ['w7x7r-co\u212a77-xa', 'the Kelvin sign, whose lower case is k'],
  ])('%j is refused: %s [principal.text]', (text) => {
    expect(parsePrincipalText(text)).toBeNull();
  });

  it('is refused when it stands for more than 29 bytes [principal.text]', () => {
    // The check sequence is right, only the length is not.
    const written = (bytes: Uint8Array) => {
      const check = new Uint8Array(4);
      new DataView(check.buffer).setUint32(0, crc32(bytes));
      return bytesToBase32(concatBytes(check, bytes)).replace(/.{5}(?=.)/g, '$&-');
    };
    expect(parsePrincipalText(written(new Uint8Array(29)))).toBe('00'.repeat(29));
    expect(parsePrincipalText(written(new Uint8Array(30)))).toBeNull();
  });

  it('with one character changed never parses [principal.text]', () => {
    fc.assert(
      fc.property(principals, fc.nat(), fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'), (principal, at, to) => {
        const text = principalToText(principal);
        const i = at % text.length;
        fc.pre(text[i] !== to && text[i] !== '-');
        expect(parsePrincipalText(text.slice(0, i) + to + text.slice(i + 1))).toBeNull();
      }),
    );
  });
});

describe('a principal', () => {
  it('is its bytes, and 30 bytes are none [principal.forms]', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const principal = parsePrincipalBytes(bytes);
        if (bytes.length > 29) expect(principal).toBeNull();
        else expect(principalToBytes(principal!)).toEqual(bytes);
      }),
    );
  });

  it('is read from stored hexadecimal only when that is one', () => {
    expect(parsePrincipalHex('abcd01')).toBe('abcd01');
    for (const bad of ['ABCD01', 'abc', 'xy', '00'.repeat(30)]) expect(parsePrincipalHex(bad)).toBeNull();
  });

  it('sorts as its bytes do [principal.order]', () => {
    fc.assert(
      fc.property(principals, principals, (a, b) => {
        const byText = a < b ? -1 : a > b ? 1 : 0;
        expect(Math.sign(compareBytes(principalToBytes(a), principalToBytes(b)))).toBe(byText);
      }),
    );
  });

  it('of a key is the SHA-224 of its DER and 02 [principal.self-authenticating]', () => {
    // SHA-224("abc") of FIPS 180-4 is a known value.
    const principal = selfAuthenticatingPrincipal(textToBytes('abc'));
    expect(principal).toBe('23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da702');
  });
});

describe('a canister id', () => {
  it.each([
    [0n, 'rwlgt-iiaaa-aaaaa-aaaaa-cai'],
    [0x8000000000100001n, 'bkyz2-fmaaa-aaaaa-qaaaq-cai'],
  ])('of index %d is %s [principal.canister-id]', (index, text) => {
    expect(principalToText(canisterIdOfIndex(index))).toBe(text);
    expect(canisterIndexOfId(canisterIdOfIndex(index))).toBe(index);
  });

  it('sorts as the index does [principal.canister-id]', () => {
    const index = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(index, index, (a, b) => {
        expect(canisterIdOfIndex(a) < canisterIdOfIndex(b)).toBe(a < b);
        expect(bytesToHex(principalToBytes(canisterIdOfIndex(a)))).toBe(canisterIdOfIndex(a));
      }),
    );
  });

  it('is not made of other principals', () => {
    expect(canisterIndexOfId(anonymous)).toBeNull();
    expect(() => canisterIdOfIndex(2n ** 64n)).toThrow('out of range');
  });
});
