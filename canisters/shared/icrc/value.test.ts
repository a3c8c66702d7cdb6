import { bytesToHex, parseHex } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  candidToValue,
  fixedEntry,
  hashedEntry,
  hashMap,
  hashValue,
  toLeb128,
  type Value,
  valueToCandid,
} from './value.ts';

const blob = (hex: string): Value => ({ kind: 'Blob', bytes: parseHex(hex)! });
const nat = (value: bigint): Value => ({ kind: 'Nat', value });
const text = (value: string): Value => ({ kind: 'Text', text: value });

/** The six of the annex of the standard, `HASHINGVALUES.md`. */
const vectors: readonly (readonly [string, Value, string])[] = [
  ['Nat', nat(42n), '684888c0ebb17f374298b65ee2807526c066094c701bcc7ebbe1c1095f494fc1'],
  ['Int', { kind: 'Int', value: -42n }, 'de5a6f78116eca62d7fc5ce159d23ae6b889b365a1739ad2cf36f925a140d0cc'],
  ['Text', text('Hello, World!'), 'dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f'],
  ['Blob', blob('01020304'), '9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a'],
  [
    'Array',
    { kind: 'Array', items: [nat(3n), text('foo'), blob('0506')] },
    '514a04011caa503990d446b7dec5d79e19c221ae607fb08b2848c67734d468d6',
  ],
  [
    'Map',
    {
      kind: 'Map',
      entries: [
        ['from', blob('00abcdef0012340056789a00bcdef000012345678900abcdef01')],
        ['to', blob('00ab0def0012340056789a00bcdef000012345678900abcdef01')],
        ['amount', nat(42n)],
        ['created_at', nat(1699218263n)],
        ['memo', nat(0n)],
      ],
    },
    'c56ece650e1de4269c5bdeff7875949e3e2033f85b2d193c2ff4f7f78bdcfc75',
  ],
];

const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.record({ kind: fc.constant('Blob' as const), bytes: fc.uint8Array({ maxLength: 200 }) }),
    fc.record({ kind: fc.constant('Text' as const), text: fc.stringMatching(/^[a-z_:0-9]{0,200}$/) }),
    fc.record({ kind: fc.constant('Nat' as const), value: fc.bigInt({ min: 0n, max: 2n ** 130n }) }),
    fc.record({ kind: fc.constant('Int' as const), value: fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n }) }),
    fc.record({ kind: fc.constant('Array' as const), items: fc.array(tie('value'), { maxLength: 4 }) }),
    fc.record({
      kind: fc.constant('Map' as const),
      entries: fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), tie('value')), { maxLength: 4 }),
    }),
  ),
}));

describe('ICRC-3 values', () => {
  it.each(vectors)('[icrc3.value-hash] have the hash of the official example: %s', (_, value, hash) => {
    expect(bytesToHex(hashValue(value))).toBe(hash);
  });

  it('[icrc3.value-hash] have a hash that the order of entries does not change', () => {
    const entries = [
      ['b', nat(1n)],
      ['a', text('x')],
    ] as const;
    const hash = hashValue({ kind: 'Map', entries });
    expect(hashValue({ kind: 'Map', entries: [...entries].reverse() })).toEqual(hash);
    const hashed = [fixedEntry('b', nat(1n)), hashedEntry('a', hashValue(text('x')))];
    expect(hashMap(hashed)).toEqual(hash);
    expect(hashMap([fixedEntry('a', text('x')), hashedEntry('b', hashValue(nat(1n)))])).toEqual(hash);
  });

  it('[icrc3.value-candid] come back from their bytes', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(candidToValue(valueToCandid(value))).toEqual(value);
      }),
    );
  });

  it('[icrc3.leb128] write numbers of any size', () => {
    expect(bytesToHex(toLeb128(624485n))).toBe('e58e26');
    expect(toLeb128(0n)).toEqual(Uint8Array.of(0));
    const plain = (value: bigint): number[] =>
      value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...plain(value >> 7n)];
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 140n }), (value) => {
        expect([...toLeb128(value)]).toEqual(plain(value));
      }),
    );
  });
});
