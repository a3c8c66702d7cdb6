// Vectors of the official Candid test suite (test/{prim,construct,reference,spacebomb,overshoot}.test.did of dfinity/candid,
// Apache-2.0), in its own notation for bytes, with the values as this codec gives them.

import { parseHex, textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import {
  blob,
  bool,
  type CandidType,
  decodeCandid,
  empty,
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
  recursive,
  reserved,
  text,
  tuple,
  variant,
  vec,
} from '../candid.ts';

/** `DIDL\00` stands for the bytes 44 49 44 4c 00. */
function bytesOf(notation: string): Uint8Array {
  const hex = notation.replaceAll(/\\([0-9a-fA-F]{2})|([^\\])/gu, (_, escaped: string | undefined, plain: string) =>
    escaped === undefined
      ? [...textToBytes(plain)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
      : escaped,
  );
  return parseHex(hex)!;
}

type Vector = readonly [notation: string, types: readonly CandidType[], values?: readonly unknown[]];

const raw = String.raw;
const unit = (tag: string) => ({ tag, value: null });
const Opt: CandidType = recursive(() => opt(Opt));
const Vec: CandidType = recursive(() => vec(Vec));
const EmptyRecord: CandidType = recursive(() => record({ _0_: EmptyRecord }));
const EmptyVariant: CandidType = recursive(() => variant({ _0_: EmptyVariant }));
const OptRec: CandidType = recursive(() => opt(record({ _0_: OptRec })));
const List: CandidType = recursive(() => opt(record({ head: int, tail: List })));
const T1: CandidType = recursive(() => record({ _10_: T2 }));
const T2: CandidType = recursive(() => vec(T1));

const accepted: Vector[] = [
  // prim
  [raw`DIDL\80\00\00`, []],
  [raw`DIDL\00\80\00`, []],
  [raw`DIDL\00\00`, []],
  [raw`DIDL\00\01\7f`, []],
  [raw`DIDL\00\01\7f`, [nullType], [null]],
  [raw`DIDL\00\01\7e\00`, [bool], [false]],
  [raw`DIDL\00\01\7e\01`, [bool], [true]],
  [raw`DIDL\00\01\7d\7f`, [nat], [127n]],
  [raw`DIDL\00\01\7d\80\01`, [nat], [128n]],
  [raw`DIDL\00\01\7d\ff\7f`, [nat], [16383n]],
  [raw`DIDL\00\01\7d\80\00`, [nat], [0n]],
  [raw`DIDL\00\01\7d\ff\00`, [nat], [127n]],
  [raw`DIDL\00\01\7d\80\80\98\f4\e9\b5\ca\6a`, [nat], [60000000000000000n]],
  [raw`DIDL\00\01\7c\7f`, [int], [-1n]],
  [raw`DIDL\00\01\7c\40`, [int], [-64n]],
  [raw`DIDL\00\01\7c\ff\7f`, [int], [-1n]],
  [raw`DIDL\00\01\7c\ff\00`, [int], [127n]],
  [raw`DIDL\00\01\7c\80\7f`, [int], [-128n]],
  [raw`DIDL\00\01\7c\80\80\e8\8b\96\ca\b5\95\7f`, [int], [-60000000000000000n]],
  [raw`DIDL\00\01\7b\ff`, [nat8], [255]],
  [raw`DIDL\00\01\7a\00\01`, [nat16], [256]],
  [raw`DIDL\00\01\79\ff\ff\ff\ff`, [nat32], [4294967295]],
  [raw`DIDL\00\01\78\ff\ff\ff\ff\ff\ff\ff\ff`, [nat64], [18446744073709551615n]],
  [raw`DIDL\00\01\77\ff`, [int8], [-1]],
  [raw`DIDL\00\01\76\ff\ff`, [int16], [-1]],
  [raw`DIDL\00\01\75\ff\ff\ff\ff`, [int32], [-1]],
  [raw`DIDL\00\01\74\ff\ff\ff\ff\ff\ff\ff\ff`, [int64], [-1n]],
  [raw`DIDL\00\01\73\00\00\40\40`, [float32], [3]],
  [raw`DIDL\00\01\73\00\00\00\bf`, [float32], [-0.5]],
  [raw`DIDL\00\01\72\00\00\00\00\00\00\e0\3f`, [float64], [0.5]],
  [raw`DIDL\00\01\72\01\00\00\00\00\00\f0\7f`, [float64], [Number.NaN]],
  [raw`DIDL\00\01\71\06Motoko`, [text], ['Motoko']],
  [raw`DIDL\00\01\71\86\00Motoko`, [text], ['Motoko']],
  [raw`DIDL\00\01\71\03\e2\98\83`, [text], ['☃']],
  [raw`DIDL\00\01\7e\01`, [reserved], [null]],
  [raw`DIDL\00\01\7d\80\01`, [reserved], [null]],
  [raw`DIDL\00\01\71\06Motoko`, [reserved], [null]],
  [raw`DIDL\01\6e\6f\01\00\00`, [opt(empty)], [null]],
  [
    raw`DIDL\00\0a\7f\7e\7d\7c\7f\70\7f\7b\7a\79\01\2a\2a\2a\2a\00\2a\00\00\00`,
    [nullType, bool, nat, int, nullType, reserved, nullType, nat8, nat16, nat32],
    [null, true, 42n, 42n, null, null, null, 42, 42, 42],
  ],
  // construct: type table
  [raw`DIDL\01\6e\6f\00`, []],
  [raw`DIDL\02\6e\6f\6e\6f\00`, []],
  [raw`DIDL\01\6e\00\00`, []],
  // construct: option
  [raw`DIDL\01\6e\7c\01\00\00`, [opt(int)], [null]],
  [raw`DIDL\01\6e\7c\01\00\01\2a`, [opt(int)], [42n]],
  [raw`DIDL\02\6e\01\6e\7c\01\00\01\01\2a`, [opt(opt(int))], [42n]],
  [raw`DIDL\01\6e\00\01\00\01\01\00`, [Opt], [null]],
  [raw`DIDL\02\6e\01\6e\00\01\00\01\01\00`, [Opt], [null]],
  [raw`DIDL\00\00`, [Opt], [null]],
  // construct: vector
  [raw`DIDL\01\6d\7c\01\00\00`, [vec(int)], [[]]],
  [raw`DIDL\01\6d\7c\01\00\00`, [vec(int8)], [[]]],
  [raw`DIDL\01\6d\7c\01\00\00`, [blob], [new Uint8Array(0)]],
  [raw`DIDL\01\6d\7c\01\00\02\01\02`, [vec(int)], [[1n, 2n]]],
  [raw`DIDL\01\6d\7b\01\00\02\01\02`, [vec(nat8)], [[1, 2]]],
  [raw`DIDL\01\6d\7b\01\00\02\01\02`, [blob], [Uint8Array.of(1, 2)]],
  [raw`DIDL\01\6d\00\01\00\02\00\00`, [Vec], [[[], []]]],
  [raw`DIDL\01\6d\00\01\00\02\00\00`, [vec(vec(opt(empty)))], [[[], []]]],
  [raw`DIDL\01\6d\7f\01\00\e8\07`, [vec(nullType)], [Array.from({ length: 1000 }, () => null)]],
  [raw`DIDL\02\6d\01\6c\00\01\00\05`, [vec(record({}))], [[{}, {}, {}, {}, {}]]],
  // construct: record
  [raw`DIDL\01\6c\00\03\00\00\00`, [record({}), record({}), record({})], [{}, {}, {}]],
  [raw`DIDL\01\6c\01\01\7c\01\00\2a`, [record({ _1_: int })], [{ _1_: 42n }]],
  [raw`DIDL\01\6c\01\01\7c\01\00\2a`, [record({ _1_: opt(int) })], [{ _1_: 42n }]],
  [raw`DIDL\01\6c\01\01\7c\01\00\2a`, [record({ _1_: reserved })], [{ _1_: null }]],
  [raw`DIDL\01\6c\01\01\7c\01\00\2a`, [record({})], [{}]],
  [raw`DIDL\01\6c\01\01\7c\01\00\2a`, [record({ _2_: opt(int) })], [{ _2_: null }]],
  [raw`DIDL\01\6c\02\00\7c\01\7e\01\00\2a\01`, [tuple(int, bool)], [[42n, true]]],
  [raw`DIDL\01\6c\02\00\7c\01\7e\01\00\2a\01`, [record({ _1_: bool })], [{ _1_: true }]],
  [
    raw`DIDL\01\6c\02\d3\e3\aa\02\7e\86\8e\b7\02\7c\01\00\01\2a`,
    [record({ foo: int, bar: bool })],
    [{ foo: 42n, bar: true }],
  ],
  [raw`DIDL\01\6c\01\cd\84\b0\05\7f\01\00`, [record({ '☃': nullType })], [{ '☃': null }]],
  [raw`DIDL\04\6c\01\00\01\6c\01\00\02\6c\01\00\03\6c\00\01\00`, [tuple(tuple(tuple(record({}))))], [[[[{}]]]]],
  [raw`DIDL\01\6c\00\01\00`, [record({ foo: opt(bool) })], [{ foo: null }]],
  [raw`DIDL\01\6c\00\01\00`, [record({ foo: reserved })], [{ foo: null }]],
  // construct: special opt rules
  [raw`DIDL\00\01\7f`, [opt(empty)], [null]],
  [raw`DIDL\01\6e\7e\01\00\01\00`, [opt(bool)], [false]],
  [raw`DIDL\00\00`, [opt(bool)], [null]],
  [raw`DIDL\02\6e\01\6e\7e\01\00\01\01\00`, [opt(opt(bool))], [false]],
  [raw`DIDL\00\01\7e\00`, [opt(bool)], [false]],
  [raw`DIDL\00\01\7e\01`, [opt(bool)], [true]],
  [raw`DIDL\01\6e\7f\01\00\00`, [opt(opt(nullType))], [null]],
  [raw`DIDL\00\01\7e\01`, [opt(opt(bool))], [null]],
  [raw`DIDL\00\01\7e\01`, [Opt], [null]],
  [raw`DIDL\00\01\70`, [opt(nat)], [null]],
  [raw`DIDL\01\6e\7e\01\00\00`, [opt(nat)], [null]],
  [raw`DIDL\01\6e\7e\01\00\01\01`, [opt(nat)], [null]],
  [raw`DIDL\02\6e\01\6e\7e\01\00\01\01\01`, [opt(nat)], [null]],
  [raw`DIDL\02\6e\01\6e\7e\01\00\01\01\01`, [opt(opt(nat))], [null]],
  [raw`DIDL\02\6e\01\6b\01\00\7e\01\00\01\00\01`, [opt(variant({ _0_: int }))], [null]],
  // construct: variant
  [raw`DIDL\01\6b\01\00\7f\01\00\00`, [variant({ _0_: nullType })], [unit('_0_')]],
  [raw`DIDL\01\6b\02\00\7f\01\7c\01\00\01\2a`, [variant({ _0_: int, _1_: int })], [{ tag: '_1_', value: 42n }]],
  [raw`DIDL\01\6b\01\00\7f\01\00\00`, [variant({ _0_: nullType, _1_: nullType })], [unit('_0_')]],
  [raw`DIDL\01\6b\02\00\7f\01\7f\01\00\00`, [variant({ _0_: nullType })], [unit('_0_')]],
  [raw`DIDL\01\6b\02\00\7f\01\7f\01\00\01`, [variant({ _0_: nullType, _1_: nullType, _2_: nullType })], [unit('_1_')]],
  [
    raw`DIDL\01\6b\03\00\7f\01\7f\ff\ff\ff\ff\0f\7f\01\00\00`,
    [variant({ _0_: nullType, _1_: nullType, _4294967295_: nullType })],
    [unit('_0_')],
  ],
  [
    raw`DIDL\01\6b\02\b3\d3\c9\01\7f\e6\fd\d5\01\7f\01\00\00`,
    [variant({ Foo: nullType, Bar: nullType })],
    [unit('Bar')],
  ],
  [raw`DIDL\01\6b\01\cd\84\b0\05\7f\01\00\00`, [variant({ '☃': nullType })], [unit('☃')]],
  [
    raw`DIDL\01\6b\02\bc\8a\01\71\c5\fe\d2\01\71\01\00\00\04\67\6f\6f\64`,
    [variant({ Ok: text, Err: text })],
    [{ tag: 'Ok', value: 'good' }],
  ],
  [
    raw`DIDL\02\6b\02\9c\c2\01\71\e5\8e\b4\02\01\6c\01\00\01\01\00\00\04\67\6f\6f\64`,
    [variant({ ok: text, err: EmptyRecord })],
    [{ tag: 'ok', value: 'good' }],
  ],
  // construct: list
  [raw`DIDL\02\6e\01\6c\02\a0\d2\ac\a8\04\7c\90\ed\da\e7\04\00\01\00\00`, [List], [null]],
  [
    raw`DIDL\02\6e\01\6c\02\a0\d2\ac\a8\04\7c\90\ed\da\e7\04\00\01\00\01\01\01\02\00`,
    [List],
    [{ head: 1n, tail: { head: 2n, tail: null } }],
  ],
  [
    raw`DIDL\02\6c\02\a0\d2\ac\a8\04\7c\90\ed\da\e7\04\01\6e\00\01\01\01\01\01\02\00`,
    [List],
    [{ head: 1n, tail: { head: 2n, tail: null } }],
  ],
  // reference
  [raw`DIDL\00\01\68\01\00`, [principal], ['']],
  [raw`DIDL\00\01\68\01\03\ca\ff\ee`, [principal], ['caffee']],
  // References this codec has no type for: passed over.
  [raw`DIDL\01\69\00\01\00\01\03\ca\ff\ee`, [reserved], [null]],
  [raw`DIDL\02\6a\01\71\01\7d\00\69\02\03foo\00\04foo\32\00\01\01\01\03\ca\ff\ee`, [reserved], [null]],
  [raw`DIDL\05i\02\03foo\01\04\f0\9f\90\82\02j\00\00\01\02j\01\03\01\04\01\01n|l\00\01\00\01\00`, [reserved], [null]],
  [raw`DIDL\01\6a\00\00\00\01\00\01\01\03\ca\ff\ee\01\61`, [reserved], [null]],
  [raw`DIDL\02j\02|}\01\01\01\01i\00\01\00\01\01\00\04\f0\9f\90\82`, [opt(nat)], [null]],
  [raw`DIDL\01\6a\01\71\01\7d\01\01\01\00\01\01\03\ca\ff\ee\03foo`, []],
  // A future type, in the table only and as a value.
  [raw`DIDL\01\67\02\aa\bb\00`, []],
  [raw`DIDL\01\67\00\01\00\03\00\aa\bb\cc`, [opt(nat)], [null]],
];

const refused: Vector[] = [
  // prim
  [raw``, []],
  [raw`\00\00`, []],
  [raw`DADL`, []],
  [raw`DADL\00\00`, []],
  [raw`DIDL\00\00\00`, []],
  [raw`DIDL\00\01\6e`, []],
  [raw`DIDL\00\01\5e`, []],
  [raw`DIDL\00\01\7e`, [nullType]],
  [raw`DIDL\00\01\7f\00`, [nullType]],
  [raw`DIDL\00\00`, [nullType]],
  [raw`DIDL\00\01\7e`, [bool]],
  [raw`DIDL\00\01\7e\02`, [bool]],
  [raw`DIDL\00\01\7e\ff`, [bool]],
  [raw`DIDL\00\01\7d\80`, [nat]],
  [raw`DIDL\00\01\7c\80`, [int]],
  [raw`DIDL\00\01\7b`, [nat8]],
  [raw`DIDL\00\01\7b\00\00`, [nat8]],
  [raw`DIDL\00\01\7a\00`, [nat16]],
  [raw`DIDL\00\01\79\00\00\00`, [nat32]],
  [raw`DIDL\00\01\78\00\00\00\00\00\00\00`, [nat64]],
  [raw`DIDL\00\01\78\00\00\00\00\00\00\00\00\00`, [nat64]],
  [raw`DIDL\00\01\77`, [int8]],
  [raw`DIDL\00\01\73\00\00`, [float32]],
  [raw`DIDL\00\01\72\00\00\00\00`, [float64]],
  [raw`DIDL\00\01\71\05Motoko`, [text]],
  [raw`DIDL\00\01\71\07Motoko`, [text]],
  [raw`DIDL\00\01\71\03\e2\28\a1`, [text]],
  [raw`DIDL\00\01\71\02\e2\98\83`, [text]],
  [raw`DIDL\00\01\71\05Motoko`, [reserved]],
  [raw`DIDL\00\01\71\03\e2\28\a1`, [reserved]],
  [raw`DIDL\00\01\6f`, [empty]],
  // construct: type table
  [raw`DIDL\01\6e\00`, []],
  [raw`DIDL\01\00\00`, []],
  [raw`DIDL\02\6e\01\00\00`, []],
  [raw`DIDL\01\6e\01\00`, []],
  [raw`DIDL\00\01\00`, []],
  [raw`DIDL\00\03\7f\7f`, []],
  [raw`DIDL\00\02\7f\7f\7f`, []],
  [raw`DIDL\00\01\6e\7f\00`, []],
  [raw`DIDL\01\7f\00`, []],
  [raw`DIDL\01\68\00`, []],
  [raw`DIDL\02\6d\7f\00\00`, []],
  [raw`DIDL\01\6e\6f\6e\6f\00`, []],
  // construct: option
  [raw`DIDL\01\6e\02\01\00\00`, [opt(int)]],
  [raw`DIDL\01\6e\7c\01\00\02\2a`, [opt(int)]],
  [raw`DIDL\01\6e\7c\01\00\ff`, [opt(int)]],
  [raw`DIDL\01\6e\7c\01\00\01`, [opt(int)]],
  [raw`DIDL\01\6e\7c\01\00\00\2a`, [opt(int)]],
  [raw`DIDL\01\6e\7e\01\00\01\02`, [opt(bool)]],
  [raw`DIDL\00\01\7e\02`, [opt(bool)]],
  [raw`DIDL\01\6e\7e\01\00\01\02`, [opt(nat)]],
  [raw`DIDL\01\6c\01\00\00\01\00`, [OptRec]],
  // construct: vector
  [raw`DIDL\01\6d\7c\01\00\02\01\7f`, [vec(nat)]],
  [raw`DIDL\01\6d\7c\01\00`, [vec(int)]],
  [raw`DIDL\01\6d\7c\01\00\02\01`, [vec(int)]],
  [raw`DIDL\01\6d\7c\01\00\01\01\02`, [vec(int)]],
  [raw`DIDL\01\6d\7c\01\00\01\01`, [blob]],
  // construct: record
  [raw`DIDL\01\6c\01\01\7c\01\00\2a`, [record({ _2_: int })]],
  [raw`DIDL\01\6c\02\00\7c\01\7e\01\00\2a\01`, [tuple(bool, int)]],
  [raw`DIDL\01\6c\02\00\7c\00\7e\01\00\2a\01`, [tuple(int, bool)]],
  [raw`DIDL\01\6c\02\01\7c\00\7e\01\00\2a\01`, [tuple(bool, int)]],
  [raw`DIDL\01\6c\01\80\e4\97\d0\12\7c\01\00\2a`, [record({})]],
  [raw`DIDL\01\6c\01\00\00\01\00`, [EmptyRecord]],
  [raw`DIDL\02\6d\01\6c\01\00\01\01\00\01`, [vec(EmptyRecord)]],
  [raw`DIDL\01\6c\02\00\7c\01\7e\01\00\2a`, [tuple(int)]],
  [raw`DIDL\01\6c\02\00\7c\01\7e\01\00\2a\01\00`, [tuple(int)]],
  [raw`DIDL\01\6c\02\00\7c\01\01\00\2a\01`, [record({})]],
  [raw`DIDL\01\6c\02\00\7c\01\00\2a\01`, [record({})]],
  [raw`DIDL\01\6c\02\00\7c\01\7e\02\7e\01\00\2a\01\00`, [record({})]],
  [raw`DIDL\01\6c\02\00\01\01\7e\01\00\00\00`, [record({})]],
  [raw`DIDL\01\6c\02\00\01\01\7e\01\7c\2a`, [reserved]],
  [raw`DIDL\01\6c\00\01\00`, [record({ foo: nullType })]],
  // construct: variant
  [raw`DIDL\01\6b\00\01\00`, [variant({})]],
  [raw`DIDL\01\6b\01\00\7f\01\00\00\2a`, [variant({ _0_: int })]],
  [raw`DIDL\01\6b\01\00\7f\01\00\00`, [variant({ _1_: nullType })]],
  [raw`DIDL\01\6b\01\00\7f\01\00\01`, [variant({ _0_: nullType })]],
  [raw`DIDL\01\6b\02\00\7f\00\7f\01\00\00`, [variant({ _0_: nullType })]],
  [raw`DIDL\01\6b\02\01\7f\00\7f\01\00\00`, [variant({ _0_: nullType, _1_: nullType })]],
  [raw`DIDL\01\6b\03\00\7f\ff\ff\ff\ff\0f\7f\01\7f\01\00\00`, [variant({ _0_: nullType, _1_: nullType })]],
  [raw`DIDL\01\6b\01\00\00\01\00\00\00\00\00\00\00\00\00\00\00\00\00`, [EmptyVariant]],
  [raw`DIDL\01\6b\01\80\e4\97\d0\12\7c\01\00\00\2a`, [reserved]],
  [raw`DIDL\01\6b\02\00\7f\01\7c\01\00\01`, [variant({ _0_: nullType, _1_: int })]],
  [raw`DIDL\01\6b\02\00\7f\01\7c\01\00\01\2a\00`, [variant({ _0_: nullType, _1_: int })]],
  [raw`DIDL\01\6b\02\00\01\01\7c\01\00\01\2a`, [variant({ _0_: reserved, _1_: int })]],
  [raw`DIDL\01\6b\02\00\7f\01\00\00`, [variant({ _0_: nullType, _1_: nullType })]],
  [raw`DIDL\01\6b\03\00\7f\01\7f\01\00\00`, [variant({ _0_: nullType, _1_: nullType })]],
  // reference
  [raw`DIDL\00\01\68\03\ca\ff\ee`, [principal]],
  [raw`DIDL\00\01\68\01\03\ca\ff`, [principal]],
  [raw`DIDL\00\01\68\01\03\ca\ff\ee\ee`, [principal]],
  [raw`DIDL\00\01\68\00`, [principal]],
  [raw`DIDL\01\68\00\01\03\ca\ff\ee`, [principal]],
  [raw`DIDL\00\01\69\01\03\ca\ff\ee`, [reserved]],
  [raw`DIDL\02\6a\01\71\01\7d\00\69\03\03foo\00\04foo\32\00\01\01\01\03\ca\ff\ee`, [reserved]],
  [raw`DIDL\02\6a\01\71\01\7d\00\69\01\03foo\00\04foo\32\00\01\01\01\03\ca\ff\ee`, [reserved]],
  [raw`DIDL\02\6a\01\71\01\7d\00\69\02\04foo\32\00\03foo\00\01\01\01\03\ca\ff\ee`, [reserved]],
  [raw`DIDL\02\6a\01\71\01\7d\00\69\02\09foobarbaz\00\06foobar\00\01\01\01\03\ca\ff\ee`, [reserved]],
  [raw`DIDL\02\6a\01\71\01\7d\00\69\01\03\e2\28\a1\00\01\01\01\03\ca\ff\ee`, [reserved]],
  [raw`DIDL\02\6a\01\71\01\7d\00\69\02\03foo\00\03foo\00\01\01\01\03\ca\ff\ee`, [reserved]],
  [raw`DIDL\02\6a\01\71\01\7d\00\69\01\03foo\68\01\01\01\03\ca\ff\ee`, [reserved]],
  [raw`DIDL\02\6e\7e\69\01\03foo\00\01\01\01\03\ca\ff\ee`, [reserved]],
  [raw`DIDL\02\69\01\03foo\01\6e\7e\01\01\01\03\ca\ff\ee`, [reserved]],
  [raw`DIDL\01\6a\00\00\00\01\00\01\00\03\ca\ff\ee\01\61`, [reserved]],
  [raw`DIDL\01\6a\01\71\01\7d\01\80\01\01\00\01\01\03\ca\ff\ee\03foo`, [reserved]],
  [raw`DIDL\01\6a\01\69\01\7d\00\01\00\01\01\03\ca\ff\ee\03foo`, [reserved]],
  // overshoot
  [raw`DIDL\80\94\eb\dc\03\00`, []],
  [raw`DIDL\00\80\94\eb\dc\03`, []],
  [raw`DIDL\00\01\71\80\94\eb\dc\03Motoko`, [text]],
  [raw`DIDL\00\01\68\01\80\94\eb\dc\03Motoko`, [principal]],
  [raw`DIDL\01\6c\80\94\eb\dc\03\00\7f\00\7f`, []],
  [raw`DIDL\01\6b\80\94\eb\dc\03\00\7f\00\7f`, []],
  [raw`DIDL\01\6d\7e\01\00\80\94\eb\dc\03\00\00\00`, [vec(bool)]],
  [raw`DIDL\02\6c\01\0a\01\6d\00\01\01\01\01\03\01\26\01\4f`, [T2]],
];

const manyNulls = raw`DIDL\17\6c\02\01\7f\02\7f\6c\02\01\00\02\00\6c\02\00\01\01\01\6c\02\00\02\01\02\6c\02\00\03\01\03\6c\02\00\04\01\04\6c\02\00\05\01\05\6c\02\00\06\01\06\6c\02\00\07\01\07\6c\02\00\08\01\08\6c\02\00\09\01\09\6c\02\00\0a\01\0a\6c\02\00\0b\01\0b\6c\02\00\0c\01\0c\6c\02\00\0d\02\0d\6c\02\00\0e\01\0e\6c\02\00\0f\01\0f\6c\02\00\10\01\10\6c\02\00\11\01\11\6c\02\00\12\01\12\6c\02\00\13\01\13\6e\14\6d\15\01\16`;
const zeroSized = raw`DIDL\04\6c\03\01\7f\02\01\03\02\6c\01\01\70\6c\00\6d\00\01\03\80\94\eb\dc\03`;
const nestedNulls = raw`DIDL\02\6d\01\6d\7f\01\00\05\ff\ff\3f\ff\ff\3f\ff\ff\3f\ff\ff\3f\ff\ff\3f`;
const emptyRecords = raw`DIDL\03\6c\01\d6\fc\a7\02\01\6d\02\6c\00\01\00\80\ad\e2\04`;

const spaceBombs: Vector[] = [
  [raw`DIDL\01\6d\7f\01\00\80\94\eb\dc\03`, []],
  [raw`DIDL\01\6d\70\01\00\80\94\eb\dc\03`, []],
  [zeroSized, []],
  [nestedNulls, []],
  [emptyRecords, []],
  [raw`${manyNulls}\02\01\01`, []],
  [raw`DIDL\01\6d\7f\01\00\80\94\eb\dc\03`, [vec(opt(nat))]],
  [raw`DIDL\01\6d\70\01\00\80\94\eb\dc\03`, [vec(reserved)]],
  [zeroSized, [vec(record({ _1_: nullType, _2_: record({ _1_: reserved }), _3_: record({}) }))]],
  [nestedNulls, [vec(vec(nullType))]],
  [raw`DIDL\02\6d\01\6c\00\01\00\80\ad\e2\04`, [vec(record({}))]],
  [raw`DIDL\01\6d\7f\01\00\80\94\eb\dc\03`, [opt(nat)]],
  [raw`DIDL\01\6d\70\01\00\80\94\eb\dc\03`, [opt(nat)]],
  [zeroSized, [opt(nat)]],
  [nestedNulls, [vec(opt(nat))]],
  [emptyRecords, [opt(nat)]],
  [raw`${manyNulls}\05\01\01\01\01\01`, [vec(opt(record({})))]],
];

function rows(vectors: readonly Vector[]) {
  return vectors.map(([notation, types, values = []]) => ({ notation, types, values }));
}

describe('the official Candid vectors', () => {
  it.each(rows(accepted))('$notation decodes [candid.decode]', ({ notation, types, values }) => {
    expect(decodeCandid(types, bytesOf(notation))).toEqual({ ok: true, value: values });
  });

  it.each(rows(refused))('$notation is refused [candid.refuse]', ({ notation, types }) => {
    expect(decodeCandid(types, bytesOf(notation))).toMatchObject({ ok: false, error: expect.any(String) });
  });

  it.each(rows(spaceBombs))('the space bomb $notation is refused at once [candid.bounded]', ({ notation, types }) => {
    expect(decodeCandid(types, bytesOf(notation))).toMatchObject({ ok: false, error: expect.any(String) });
  });
});
