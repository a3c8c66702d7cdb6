import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidToMethods } from '../../stack/src/candid/parse-did.ts';
import { findCandidProblems, isCandidSubtype, renderCandidProblem } from './candid-subtype.ts';
import { type CandidText, type CandidType, parseCandid } from './candid-text.ts';

function read(text: string): CandidText {
  const parsed = parseCandid(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const problemsOf = (old: string, next: string) =>
  findCandidProblems(read(old), read(next)).map((problem) => renderCandidProblem(problem));

const definitions = `type Vec = vec Vec;
  type EmptyRecord = record { 0 : EmptyRecord };
  type MuRecordOpt = record { 0 : opt MuRecordOpt };
  type EmptyVariant = variant { 0 : EmptyVariant };
  type MuOpt = opt MuOpt;`;

function isSubtype(sub: string, sup: string): boolean {
  const { types, methods } = read(`${definitions} service : { a : (${sub}, ${sup}) -> () }`);
  const method = methods.get('a');
  if (method?.kind !== 'func') throw new Error('a is a function');
  return isCandidSubtype(types, method.func.inputs[0]!, method.func.inputs[1]!);
}

/** The pairs of the official test file for subtype checks (`test/subtypes.test.did`). */
const official: readonly (readonly [sub: string, sup: string, isSubtype: boolean])[] = [
  ['null', 'null', true],
  ['bool', 'bool', true],
  ['nat', 'nat', true],
  ['int', 'int', true],
  ['nat', 'int', true],
  ['int', 'nat', false],
  ['nat', 'nat8', false],
  ['nat8', 'nat', false],
  ['nat', 'opt bool', true],
  ['opt bool', 'opt bool', true],
  ['bool', 'opt bool', true],
  ['MuOpt', 'opt opt nat', true],
  ['record {}', 'record {}', true],
  ['record {}', 'record { a : opt empty }', true],
  ['record {}', 'record { a : opt null }', true],
  ['record {}', 'record { a : reserved }', true],
  ['record {}', 'record { a : empty }', false],
  ['record {}', 'record { a : nat }', false],
  ['record {}', 'record { a : null }', false],
  ['func () -> ()', 'func () -> ()', true],
  ['func () -> ()', 'func () -> (opt empty)', true],
  ['func () -> ()', 'func () -> (opt null)', true],
  ['func () -> ()', 'func () -> (reserved)', true],
  ['func () -> ()', 'func () -> (empty)', false],
  ['func () -> ()', 'func () -> (nat)', false],
  ['func () -> ()', 'func () -> (null)', false],
  ['func (opt empty) -> ()', 'func () -> ()', true],
  ['func (opt null) -> ()', 'func () -> ()', true],
  ['func (reserved) -> ()', 'func () -> ()', true],
  ['func (empty) -> ()', 'func () -> ()', false],
  ['func (nat) -> ()', 'func () -> ()', false],
  ['func (null) -> ()', 'func () -> ()', false],
  ['variant {}', 'variant {}', true],
  ['variant {}', 'variant { 0 : nat }', true],
  ['variant { 0 : nat }', 'variant { 0 : nat }', true],
  ['variant { 0 : bool }', 'variant { 0 : nat }', false],
  ['variant { 0 : bool }', 'variant { 1 : bool }', false],
  ['EmptyRecord', 'EmptyRecord', true],
  ['EmptyRecord', 'empty', false],
  ['empty', 'EmptyRecord', true],
  ['EmptyRecord', 'record { EmptyRecord }', true],
  ['record { EmptyRecord }', 'EmptyRecord', true],
  ['EmptyRecord', 'MuRecordOpt', true],
  ['EmptyVariant', 'EmptyVariant', true],
  ['EmptyVariant', 'empty', false],
  ['empty', 'EmptyVariant', true],
  ['EmptyVariant', 'variant { 0 : EmptyVariant }', true],
  ['variant { 0 : EmptyVariant }', 'EmptyVariant', true],
  ['Vec', 'Vec', true],
  ['Vec', 'empty', false],
  ['empty', 'Vec', true],
  ['Vec', 'vec Vec', true],
  ['vec Vec', 'Vec', true],
];

describe('subtypes of the Candid specification', () => {
  it.each(official)('%s <: %s is %s', (sub, sup, expected) => {
    expect(isSubtype(sub, sup)).toBe(expected);
  });

  it('know a field by its number, whether it is written as a name or not', () => {
    expect(isSubtype('record { name : nat }', 'record { 1_224_700_491 : nat }')).toBe(true);
    expect(isSubtype('record { name : nat }', 'record { 1_224_700_492 : nat }')).toBe(false);
  });

  it('treat annotations as a set that must be equal', () => {
    expect(isSubtype('func () -> () query', 'func () -> ()')).toBe(false);
    expect(isSubtype('func () -> ()', 'func () -> () query')).toBe(false);
    expect(isSubtype('func () -> () composite_query', 'func () -> () composite_query')).toBe(true);
  });

  it('let a service grow and not shrink', () => {
    expect(isSubtype('service { a : () -> (); b : () -> () }', 'service { a : () -> () }')).toBe(true);
    expect(isSubtype('service { a : () -> () }', 'service { a : () -> (); b : () -> () }')).toBe(false);
  });
});

describe('what an upgrade does to old clients', () => {
  const old = `service : (record { registry : principal }) -> {
    pay : (record { amount : nat; to : opt text }) -> (variant { Ok : nat; Err : record { code : text } });
    list : (nat32) -> (vec record { id : nat; note : opt text }) query;
  }`;
  const changed = (from: string, to: string) => problemsOf(old, old.replace(from, to));

  it('is nothing when nothing changed, or only what may', () => {
    expect(problemsOf(old, old)).toEqual([]);
    expect(changed('to : opt text', 'to : opt text; memo : opt blob')).toEqual([]);
    expect(changed('(nat32) ->', '(nat32, opt text) ->')).toEqual([]);
    expect(changed('id : nat', 'id : nat; more : text')).toEqual([]);
    expect(changed('list :', 'count : () -> (nat) query; list :')).toEqual([]);
    expect(changed('Err : record { code : text }', 'Err : record { code : text; next_step : text }')).toEqual([]);
    expect(changed('(record { registry : principal })', '(nat)')).toEqual([]);
  });

  it('is named with the method and the path of the field', () => {
    expect(changed('to : opt text', 'to : opt text; memo : text')).toEqual([
      'pay: argument 0: field "memo" of type text is new and not optional',
    ]);
    expect(changed('id : nat; ', '')).toEqual([
      'list: result 0: element: field "id" of type nat is gone and was not optional',
    ]);
    expect(changed('Ok : nat', 'Ok : nat; Later')).toEqual([
      'pay: result 0: case "Later" is new, and old clients do not know it',
    ]);
    expect(changed('code : text', 'code : nat')).toEqual(['pay: result 0: case "Err": field "code": was text, is nat']);
    expect(changed('amount : nat', 'amount : nat64')).toEqual(['pay: argument 0: field "amount": was nat, is nat64']);
    expect(changed('query', '')).toEqual(['list: is update, was query']);
    expect(changed('list :', 'lists :')).toEqual(['list: the method is gone']);
    expect(changed('(nat32)', '(nat32, nat)')).toEqual(['list: argument 1 of type nat is new and not optional']);
  });

  it('is also a value that would silently read as null', () => {
    expect(changed('to : opt text', 'to : opt nat')).toEqual([
      'pay: argument 0: field "to": was text, is nat; the value would read as null',
    ]);
    expect(changed('note : opt text', 'note : opt blob')).toEqual([
      'list: result 0: element: field "note": was text, is vec nat8; the value would read as null',
    ]);
  });

  it('lets variants grow inside an option, as Candid means them to', () => {
    const state = (cases: string) => `service : { state : () -> (opt variant { ${cases} }) query }`;
    expect(problemsOf(state('on; off'), state('on; off; broken'))).toEqual([]);
    const taken = (cases: string) => `service : { set : (opt variant { ${cases} }) -> () }`;
    expect(problemsOf(taken('on; off'), taken('on'))).toEqual([
      'set: argument 0: case "off" is gone, and old clients send it; the value would read as null',
    ]);
  });

  it('is told for every method that uses a changed type, and ends for types in circles', () => {
    const list = (item: string) =>
      `type List = record { head : ${item}; tail : opt List }; service : { a : () -> (List); b : (vec List) -> () }`;
    expect(problemsOf(list('nat'), list('nat'))).toEqual([]);
    expect(problemsOf(list('nat'), list('text'))).toEqual([
      'a: result 0: field "head": was nat, is text',
      'b: argument 0: element: field "head": was nat, is text',
    ]);
  });

  it('costs no more than pairs of types, however they are woven', () => {
    const woven = (last: string) => {
      const names = Array.from(
        { length: 60 },
        (_, i) => `type T${i} = record { a : opt T${i + 1}; b : opt T${i + 1} };`,
      );
      return `${names.join(' ')} type T60 = ${last}; service : { a : () -> (T0) }`;
    };
    expect(problemsOf(woven('nat'), woven('text')).length).toBeGreaterThan(0);
  });
});

/** Random types over a few recursive names, with few labels so that they often relate. */
function typeTexts(fewestFields: number, ...alsoPlain: string[]): fc.Arbitrary<string> {
  return fc.letrec<{ type: string }>((tie) => ({
    type: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.constantFrom(...alsoPlain, 'nat', 'nat8', 'text', 'bool', 'null', 'reserved', 'principal', 'List', 'Tree'),
      tie('type').map((type) => `opt ${type}`),
      tie('type').map((type) => `vec ${type}`),
      fieldsOf(tie('type'), fewestFields).map((fields) => `record { ${fields} }`),
      fieldsOf(tie('type'), fewestFields).map((fields) => `variant { ${fields} }`),
    ),
  })).type;
}

function fieldsOf(type: fc.Arbitrary<string>, minLength: number): fc.Arbitrary<string> {
  const field = fc.tuple(fc.constantFrom('a', 'b', 'c'), type);
  return fc
    .uniqueArray(field, { minLength, maxLength: 3, selector: ([label]) => label })
    .map((fields) => fields.map(([label, each]) => `${label} : ${each}`).join('; '));
}

const names = 'type List = record { a : nat; b : opt List }; type Tree = variant { a; b : vec Tree };';

function typesOf(...texts: string[]) {
  const text = read(`${names} service : { m : (${texts.join(', ')}) -> () }`);
  const method = text.methods.get('m') as CandidType & { kind: 'func' };
  return { types: text.types, parsed: method.func.inputs, library: candidToMethods(text).m!.argTypes };
}

/** A small generator of values: whatever a seed gives, and nothing deep. Null where a type has no values. */
function createValues(seed: number) {
  let state = seed;
  const pick = (count: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % count;
  };
  const make = (type: IDL.Type, depth: number): unknown => {
    if (depth > 12) throw new NoValue('too deep');
    if (type instanceof IDL.RecClass) return make(type.getType()!, depth + 1);
    if (type instanceof IDL.OptClass) return pick(3) === 0 || depth > 6 ? [] : [make(type._type, depth + 1)];
    if (type instanceof IDL.VecClass) {
      return depth > 6 ? [] : Array.from({ length: pick(3) }, () => make(type._type, depth + 1));
    }
    if (type instanceof IDL.TupleClass) return type._fields.map(([, each]) => make(each, depth + 1));
    if (type instanceof IDL.RecordClass) {
      return Object.fromEntries(type._fields.map(([label, each]) => [label, make(each, depth + 1)]));
    }
    if (type instanceof IDL.VariantClass) {
      if (type._fields.length === 0) throw new NoValue('an empty variant');
      const [label, each] = type._fields[depth > 6 ? 0 : pick(type._fields.length)]!;
      return { [label]: make(each, depth + 1) };
    }
    if (type instanceof IDL.NatClass || type instanceof IDL.IntClass) return BigInt(pick(1000));
    if (type instanceof IDL.FixedNatClass) return pick(256);
    if (type instanceof IDL.TextClass) return `text ${pick(9)}`;
    if (type instanceof IDL.BoolClass) return pick(2) === 0;
    if (type instanceof IDL.PrincipalClass) return principal;
    return null;
  };
  return make;
}

class NoValue extends Error {}
const principal = Principal.anonymous();

describe('random types', () => {
  it('are subtypes of themselves, and of what their supertypes are subtypes of', () => {
    fc.assert(
      fc.property(typeTexts(0, 'int'), typeTexts(0, 'int'), typeTexts(0, 'int'), (a, b, c) => {
        const { types, parsed } = typesOf(a, b, c);
        const [x, y, z] = parsed as [CandidType, CandidType, CandidType];
        expect(isCandidSubtype(types, x, x)).toBe(true);
        if (isCandidSubtype(types, x, y) && isCandidSubtype(types, y, z)) {
          expect(isCandidSubtype(types, x, z)).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('decode at another type whenever nothing is found wrong', () => {
    let decoded = 0;
    const methods = (type: string) => `${names} service : { m : () -> (${type}) }`;
    fc.assert(
      // The library does not decode a nat as an int, and takes a record without fields for a tuple.
      fc.property(typeTexts(1), typeTexts(1), fc.nat(), (a, b, seed) => {
        if (problemsOf(methods(b), methods(a)).length > 0) return;
        const { library } = typesOf(a, b);
        try {
          const bytes = IDL.encode([library[0]!], [createValues(seed)(library[0]!, 0)]);
          IDL.decode([library[1]!], bytes);
          decoded++;
        } catch (error) {
          if (!(error instanceof NoValue)) throw error;
        }
      }),
      { numRuns: 8000 },
    );
    expect(decoded).toBeGreaterThan(200);
  });
});
