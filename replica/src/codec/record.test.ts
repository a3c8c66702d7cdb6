import { bytesToHex } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord, parseRecord } from './record.ts';

const scalar = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 140n), max: 2n ** 140n }),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.string({ unit: 'grapheme' }),
  fc.boolean(),
  fc.constant(null),
);
const fieldName = fc.string().filter((name) => name !== '__proto__');
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.uint8Array(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fieldName, tie('value'), { maxKeys: 5, noNullPrototype: true }),
    fc.uniqueArray(fc.tuple(scalar, tie('value')), { selector: ([key]) => key }).map((pairs) => new Map(pairs)),
  ),
}));

describe('a state record', () => {
  it('comes back as it went in', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encodeRecord(value);
        expect(decodeRecord(bytes)).toStrictEqual(value);
        expect(bytesToHex(encodeRecord(decodeRecord(bytes)))).toBe(bytesToHex(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it('tells number from bigint, object from Map, and -0 from 0', () => {
    const alike = [1, 1n, -1, -1n, 0, -0, 0n, {}, new Map(), [], '', new Uint8Array(0), null, false, '1', 1.5];
    const encodings = new Set(alike.map((value) => bytesToHex(encodeRecord(value))));
    expect(encodings.size).toBe(alike.length);
    expect(decodeRecord(encodeRecord(alike))).toStrictEqual(alike);
  });

  it('leaves out fields that are undefined', () => {
    expect(decodeRecord(encodeRecord({ a: 1, b: undefined }))).toStrictEqual({ a: 1 });
  });

  it('keeps the order of fields and entries', () => {
    const value = { z: new Map([['b', 1], ['a', 2]]), a: 0 }; // biome-ignore format: one line reads better
    const back = decodeRecord(encodeRecord(value)) as typeof value;
    expect(Object.keys(back)).toEqual(['z', 'a']);
    expect([...back.z.keys()]).toEqual(['b', 'a']);
  });

  it('does not share bytes with what it was decoded from', () => {
    const bytes = encodeRecord([Uint8Array.of(1, 2, 3)]);
    const back = decodeRecord(bytes);
    bytes.fill(0);
    expect(back).toEqual([Uint8Array.of(1, 2, 3)]);
  });

  it.each([[undefined], [() => 1], [Symbol('s')], [new Date(0)], [[undefined]], [JSON.parse('{"__proto__":1}')]])(
    'cannot hold %s',
    (value) => {
      expect(() => encodeRecord(value)).toThrow('record');
    },
  );

  it('that is damaged is refused and not crashed on', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, flip) => {
        const bytes = encodeRecord(value);
        bytes[at % bytes.length]! ^= flip;
        const parsed = parseRecord(bytes);
        if (parsed.ok) encodeRecord(parsed.value);
        expect(parseRecord(bytes.subarray(0, bytes.length - 1)).ok && parseRecord(bytes).ok).toBe(false);
      }),
      { numRuns: 2000 },
    );
    expect(parseRecord(new Uint8Array(100_000).fill(0x81))).toMatchObject({ ok: false });
    expect(() => decodeRecord(Uint8Array.of(0x81))).toThrow('damaged');
  });
});
