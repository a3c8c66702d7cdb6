import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { expect, it } from 'vitest';

type Case = { readonly type: IDL.Type; readonly value: unknown };

const leaf: fc.Arbitrary<Case> = fc.oneof(
  fc.bigInt(0n, 2n ** 80n).map((value) => ({ type: IDL.Nat, value })),
  fc.nat().map((value) => ({ type: IDL.Nat, value })),
  fc.bigInt(-(2n ** 70n), 2n ** 70n).map((value) => ({ type: IDL.Int, value })),
  fc.bigInt(0n, 2n ** 64n - 1n).map((value) => ({ type: IDL.Nat64, value })),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((value) => ({ type: IDL.Int64, value })),
  fc.nat(2 ** 32 - 1).map((value) => ({ type: IDL.Nat32, value })),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((value) => ({ type: IDL.Int32, value })),
  fc.nat(65_535).map((value) => ({ type: IDL.Nat16, value })),
  fc.nat(255).map((value) => ({ type: IDL.Nat8, value })),
  fc.string({ unit: 'grapheme', maxLength: 300 }).map((value) => ({ type: IDL.Text, value })),
  fc.string({ maxLength: 300 }).map((value) => ({ type: IDL.Text, value })),
  fc.boolean().map((value) => ({ type: IDL.Bool, value })),
  fc.constant({ type: IDL.Null, value: null }),
  fc.double({ noNaN: true }).map((value) => ({ type: IDL.Float64, value })),
  fc.uint8Array({ maxLength: 29 }).map((bytes) => ({ type: IDL.Principal, value: Principal.fromUint8Array(bytes) })),
  fc.uint8Array({ maxLength: 600 }).map((value) => ({ type: IDL.Vec(IDL.Nat8), value })),
  fc.uint8Array({ maxLength: 60 }).map((value) => ({ type: IDL.Vec(IDL.Nat8), value: [...value] })),
);

const { value: anyValue } = fc.letrec<{ value: Case }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    tie('value').map(({ type, value }) => ({ type: IDL.Opt(type), value: [value] })),
    tie('value').map(({ type }) => ({ type: IDL.Opt(type), value: [] })),
    fc.tuple(tie('value'), fc.nat(9)).map(([{ type, value }, count]) => ({
      type: IDL.Vec(type),
      value: Array.from({ length: count }, () => value),
    })),
    fc.array(tie('value'), { minLength: 1, maxLength: 6 }).map((parts) => ({
      type: IDL.Tuple(...parts.map(({ type }) => type)),
      value: parts.map(({ value }) => value),
    })),
    fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 8 }), tie('value'), { maxKeys: 6 }).map((fields) => ({
      type: IDL.Record(Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type]))),
      value: Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value])),
    })),
    fc
      .tuple(
        fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), tie('value'), { minKeys: 1, maxKeys: 6 }),
        fc.nat(),
      )
      .map(([choices, pick]) => {
        const names = Object.keys(choices);
        const name = names[pick % names.length]!;
        const types = Object.fromEntries(Object.entries(choices).map(([each, { type }]) => [each, type]));
        return { type: IDL.Variant(types), value: { [name]: choices[name]!.value } };
      }),
  ),
}));

const hexOf = ({ type, value }: Case) => Buffer.from(IDL.encode([type, type], [value, value])).toString('hex');

it('writes the same bytes as the library, whatever the type and the value', async () => {
  const cases = fc.sample(anyValue, 1_500);
  const before = cases.map(hexOf);
  const { encodeValue } = IDL.Record({});
  await import('./candid-write.ts');
  expect(IDL.Record({}).encodeValue).not.toBe(encodeValue);
  cases.forEach((each, index) => {
    expect(hexOf(each), `${each.type.display()}`).toBe(before[index]);
    expect(hexOf(each)).toBe(before[index]);
  });
});

it('still refuses what is not of the type', async () => {
  await import('./candid-write.ts');
  const Shape = IDL.Record({ at: IDL.Nat64, who: IDL.Opt(IDL.Text), how: IDL.Variant({ a: IDL.Null, b: IDL.Nat }) });
  const fine = { at: 1n, who: ['x'], how: { a: null } };
  expect(IDL.encode([Shape], [fine]).length).toBeGreaterThan(0);
  const wrong = [
    { ...fine, at: -1n },
    { ...fine, at: 'x' },
    { ...fine, who: 'x' },
    { ...fine, how: {} },
    { at: 1n },
    5,
  ];
  for (const each of [...wrong, { ...fine, how: { c: null } }, { ...fine, how: { a: null, b: 1n } }])
    expect(() => IDL.encode([Shape], [each])).toThrow();
});
