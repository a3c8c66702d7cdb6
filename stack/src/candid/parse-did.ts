// Reads a Candid interface description (the `.did` that a canister carries as `candid:service`) into the Candid library's
// types, so that its methods can be called without generated code.
import { IDL } from '@dfinity/candid';
import { assert } from '@tamc/base/assert';
import { ok, type Result } from '@tamc/base/result';
import {
  type CandidField,
  type CandidFunction,
  type CandidText,
  type CandidType,
  namedType,
  parseCandid,
} from '@tamc/protocol/candid-text';

export type Methods = Readonly<Record<string, IDL.FuncClass>>;

export function parseDid(source: string): Result<Methods, string> {
  const parsed = parseCandid(source);
  return parsed.ok ? ok(candidToMethods(parsed.value)) : parsed;
}

const primitives: Readonly<Record<string, IDL.Type>> = {
  nat: IDL.Nat,
  nat8: IDL.Nat8,
  nat16: IDL.Nat16,
  nat32: IDL.Nat32,
  nat64: IDL.Nat64,
  int: IDL.Int,
  int8: IDL.Int8,
  int16: IDL.Int16,
  int32: IDL.Int32,
  int64: IDL.Int64,
  float32: IDL.Float32,
  float64: IDL.Float64,
  bool: IDL.Bool,
  text: IDL.Text,
  null: IDL.Null,
  reserved: IDL.Reserved,
  empty: IDL.Empty,
  principal: IDL.Principal,
};

export function candidToMethods({ types, methods }: CandidText): Methods {
  const known = new Map<string, IDL.Type>();

  function convert(type: CandidType): IDL.Type {
    if (type.kind === 'primitive') return primitives[type.name]!;
    if (type.kind === 'name') return knownType(type.name);
    if (type.kind === 'opt') return IDL.Opt(convert(type.of));
    if (type.kind === 'vec') return IDL.Vec(convert(type.of));
    if (type.kind === 'record') return record(type.fields);
    if (type.kind === 'variant') return IDL.Variant(entries(type.fields));
    if (type.kind === 'func') return func(type.func);
    return IDL.Service(service(type.methods));
  }

  /** A type that is met again while it is being converted contains itself: a knot stands for it meanwhile. */
  function knownType(name: string): IDL.Type {
    const done = known.get(name);
    if (done !== undefined) return done;
    const knot = IDL.Rec();
    known.set(name, knot);
    const found = convert(namedType(types, { kind: 'name', name }));
    knot.fill(found);
    if (!isRecursive(name)) known.set(name, found);
    return known.get(name)!;
  }

  function isRecursive(name: string): boolean {
    return reaches(types.get(name)!, name, new Set());
  }

  function reaches(type: CandidType, name: string, passed: Set<string>): boolean {
    if (type.kind !== 'name') return partsOf(type).some((part) => reaches(part, name, passed));
    if (type.name === name) return true;
    if (passed.has(type.name)) return false;
    passed.add(type.name);
    return reaches(types.get(type.name)!, name, passed);
  }

  function record(fields: readonly CandidField[]): IDL.Type {
    const isTuple = fields.length > 0 && fields.every(({ number }, i) => number === i);
    return isTuple ? IDL.Tuple(...fields.map(({ type }) => convert(type))) : IDL.Record(entries(fields));
  }

  function entries(fields: readonly CandidField[]): Record<string, IDL.Type> {
    return Object.fromEntries(fields.map(({ label, type }) => [label, convert(type)]));
  }

  function func({ inputs, outputs, annotations }: CandidFunction): IDL.FuncClass {
    return IDL.Func(convertAll(inputs), convertAll(outputs), [...annotations]);
  }

  function convertAll(list: readonly CandidType[]): [] | [IDL.Type, ...IDL.Type[]] {
    const [first, ...others] = list.map(convert);
    return first === undefined ? [] : [first, ...others];
  }

  function service(declared: CandidText['methods']): Record<string, IDL.FuncClass> {
    return Object.fromEntries([...declared].map(([name, type]) => [name, functionOf(type)]));
  }

  function functionOf(type: CandidType): IDL.FuncClass {
    const found = namedType(types, type);
    assert(found.kind === 'func', 'the parser takes only functions as methods');
    return func(found.func);
  }

  return service(methods);
}

function partsOf(type: CandidType): readonly CandidType[] {
  if (type.kind === 'opt' || type.kind === 'vec') return [type.of];
  if (type.kind === 'record' || type.kind === 'variant') return type.fields.map((field) => field.type);
  if (type.kind === 'func') return [...type.func.inputs, ...type.func.outputs];
  if (type.kind === 'service') return [...type.methods.values()];
  return [];
}
