import { IDL } from '@dfinity/candid';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDid } from './parse-did.ts';

function methodsOf(text: string) {
  const methods = parseDid(text);
  if (!methods.ok) throw new Error(methods.error);
  return methods.value;
}

function refusalOf(text: string): string {
  const methods = parseDid(text);
  return methods.ok ? 'accepted' : methods.error;
}

const displayOf = (text: string) =>
  Object.fromEntries(Object.entries(methodsOf(text)).map(([name, method]) => [name, method.display().trim()]));

describe('an interface in Candid', () => {
  it('gives each method with its types and kind', () => {
    expect(
      displayOf(`service : (nat) -> {
        hello: (name: text) -> (text) query;
        "weird name": (record { 1: nat8; text; key: blob }) -> (variant { Ok; Err: text }, opt int) ;
        ping: () -> () oneway
      }`),
    ).toEqual({
      hello: '(text) → (text) query',
      'weird name': '(record {_1_:nat8; _2_:text; key:vec nat8}) → (variant {Ok; Err:text}, opt int)',
      ping: '() → () oneway',
    });
  });

  it('follows names, in any order and around circles', () => {
    const { walk, run } = methodsOf(`
      type List = opt record { head: nat; tail: List };
      type Service = service { walk: (List) -> (Tree); run: F };
      type Tree = variant { leaf; node: vec Tree };
      type F = func (List) -> (Service) composite_query;
      service app : Service`);
    const list = [{ head: 1n, tail: [{ head: 2n, tail: [] }] }];
    expect(IDL.decode(walk!.argTypes, IDL.encode(walk!.argTypes, [list]))).toEqual([list]);
    const tree = { node: [{ leaf: null }, { node: [] }] };
    expect(IDL.decode(walk!.retTypes, IDL.encode(walk!.retTypes, [tree]))).toEqual([tree]);
    expect(run!.annotations).toEqual(['composite_query']);
  });

  it('reads tuples, comments and escapes', () => {
    expect(
      displayOf(`// one line
        /* a block /* in a block */ */
        service : { "a\\n\\u{1F6F5}\\"": (record { nat; text }) -> () /* end */ }`),
    ).toEqual({ 'a\n🛵"': '(record {nat; text}) → ()' });
  });

  it('keeps keywords as names of fields and methods', () => {
    expect(displayOf('service : { "query": (record { "record": nat; service: text }) -> () query }')).toEqual({
      query: '(record {service:text; record:nat}) → () query',
    });
  });

  it('is refused with the line when it is broken', () => {
    expect(refusalOf('service : {\n  a: (nat) -> (;\n}')).toBe('line 2: a type is missing');
    expect(refusalOf('service : {\n\n  a: (Nowhere) -> ();\n}')).toMatch(/^line \d: there is no type Nowhere$/);
    expect(refusalOf('service : { a: (nat) }')).toBe('line 1: "->" is missing before "}"');
    expect(refusalOf('service : { a: (nat§) -> () }')).toBe('line 1: "§" is not Candid');
    expect(refusalOf('service : { a: (nat) -> ()')).toMatch(/missing before "the end"/);
    expect(refusalOf(`service : { a: (${'vec '.repeat(5000)} nat) -> () }`)).toBe(
      'line 1: types are nested too deeply',
    );
    expect(refusalOf('type A = B; type B = A; service : { a: (A) -> () }')).toMatch(
      /^line 1: type [AB] stands for nothing but itself$/,
    );
  });

  it('never throws, whatever the text', () => {
    const word = fc.constantFrom(
      'service',
      ':',
      '{',
      '}',
      '(',
      ')',
      '->',
      ';',
      'nat',
      'opt',
      'record',
      'a',
      '=',
      'type',
      '1',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 3 }))), (words) => {
        parseDid(words.join(' '));
      }),
      { numRuns: 2000 },
    );
  });
});
