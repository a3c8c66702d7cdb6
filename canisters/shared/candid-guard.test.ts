import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { createRandom, type Random } from '@tamc/base/random';
import { expect, it } from 'vitest';
import { parseDid } from '../../stack/src/candid/parse-did.ts';

const seed = 20_261;
const Value = IDL.Rec();
Value.fill(
  IDL.Variant({ Nat: IDL.Nat, Array: IDL.Vec(Value), Map: IDL.Vec(IDL.Tuple(IDL.Text, Value)), No: IDL.Opt(Value) }),
);

const ours = ['machine', 'registry', 'ledger', 'simulated-desk'].flatMap((name) => {
  const methods = parseDid(readFileSync(join(import.meta.dirname, `../${name}/${name}.did`), 'utf8'));
  if (!methods.ok) throw new Error(methods.error);
  return Object.values(methods.value).flatMap(({ argTypes, retTypes }) => [argTypes, retTypes]);
});
const others = [
  [Value],
  [IDL.Vec(IDL.Int), IDL.Int, IDL.Float64, IDL.Bool, IDL.Int8],
  [IDL.Vec(IDL.Nat64), IDL.Vec(IDL.Nat16), IDL.Vec(IDL.Int32), IDL.Reserved],
];
const messages = [...ours, ...others];

/** Values of any type, through the library's own walk over types. */
class Maker extends IDL.Visitor<number, unknown> {
  random: Random;
  constructor(random: Random) {
    super();
    this.random = random;
  }
  make = (type: IDL.Type, depth: number): unknown => type.accept(this, depth + 1);
  count = (depth: number) => (depth > 6 ? 0 : this.random.below(4));
  bits = (bits: number) => this.random.below(2 ** Math.min(bits, 31));
  override visitNull = () => null;
  override visitReserved = () => null;
  override visitBool = () => this.random.below(2) === 1;
  override visitText = () => 'ö'.repeat(this.random.below(200));
  override visitNat = () => BigInt(this.bits(31)) ** BigInt(this.random.below(8));
  override visitInt = () => this.visitNat() * (this.visitBool() ? 1n : -1n);
  override visitFloat = () => this.bits(31) / 3;
  override visitFixedNat = (type: IDL.FixedNatClass) =>
    type._bits === 64 ? BigInt(this.bits(31)) << 33n : this.bits(type._bits);
  override visitFixedInt = (type: IDL.FixedIntClass) =>
    type._bits === 64 ? -BigInt(this.bits(31)) : -this.bits(type._bits - 1);
  override visitPrincipal = () => Principal.fromUint8Array(new Uint8Array(this.random.below(30)).fill(7));
  override visitFunc = (): [Principal, string] => [this.visitPrincipal(), this.visitText()];
  override visitOpt = <T>(_: IDL.OptClass<T>, type: IDL.Type<T>, depth: number) =>
    this.count(depth) === 0 ? [] : [this.make(type, depth)];
  override visitVec = <T>(_: IDL.VecClass<T>, type: IDL.Type<T>, depth: number) =>
    Array.from({ length: this.count(depth) }, () => this.make(type, depth));
  override visitRecord = (_: IDL.RecordClass, fields: [string, IDL.Type][], depth: number) =>
    Object.fromEntries(fields.map(([name, type]) => [name, this.make(type, depth)]));
  override visitTuple = <T extends unknown[]>(_: IDL.TupleClass<T>, types: IDL.Type[], depth: number) =>
    types.map((type) => this.make(type, depth));
  override visitVariant = (_: IDL.VariantClass, fields: [string, IDL.Type][], depth: number) => {
    const [name, type] = fields[depth > 6 ? 0 : this.random.below(fields.length)]!;
    return { [name]: this.make(type, depth) };
  };
  override visitRec = <T>(_: IDL.RecClass<T>, type: IDL.ConstructType<T>, depth: number) => this.make(type, depth);
}

const maker = new Maker(createRandom(seed));
const encoded = Array.from({ length: 8 }, () => messages)
  .flat()
  .map((types) => {
    return {
      types,
      bytes: new Uint8Array(
        IDL.encode(
          types,
          types.map((type) => maker.make(type, 0)),
        ),
      ),
    };
  });
const decoded = () => encoded.map(({ types, bytes }) => IDL.decode(types, bytes));

it(`guarded Candid reads every type of our interfaces, and more, as before (seed ${seed})`, async () => {
  const before = decoded();
  await import('./candid-guard.ts');
  expect(decoded()).toEqual(before);
  expect(before.length).toBeGreaterThan(500);
  // As a caller of a later version: arguments that nobody asked for are passed over.
  for (const { bytes } of encoded) expect(IDL.decode([], bytes)).toEqual([]);
});

it('refuses what has no bound, and then reads the next message', async () => {
  await import('./candid-guard.ts');
  const nulls = Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 1, 0x6d, 0x7f, 1, 0, 0x80, 0x80, 0x80, 0x80, 4);
  expect(() => IDL.decode([], nulls)).toThrow('take no bytes');
  expect(() => IDL.decode([IDL.Nat], IDL.encode([IDL.Nat], [2n ** 280n]))).toThrow('more than 40 bytes');
  expect(() => IDL.decode([IDL.Int], IDL.encode([IDL.Int], [-(2n ** 280n)]))).toThrow('more than 40 bytes');
  expect(IDL.decode([IDL.Nat, IDL.Int], IDL.encode([IDL.Nat, IDL.Int], [2n ** 279n, -(2n ** 278n)]))).toEqual([
    2n ** 279n,
    -(2n ** 278n),
  ]);
  const many = (count: number) => IDL.encode([IDL.Vec(IDL.Bool)], [new Array(count).fill(true)]);
  expect(IDL.decode([IDL.Vec(IDL.Bool)], many(5000))).toHaveLength(1);
  expect(() => IDL.decode([IDL.Vec(IDL.Bool)], many(5001))).toThrow('more than 5000 values');
  expect(() => IDL.decode([], many(501))).toThrow('500 that nobody asked for');
  const args = (count: number) => IDL.encode(new Array(count).fill(IDL.Null), new Array(count).fill(null));
  expect(IDL.decode([], args(8))).toEqual([]);
  expect(() => IDL.decode([], args(9))).toThrow('it has 9 arguments, at most 8 are read');
});
