import { bytesToHex, parseHex, textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CborValue, cborMap, cborToNat, encodeCBOR, parseCBOR } from './cbor.ts';
import { cborDepthMax } from './cbor-reader.ts';

const { value: values } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 100n }),
    fc.bigInt({ min: -(2n ** 100n), max: -(2n ** 53n) }),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 300 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.uniqueArray(fc.tuple(fc.string(), tie('value')), { selector: ([name]) => name }).map((pairs) => new Map(pairs)),
  ),
}));

function parsed(hex: string): CborValue {
  const result = parseCBOR(parseHex(hex)!);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

describe('CBOR', () => {
  it('leads back to the value, with and without the self-describing tag [encoding.cbor]', () => {
    fc.assert(
      fc.property(values, fc.boolean(), (value, selfDescribed) => {
        const bytes = encodeCBOR(value, { selfDescribed });
        expect(bytesToHex(bytes.subarray(0, 3)) === 'd9d9f7').toBe(selfDescribed);
        expect(parseCBOR(bytes)).toEqual({ ok: true, value });
      }),
    );
  });

  // RFC 8949, Appendix A.
  it.each<[string, CborValue]>([
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1000000],
    ['1b000000e8d4a51000', 1000000000000],
    ['1bffffffffffffffff', 18446744073709551615n],
    ['c249010000000000000000', 18446744073709551616n],
    ['3bffffffffffffffff', -18446744073709551616n],
    ['c349010000000000000000', -18446744073709551617n],
    ['20', -1],
    ['3903e7', -1000],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['40', new Uint8Array(0)],
    ['4401020304', Uint8Array.of(1, 2, 3, 4)],
    ['60', ''],
    ['6449455446', 'IETF'],
    ['62225c', '"\\'],
    ['62c3bc', 'ü'],
    ['64f0908591', '𐅑'],
    ['80', []],
    ['8301820203820405', [1, [2, 3], [4, 5]]],
    ['a26161016162820203', cborMap({ a: 1, b: [2, 3] })],
  ])('%s of RFC 8949 is read and written [encoding.cbor]', (hex, value) => {
    expect(parsed(hex)).toEqual(value);
    expect(bytesToHex(encodeCBOR(value))).toBe(hex);
  });

  it.each<[string, CborValue]>([
    ['5f42010243030405ff', Uint8Array.of(1, 2, 3, 4, 5)],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['9fff', []],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', cborMap({ a: 1, b: [2, 3] })],
    ['1800', 0],
    ['1b0000000000000005', 5],
    ['c2410a', 10],
    ['c240', 0],
    ['f7', null],
    ['5800', new Uint8Array(0)],
  ])('%s in a form we do not write is read all the same [encoding.cbor]', (hex, value) => {
    expect(parsed(hex)).toEqual(value);
  });

  it('of the worked example is an array of a text and a map [encoding.cbor]', () => {
    const example = parseHex('826161a161626163')!;
    expect(parseCBOR(example)).toEqual({ ok: true, value: ['a', new Map([['b', 'c']])] });
    expect(bytesToHex(encodeCBOR(['a', cborMap({ b: 'c' })]))).toBe('826161a161626163');
  });

  it('of the request in the specification is read [encoding.cbor]', () => {
    const request = cborMap({
      content: cborMap({
        request_type: 'call',
        canister_id: parseHex('abcd01')!,
        method_name: 'say_hello',
        arg: parseHex('0061736d01000000')!,
      }),
      sender_sig: parseHex('deadbeef')!,
      sender_pubkey: parseHex('b7a3c12dc0c8c748ab07525b701122b88bd78f600c76342d27f25e5f92444cde')!,
    });
    expect(parseCBOR(encodeCBOR(request, { selfDescribed: true }))).toEqual({ ok: true, value: request });
  });

  it.each([
    ['', 'ends early'],
    ['18', 'ends early'],
    ['1b00', 'ends early'],
    ['0000', 'after the end'],
    ['d9d9f7', 'ends early'],
    ['d9d9f7d9d9f700', 'tag'],
    ['c11a514b67b0', 'tag'],
    ['c200', 'bignum'],
    ['f93c00', 'floating'],
    ['fa47c35000', 'floating'],
    ['fb3ff199999999999a', 'floating'],
    ['f0', 'simple'],
    ['f8ff', 'simple'],
    ['1c', 'reserved'],
    ['5d', 'reserved'],
    ['ff', 'simple'],
    ['a1016161', 'key'],
    ['a2616101616102', 'duplicate'],
    ['bf616101616102ff', 'duplicate'],
    ['a16161', 'ends early'],
    ['62ff00', 'UTF-8'],
    ['7f61c361bcff', 'UTF-8'],
    ['5f6161ff', 'chunk'],
    ['5f5f4101ffff', 'chunk'],
    ['5f4101', 'ends early'],
    ['9f01', 'ends early'],
    ['bf6161ff', 'simple'],
    ['5affffffff00', 'beyond'],
    ['9affffffff00', 'beyond'],
    ['baffffffff00', 'beyond'],
    ['5bffffffffffffffff00', 'beyond'],
    ['9bffffffffffffffff00', 'beyond'],
  ])('%s is refused: %s [encoding.cbor-strict]', (hex, reason) => {
    const result = parseCBOR(parseHex(hex)!);
    expect(result).toMatchObject({ ok: false, error: expect.stringContaining(reason) });
  });

  it('nested too deeply is refused, however deep [encoding.cbor-strict]', () => {
    for (const open of [0x81, 0x9f]) {
      const fits = new Uint8Array(cborDepthMax + 1).fill(0x81);
      fits[cborDepthMax] = 0;
      expect(parseCBOR(fits).ok).toBe(true);
      expect(parseCBOR(new Uint8Array(1_000_000).fill(open))).toMatchObject({ ok: false });
    }
  });

  it('of any bytes at all is a value or a refusal, never a crash [encoding.cbor-strict]', () => {
    const head = fc.constantFrom(0x5f, 0x7f, 0x9f, 0xbf, 0xa1, 0x81, 0xc2, 0xff, 0xd9, 0xf7);
    const bytes = fc.array(fc.oneof(head, fc.nat(255)), { maxLength: 60 }).map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 200 })), (input) => {
        const result = parseCBOR(input);
        if (result.ok) expect(parseCBOR(encodeCBOR(result.value))).toEqual(result);
      }),
      { numRuns: 5000 },
    );
  });

  it('byte strings are views of the input', () => {
    const bytes = encodeCBOR([textToBytes('hello')]);
    const result = parseCBOR(bytes);
    expect(result.ok && Array.isArray(result.value) && (result.value[0] as Uint8Array).buffer).toBe(bytes.buffer);
  });

  it('cannot be made of fractions', () => {
    expect(() => encodeCBOR(1.5)).toThrow('not an integer');
    expect(() => encodeCBOR(2 ** 53)).toThrow('not an integer');
  });

  it('naturals come as bigint whichever way they were held', () => {
    expect([5, 5n, 2n ** 70n].map(cborToNat)).toEqual([5n, 5n, 2n ** 70n]);
    expect([-1, -1n, '5', null, undefined].map(cborToNat)).toEqual([null, null, null, null, null]);
  });
});
