// Random Candid types with a value of each, for tests.

import fc from 'fast-check';
import {
  blob,
  bool,
  type CandidType,
  fieldId,
  float32,
  float64,
  int,
  int8,
  int16,
  int32,
  int64,
  nat,
  nat8,
  nat16,
  nat32,
  nat64,
  nullType,
  opt,
  principal,
  record,
  reserved,
  text,
  tuple,
  variant,
  vec,
} from '../src/codec/candid.ts';
import { parsePrincipalBytes } from '../src/codec/principal.ts';

export interface Typed {
  readonly type: CandidType;
  readonly value: unknown;
}

/** A type together with how to make values of it. */
interface Kind {
  readonly type: CandidType;
  readonly values: fc.Arbitrary<unknown>;
}

const principals = fc.uint8Array({ maxLength: 29 }).map((bytes) => parsePrincipalBytes(bytes));

const plain: readonly Kind[] = [
  { type: nullType, values: fc.constant(null) },
  { type: reserved, values: fc.constant(null) },
  { type: bool, values: fc.boolean() },
  { type: nat, values: fc.bigInt({ min: 0n, max: 2n ** 130n }) },
  { type: int, values: fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n }) },
  { type: nat8, values: fc.nat(255) },
  { type: nat16, values: fc.nat(65535) },
  { type: nat32, values: fc.nat(4294967295) },
  { type: nat64, values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  { type: int8, values: fc.integer({ min: -128, max: 127 }) },
  { type: int16, values: fc.integer({ min: -32768, max: 32767 }) },
  { type: int32, values: fc.integer() },
  { type: int64, values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { type: float32, values: fc.float() },
  { type: float64, values: fc.double() },
  { type: text, values: fc.string({ unit: 'grapheme' }) },
  { type: principal, values: principals },
  { type: blob, values: fc.uint8Array() },
];

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'canister_id', 'ok', 'err', '☃', '_0_', '_1_', '_900_'), {
  maxLength: 4,
  selector: fieldId,
});

const { kind: kinds } = fc.letrec<{ kind: Kind }>((tie) => {
  const fields = names.chain((list) => fc.tuple(...list.map((name) => fc.tuple(fc.constant(name), tie('kind')))));
  return {
    kind: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(...plain),
      tie('kind').map(vecOf),
      // An optional optional, or an optional null, cannot tell its nulls apart in TypeScript.
      tie('kind').filter(isNeverNull).map(optOf),
      fields.map(recordOf),
      fields.filter((list) => list.length > 0).map(variantOf),
      fc.array(tie('kind'), { maxLength: 3 }).map(tupleOf),
    ),
  };
});

export const arbitraryTyped: fc.Arbitrary<Typed> = kinds.chain(({ type, values }) =>
  values.map((value) => ({ type, value })),
);

function vecOf({ type, values }: Kind): Kind {
  return { type: vec(type), values: fc.array(values, { maxLength: 5 }) };
}

function optOf({ type, values }: Kind): Kind {
  return { type: opt(type), values: fc.option(values) };
}

function isNeverNull({ type }: Kind): boolean {
  const { node } = type;
  return node.kind !== 'opt' && !(node.kind === 'primitive' && (node.name === 'null' || node.name === 'reserved'));
}

function recordOf(fields: readonly (readonly [string, Kind])[]): Kind {
  const type = record(Object.fromEntries(fields.map(([name, kind]) => [name, kind.type])));
  return { type, values: fc.record(Object.fromEntries(fields.map(([name, kind]) => [name, kind.values]))) };
}

function variantOf(fields: readonly (readonly [string, Kind])[]): Kind {
  const type = variant(Object.fromEntries(fields.map(([name, kind]) => [name, kind.type])));
  return { type, values: fc.oneof(...fields.map(([tag, kind]) => kind.values.map((value) => ({ tag, value })))) };
}

function tupleOf(items: readonly Kind[]): Kind {
  return { type: tuple(...items.map((kind) => kind.type)), values: fc.tuple(...items.map((kind) => kind.values)) };
}
