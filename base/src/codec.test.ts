import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, textToBytes } from './bytes.ts';
import {
  added,
  bytes,
  type Codec,
  choice,
  count,
  decode,
  depthMax,
  encode,
  flag,
  int,
  list,
  nat,
  optional,
  parse,
  raw,
  record,
  text,
  tuple,
  type ValueOf,
  variant,
} from './codec.ts';

const payment = record({ to: text, amount: nat, note: optional(text) });
const everything = record({
  nat,
  int,
  count,
  text,
  flag,
  bytes,
  choice: choice('use', 'minute'),
  list: list(payment),
  tuple: tuple(nat, text),
  variant: variant({ paid: record({ amount: nat }), refused: record({}) }),
});

const unicode = fc.string({ unit: 'binary' });
const paymentValue = fc.record({ to: unicode, amount: fc.bigInt({ min: 0n }), note: fc.option(unicode) });
const everythingValue: fc.Arbitrary<ValueOf<typeof everything>> = fc.record({
  nat: fc.bigInt({ min: 0n, max: 1n << 256n }),
  int: fc.bigInt({ min: -(1n << 256n), max: 1n << 256n }),
  count: fc.maxSafeInteger().map((number) => number + 0),
  text: unicode,
  flag: fc.boolean(),
  bytes: fc.uint8Array(),
  choice: fc.constantFrom('use' as const, 'minute' as const),
  list: fc.array(paymentValue, { maxLength: 4 }),
  tuple: fc.tuple(fc.bigInt({ min: 0n }), unicode),
  variant: fc.oneof(
    fc.record({ kind: fc.constant('paid' as const), amount: fc.bigInt({ min: 0n }) }),
    fc.constant({ kind: 'refused' as const }),
  ),
});

const encodedText = <T>(codec: Codec<T>, value: T) => new TextDecoder().decode(encode(codec, value));
const parseText = <T>(codec: Codec<T>, given: string) => parse(codec, textToBytes(given));

describe('a codec', () => {
  it('brings every value back, and equal values as equal bytes', () => {
    fc.assert(
      fc.property(everythingValue, (value) => {
        const written = encode(everything, value);
        const again = decode(everything, written);
        expect(again).toEqual(value);
        expect(bytesToHex(encode(everything, again))).toBe(bytesToHex(written));
        expect(parse(everything, written)).toEqual({ ok: true, value });
      }),
    );
  });

  it('writes a record as a list in the order of its declaration, however the value was put together', () => {
    const value = { note: null, amount: 5n, to: 'é' };
    expect(encodedText(payment, value)).toBe('["é","5",null]');
  });

  it('writes a union as its kind and its record', () => {
    const codec = variant({ paid: record({ amount: nat }), refused: record({}) });
    expect(encodedText(codec, { kind: 'paid', amount: 3n })).toBe('["paid",["3"]]');
  });

  it('keeps raw bytes as they are, alone, and as text inside of others', () => {
    const value = Uint8Array.of(0, 255);
    expect(encode(raw, value)).toEqual(value);
    expect(encodedText(list(raw), [value])).toBe('["00ff"]');
  });

  it('keeps a text that is no well-formed Unicode', () => {
    expect(decode(text, encode(text, '\ud800'))).toBe('\ud800');
  });
});

describe('a field that was added', () => {
  const older = record({ a: nat });
  const newer = record({ a: nat, b: added(count, 7), c: added(text, 'x') });

  it('has its default in older bytes', () => {
    expect(decode(newer, encode(older, { a: 1n }))).toEqual({ a: 1n, b: 7, c: 'x' });
  });

  it('is a field like others in newer bytes', () => {
    const value = { a: 1n, b: 2, c: 'y' };
    expect(decode(newer, encode(newer, value))).toEqual(value);
  });

  it('stands only at the end', () => {
    expect(() => record({ b: added(count, 7), a: nat })).toThrow('only at the end');
  });

  it('shows in the shape, which is plain data', () => {
    expect(JSON.parse(JSON.stringify(newer.shape))).toEqual({
      record: [
        { name: 'a', shape: 'nat', isAdded: false },
        { name: 'b', shape: 'count', isAdded: true },
        { name: 'c', shape: 'text', isAdded: true },
      ],
    });
  });
});

describe('bytes from outside', () => {
  it.each([
    ['what is no JSON', 'not JSON', text, '{'],
    ['another type', 'expected text, got 5', text, '5'],
    ['a number with a leading zero', 'expected nat', nat, '"007"'],
    ['a negative amount', 'expected nat', nat, '"-1"'],
    ['a number of too many digits', 'expected nat', nat, `"${'9'.repeat(101)}"`],
    ['a count that is no safe integer', 'expected count', count, '9007199254740992'],
    ['a missing field', 'expected 3 fields', payment, '["a","1"]'],
    ['a field too many', 'expected 3 fields', payment, '["a","1",null,null]'],
    ['upper-case hexadecimal digits', 'expected bytes', bytes, '"FF"'],
    ['half a byte', 'expected bytes', bytes, '"f"'],
    ['an unknown kind', 'expected one of paid', variant({ paid: record({}) }), '["lost",[]]'],
    ['a kind from the prototype', 'expected one of paid', variant({ paid: record({}) }), '["constructor",[]]'],
    ['more than a kind and its fields', 'expected one of paid', variant({ paid: record({}) }), '["paid",[],1]'],
    ['an unknown word', 'expected one of use', choice('use'), '"misuse"'],
  ] as const)('are refused when they hold %s', (_, problem, codec, given) => {
    const parsed = parseText<unknown>(codec, given);
    expect(parsed.ok ? 'taken' : parsed.error).toContain(problem);
  });

  it('are refused when they are not UTF-8', () => {
    expect(parse(text, Uint8Array.of(0x22, 0xff, 0x22))).toEqual({ ok: false, error: 'not UTF-8' });
  });

  it('are refused when they nest deep, but brackets in a text are no nesting', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(parseText(list(text), deep)).toEqual({ ok: false, error: `nested deeper than ${depthMax}` });
    const flat = ['"', '\\', '['.repeat(1000)];
    expect(parse(list(text), encode(list(text), flat))).toEqual({ ok: true, value: flat });
  });

  it('are refused without repeating them at length', () => {
    const parsed = parseText(nat, JSON.stringify('x'.repeat(10_000)));
    expect(parsed.ok ? '' : parsed.error.length).toBeLessThan(100);
  });

  it('never make the parser throw', () => {
    fc.assert(fc.property(fc.uint8Array(), (given) => typeof parse(everything, given).ok === 'boolean'));
    fc.assert(fc.property(fc.json(), (given) => typeof parseText(everything, given).ok === 'boolean'));
  });
});

describe('our own values', () => {
  it('are checked when they are written: no negative amount, no fraction as a count', () => {
    expect(() => encode(nat, -1n)).toThrow('-1 is no nat');
    expect(() => encode(count, 0.5)).toThrow('no safe integer');
  });
});
