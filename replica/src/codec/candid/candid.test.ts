import { bytesToHex, concatBytes, parseHex, textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { arbitraryTyped } from '../../../test/arbitrary-candid.ts';
import {
  blob,
  bool,
  type CandidType,
  decodeCandid,
  decodeOwnCandid,
  empty,
  encodeCandid,
  fieldId,
  float64,
  type Infer,
  int,
  int32,
  nat,
  nat8,
  nat64,
  nullType,
  opt,
  principal,
  record,
  recursive,
  text,
  tuple,
  variant,
  vec,
} from '../candid.ts';
import { anonymous, type Principal, parsePrincipalBytes } from '../principal.ts';

const settings = record({
  controllers: opt(vec(principal)),
  limit: opt(nat),
  mode: variant({ install: nullType, upgrade: opt(record({ skip: opt(bool) })) }),
  code: blob,
});

describe('a Candid value', () => {
  it('leads back to itself at its own type, whatever the type [candid.decode]', () => {
    fc.assert(
      fc.property(arbitraryTyped, ({ type, value }) => {
        expect(decodeCandid([type], encodeCandid([type], [value]))).toEqual({ ok: true, value: [value] });
      }),
      { numRuns: 1000 },
    );
  });

  it('has the type its descriptor says', () => {
    expectTypeOf<Infer<typeof settings>>().toEqualTypeOf<{
      readonly controllers: readonly Principal[] | null;
      readonly limit: bigint | null;
      readonly mode:
        | { readonly tag: 'install'; readonly value: null }
        | { readonly tag: 'upgrade'; readonly value: { readonly skip: boolean | null } | null };
      readonly code: Uint8Array;
    }>();
    const value = {
      controllers: [anonymous],
      limit: null,
      mode: { tag: 'upgrade', value: { skip: true } },
      code: Uint8Array.of(1, 2),
    } as const;
    const [decoded, extra] = decodeOwnCandid([settings, text], encodeCandid([settings, text], [value, 'x']));
    expectTypeOf(extra).toEqualTypeOf<string>();
    expect(decoded).toEqual(value);
  });

  it('is written as the Candid specification says [candid.encode]', () => {
    const hex = (types: readonly CandidType[], values: readonly unknown[]) => bytesToHex(encodeCandid(types, values));
    expect(hex([], [])).toBe('4449444c0000');
    expect(hex([nat, text], [128n, 'ok'])).toBe('4449444c00027d718001026f6b');
    expect(hex([opt(int)], [42n])).toBe('4449444c016e7c0100012a');
    expect(hex([record({ foo: int, bar: bool })], [{ foo: 42n, bar: true }])).toBe(
      '4449444c016c02d3e3aa027e868eb7027c0100012a',
    );
    expect(hex([principal], [parsePrincipalBytes(parseHex('caffee')!)])).toBe('4449444c0001680103caffee');
    expect(hex([blob], [Uint8Array.of(1, 2)])).toBe('4449444c016d7b0100020102');
    expect(hex([variant({ Foo: nullType, Bar: nullType })], [{ tag: 'Bar', value: null }])).toBe(
      '4449444c016b02b3d3c9017fe6fdd5017f010000',
    );
    expect(hex([tuple(int, bool)], [[42n, true]])).toBe('4449444c016c02007c017e01002a01');
  });

  it('of a recursive type is written with a table that refers to itself [candid.encode]', () => {
    type List = { readonly head: bigint; readonly tail: List } | null;
    const list: CandidType<List> = recursive(() => opt(record({ head: int, tail: list })));
    const value = { head: 1n, tail: { head: 2n, tail: null } };
    const bytes = encodeCandid([list], [value]);
    expect(bytesToHex(bytes)).toBe('4449444c026e016c02a0d2aca8047c90eddae70400010001010102' + '00');
    expect(decodeOwnCandid([list], bytes)).toEqual([value]);
  });

  it('gets the same header every time its list of types is used', () => {
    const types = [settings] as const;
    const value = {
      controllers: null,
      limit: 1n,
      mode: { tag: 'install', value: null },
      code: new Uint8Array(0),
    } as const;
    expect(encodeCandid(types, [value])).toEqual(encodeCandid([settings], [value]));
    expect(encodeCandid(types, [value])).toEqual(encodeCandid(types, [value]));
  });

  it('of the wrong type is a bug and stops', () => {
    const wrong: [CandidType, unknown][] = [
      [nat, -1n],
      [nat, 1],
      [nat8, 256],
      [nat8, -1],
      [nat8, 1.5],
      [nat64, 1],
      [nat64, 2n ** 64n],
      [int32, 2 ** 31],
      [bool, 0],
      [text, 7],
      [blob, [1]],
      [vec(nat), 'x'],
      [principal, 'not hex'],
      [record({ a: nat }), null],
      [record({ a: nat }), {}],
      [variant({ a: nat }), { tag: 'b', value: 1n }],
      [empty, null],
    ];
    for (const [type, value] of wrong) expect(() => encodeCandid([type], [value])).toThrow('Candid');
  });
});

describe('subtyping', () => {
  it('lets a newer sender add fields, arguments and variants under opt [candid.subtyping]', () => {
    const newer = record({ a: nat, added: vec(text), mode: opt(variant({ old: nullType, brandNew: text })) });
    const older = record({ a: int, mode: opt(variant({ old: nullType })) });
    const sent = { a: 5n, added: ['x'], mode: { tag: 'brandNew', value: 'y' } } as const;
    expect(decodeCandid([older], encodeCandid([newer, text], [sent, 'extra']))).toEqual({
      ok: true,
      value: [{ a: 5n, mode: null }],
    });
  });

  it('lets an older sender leave out optional fields and arguments [candid.subtyping]', () => {
    const older = record({ b: text });
    const newer = record({ a: opt(nat), b: text, c: opt(blob) });
    expect(decodeCandid([newer, opt(nat)], encodeCandid([older], [{ b: 'x' }]))).toEqual({
      ok: true,
      value: [{ a: null, b: 'x', c: null }, null],
    });
  });

  it('names the field that does not fit [candid.subtyping]', () => {
    const sent = encodeCandid([record({ outer: record({ inner: text }) })], [{ outer: { inner: 'x' } }]);
    expect(decodeCandid([record({ outer: record({ inner: nat }) })], sent)).toEqual({
      ok: false,
      error: 'argument 1: outer: inner: expected nat',
    });
    expect(decodeCandid([record({ missing: nat })], sent)).toMatchObject({
      error: 'argument 1: field missing is missing',
    });
    expect(decodeCandid([record({}), nat], sent)).toMatchObject({ error: 'argument 2 is missing' });
  });

  it('goes on in the right place after a value that did not fit [candid.subtyping]', () => {
    const sent = encodeCandid(
      [vec(opt(record({ a: nat, b: text }))), text],
      [[{ a: 1n, b: 'x' }, null, { a: 2n, b: 'y' }], 'end'],
    );
    const asked = [vec(opt(record({ a: nat, b: nat }))), text] as const;
    expect(decodeCandid(asked, sent)).toEqual({ ok: true, value: [[null, null, null], 'end'] });
  });
});

describe('hostile bytes', () => {
  it('are a value or a refusal, never a crash [candid.bounded]', () => {
    const pieces = fc.constantFrom(0, 1, 2, 3, 0x6c, 0x6d, 0x6e, 0x6b, 0x6a, 0x69, 0x68, 0x7f, 0x71, 0x7d, 0x80, 0xff);
    const tail = fc.array(fc.oneof(pieces, fc.nat(255)), { maxLength: 60 });
    const asked = [settings, opt(vec(text)), opt(nat)] as const;
    fc.assert(
      fc.property(tail, (list) => {
        const bytes = concatBytes(textToBytes('DIDL'), Uint8Array.from(list));
        expect(typeof decodeCandid(asked, bytes).ok).toBe('boolean');
      }),
      { numRuns: 5000 },
    );
  });

  it('with one byte changed never crash either [candid.bounded]', () => {
    fc.assert(
      fc.property(arbitraryTyped, fc.nat(), fc.nat(255), ({ type, value }, at, byte) => {
        const bytes = encodeCandid([type], [value]);
        bytes[at % bytes.length] = byte;
        expect(typeof decodeCandid([type, opt(nat)], bytes).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });

  it('nested without end are refused [candid.bounded]', () => {
    const endless = concatBytes(parseHex('4449444c016e000100')!, new Uint8Array(1_000_000).fill(1));
    expect(decodeCandid([opt(nat)], endless)).toMatchObject({ ok: false, error: expect.stringContaining('nested') });
    expect(decodeCandid([], endless)).toMatchObject({ ok: false, error: expect.stringContaining('nested') });
  });

  it('that make many optional fields fail over and over are paid for [candid.bounded]', () => {
    // Each level is read, fails at the bottom, and is passed over again: work grows with the depth, so it is bounded.
    let type: CandidType = nat;
    let value: unknown = Array.from({ length: 20_000 }, () => null);
    let asked: CandidType = vec(record({ a: text }));
    type = vec(nullType);
    for (let depth = 0; depth < 100; depth++) {
      type = record({ a: opt(type) });
      asked = record({ a: opt(asked), b: nat });
      value = { a: value };
    }
    const bytes = encodeCandid([opt(type)], [value]);
    expect(decodeCandid([opt(asked)], bytes)).toMatchObject({ ok: false, error: expect.stringContaining('too many') });
  });
});

describe('a field number', () => {
  it('is the hash of the name, or the number the name stands for [candid.encode]', () => {
    expect([fieldId('foo'), fieldId('bar'), fieldId('☃')]).toEqual([5097222, 4895187, 11272781]);
    expect([fieldId('_7_'), fieldId('_4294967295_')]).toEqual([7, 4294967295]);
    expect(fieldId('_4294967296_')).not.toBe(4294967296);
  });

  it('may not be shared by two names', () => {
    expect(() => record({ foo: nat, _5097222_: nat })).toThrow('collide');
  });

  it('of a float keeps every bit', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(decodeOwnCandid([float64], encodeCandid([float64], [value]))).toEqual([value]);
      }),
    );
  });
});
