import { bytesEqual, compareBytes } from '@tamc/base/bytes';
import { accountOf } from '@tamc/protocol/account';
import type { PrincipalHex } from '@tamc/protocol/principal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountKey, countKey, type KeyCodec, natKey, principalKey, textKey, tupleKey } from './key.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom('\0', '\u0001', '\u0002', 'a')).map((chars) => chars.join('')),
);
const hex = (lengthMax: number) =>
  fc.uint8Array({ maxLength: lengthMax }).map((bytes) => Buffer.from(bytes).toString('hex'));
const principal = hex(29).map((digits) => digits as PrincipalHex);
const subaccount = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const account = fc.tuple(principal, fc.option(subaccount)).map(([owner, sub]) => accountOf(owner, sub));
const nat = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

const cases: readonly (readonly [string, KeyCodec<unknown>, fc.Arbitrary<unknown>])[] = [
  ['natKey', natKey, nat],
  ['countKey', countKey, fc.maxSafeNat()],
  ['textKey', textKey, text],
  ['principalKey', principalKey, principal],
  ['accountKey', accountKey, account],
  ['tupleKey', tupleKey(textKey, natKey, textKey), fc.tuple(text, nat, text)],
];

describe.each(cases)('%s', (_, codec, values) => {
  it('brings every key back, from amid other bytes, and says where it ends', () => {
    fc.assert(
      fc.property(values, fc.uint8Array({ maxLength: 3 }), fc.uint8Array({ maxLength: 3 }), (key, before, after) => {
        const bytes = codec.toBytes(key);
        const amid = Uint8Array.from([...before, ...bytes, ...after]);
        expect(codec.fromBytes(amid, before.length)).toEqual([key, before.length + bytes.length]);
      }),
    );
  });

  it('gives different keys different bytes, none the beginning of another', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [left, right] = [codec.toBytes(a), codec.toBytes(b)];
        fc.pre(!bytesEqual(left, right));
        const length = Math.min(left.length, right.length);
        expect(bytesEqual(left.subarray(0, length), right.subarray(0, length))).toBe(false);
      }),
    );
  });
});

describe('the order of keys', () => {
  const order = <K>(codec: KeyCodec<K>, a: K, b: K) => Math.sign(compareBytes(codec.toBytes(a), codec.toBytes(b)));

  it('is that of numbers', () => {
    fc.assert(fc.property(nat, nat, (a, b) => order(natKey, a, b) === (a < b ? -1 : a > b ? 1 : 0)));
  });

  it('is that of texts in UTF-8', () => {
    fc.assert(
      fc.property(text, text, (a, b) => order(textKey, a, b) === Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
  });

  it('is that of the first, then the second, in a tuple', () => {
    const codec = tupleKey(textKey, natKey);
    fc.assert(
      fc.property(text, nat, text, nat, (a, m, b, n) => {
        const first = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(order(codec, [a, m], [b, n])).toBe(first === 0 ? order(natKey, m, n) : first);
      }),
    );
  });

  it('keeps the accounts of one owner side by side, the default one first', () => {
    const owners = ['04', '0a', '0102'] as PrincipalHex[];
    const accounts = owners.flatMap((owner) => [
      accountOf(owner),
      accountOf(owner, 'ff'.repeat(32)),
      accountOf(owner, `${'00'.repeat(31)}01`),
    ]);
    const sorted = accounts.toSorted((a, b) => order(accountKey, a, b));
    expect(sorted.map(({ owner }) => owner)).toEqual(['04', '04', '04', '0a', '0a', '0a', '0102', '0102', '0102']);
    expect(sorted.map(({ subaccount }) => subaccount?.slice(-2) ?? 'default').slice(0, 3)).toEqual([
      'default',
      '01',
      'ff',
    ]);
  });
});

it('a key that is none is a bug: below zero, above 64 bits, no hexadecimal digits', () => {
  expect(() => natKey.toBytes(-1n)).toThrow('does not fit');
  expect(() => natKey.toBytes(1n << 64n)).toThrow('does not fit');
  expect(() => countKey.toBytes(0.5)).toThrow('no count');
  expect(() => principalKey.toBytes('xy' as PrincipalHex)).toThrow('no principal');
});
