// Candid types as values: a descriptor says how a value is encoded, and its TypeScript type can be inferred from it.
//
//   const settings = record({ name: text, limit: opt(nat) });
//   type Settings = Infer<typeof settings>;   // { readonly name: string; readonly limit: bigint | null }

import { assert } from '@tamc/base/assert';
import { textToBytes } from '@tamc/base/bytes';
import type { Principal } from '../principal.ts';

declare const valueType: unique symbol;

export interface CandidType<T = unknown> {
  readonly node: TypeNode;
  /** Never there: it only carries the type of the values. */
  readonly [valueType]?: T;
}

export type Infer<C> = C extends CandidType<infer T> ? T : never;
export type InferAll<Cs extends readonly CandidType[]> = { readonly [I in keyof Cs]: Infer<Cs[I]> };

export type PrimitiveName = keyof typeof opcodeOfPrimitive;

/** SPEC "Binary Format: Types" of Candid; primitives are negative numbers that need no entry in the type table. */
export const opcodeOfPrimitive = {
  null: -1,
  bool: -2,
  nat: -3,
  int: -4,
  nat8: -5,
  nat16: -6,
  nat32: -7,
  nat64: -8,
  int8: -9,
  int16: -10,
  int32: -11,
  int64: -12,
  float32: -13,
  float64: -14,
  text: -15,
  reserved: -16,
  empty: -17,
  principal: -24,
} as const;

export const opcode = { opt: -18, vec: -19, record: -20, variant: -21, func: -22, service: -23 } as const;

export interface FieldNode {
  readonly id: number;
  /** How the value calls the field. */
  readonly name: string;
  readonly type: CandidType;
}

export type TypeNode =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'blob' }
  | { readonly kind: 'vec'; readonly item: CandidType }
  | { readonly kind: 'opt'; readonly item: CandidType }
  | { readonly kind: 'record'; readonly fields: readonly FieldNode[]; readonly isTuple: boolean }
  | { readonly kind: 'variant'; readonly fields: readonly FieldNode[] }
  | { readonly kind: 'recursive'; readonly unfold: () => CandidType };

type Fields = Readonly<Record<string, CandidType>>;
type RecordValue<F extends Fields> = { readonly [K in keyof F]: Infer<F[K]> };
type VariantValue<F extends Fields> = {
  readonly [K in keyof F]: { readonly tag: K; readonly value: Infer<F[K]> };
}[keyof F];

function primitive<T>(name: PrimitiveName): CandidType<T> {
  return { node: { kind: 'primitive', name } };
}

export const nullType = primitive<null>('null');
export const bool = primitive<boolean>('bool');
export const nat = primitive<bigint>('nat');
export const int = primitive<bigint>('int');
export const nat8 = primitive<number>('nat8');
export const nat16 = primitive<number>('nat16');
export const nat32 = primitive<number>('nat32');
export const nat64 = primitive<bigint>('nat64');
export const int8 = primitive<number>('int8');
export const int16 = primitive<number>('int16');
export const int32 = primitive<number>('int32');
export const int64 = primitive<bigint>('int64');
export const float32 = primitive<number>('float32');
export const float64 = primitive<number>('float64');
export const text = primitive<string>('text');
export const reserved = primitive<null>('reserved');
export const empty = primitive<never>('empty');
export const principal = primitive<Principal>('principal');
/** vec nat8. Decoded blobs are views of the message. */
export const blob: CandidType<Uint8Array> = { node: { kind: 'blob' } };

export function vec<T>(item: CandidType<T>): CandidType<readonly T[]> {
  return { node: { kind: 'vec', item } };
}

export function opt<T>(item: CandidType<T>): CandidType<T | null> {
  return { node: { kind: 'opt', item } };
}

export function record<F extends Fields>(fields: F): CandidType<RecordValue<F>> {
  return { node: { kind: 'record', fields: sortFields(fields), isTuple: false } };
}

/** record { 0 : …; 1 : …; … }, an array in TypeScript. */
export function tuple<Cs extends readonly CandidType[]>(...items: Cs): CandidType<InferAll<Cs>> {
  const fields = items.map((type, id) => ({ id, name: String(id), type }));
  return { node: { kind: 'record', fields, isTuple: true } };
}

export function variant<F extends Fields>(fields: F): CandidType<VariantValue<F>> {
  return { node: { kind: 'variant', fields: sortFields(fields) } };
}

/** A type that mentions itself. Unfolded once, so that encoding meets the same descriptor again and knows it. */
export function recursive<T>(define: () => CandidType<T>): CandidType<T> {
  let defined: CandidType<T> | null = null;
  const unfold = () => {
    defined ??= define();
    return defined;
  };
  return { node: { kind: 'recursive', unfold } };
}

/** The node with `recursive` taken off. */
export function resolve(type: CandidType): Exclude<TypeNode, { kind: 'recursive' }> {
  let { node } = type;
  while (node.kind === 'recursive') node = node.unfold().node;
  return node;
}

/** A name such as `_7_` stands for the number itself; any other name is hashed as Candid says. */
export function fieldId(name: string): number {
  const numbered = /^_(0|[1-9]\d{0,9})_$/.exec(name);
  if (numbered !== null && Number(numbered[1]) <= 0xffff_ffff) return Number(numbered[1]);
  let id = 0;
  for (const byte of textToBytes(name)) id = (Math.imul(id, 223) + byte) >>> 0;
  return id;
}

function sortFields(fields: Fields): FieldNode[] {
  const nodes = Object.entries(fields).map(([name, type]) => ({ id: fieldId(name), name, type }));
  nodes.sort((a, b) => a.id - b.id);
  for (let i = 1; i < nodes.length; i++) {
    assert(nodes[i - 1]!.id !== nodes[i]!.id, `field names collide: ${nodes[i - 1]!.name}, ${nodes[i]!.name}`);
  }
  return nodes;
}
