import { describe, expect, it } from 'vitest';
import { parseCandid } from './candid-text.ts';

function read(text: string) {
  const parsed = parseCandid(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function refusalOf(text: string): string {
  const parsed = parseCandid(text);
  return parsed.ok ? 'accepted' : parsed.error;
}

describe('a description in Candid', () => {
  it('has methods, named types and what the service takes at install', () => {
    const { init, methods, types } = read(`type T = record { nat; key : text };
      service counter : (record { owner : principal }, opt nat) -> { get : (T) -> (nat) query; };`);
    expect(init?.length).toBe(2);
    expect([...methods.keys()]).toEqual(['get']);
    expect(types.get('T')).toEqual({
      kind: 'record',
      fields: [
        { label: '_0_', number: 0, type: { kind: 'primitive', name: 'nat' } },
        { label: 'key', number: null, type: { kind: 'primitive', name: 'text' } },
      ],
    });
    expect(read('service : { }').init).toBeNull();
  });

  it('may be a service of another name, and have methods of a named function type', () => {
    const { methods } = read('type F = func (nat) -> () oneway; type S = service { f : F }; service : S');
    expect(methods.get('f')).toEqual({ kind: 'name', name: 'F' });
  });

  it('writes numbers and texts in several ways', () => {
    const { methods } = read('service : { "caf\\c3\\a9 \\u{1F6F5}" : (record { 0x1_0 : nat; 1_000 : text }) -> () }');
    expect([...methods.keys()]).toEqual(['café 🛵']);
    expect(methods.get('café 🛵')).toMatchObject({
      func: { inputs: [{ fields: [{ number: 16 }, { number: 1000 }] }] },
    });
  });

  it('is refused when it says something twice, or nothing', () => {
    expect(refusalOf('service : { a : (record { x : nat; x : nat }) -> () }')).toBe('line 1: "x" is there twice');
    expect(refusalOf('service : { a : () -> (); a : () -> () }')).toBe('line 1: the method "a" is there twice');
    expect(refusalOf('type A = nat; type A = nat; service : { }')).toBe('line 1: type A is there twice');
    expect(refusalOf('type A = nat; service : A')).toBe('line 1: the service is not a service type');
    expect(refusalOf('type A = nat; service : { a : A }')).toBe('line 1: the type of method "a" is not a function');
    expect(refusalOf('service : { } service : { }')).toBe('line 1: the description goes on after its service');
    expect(refusalOf('service : { a : (record { 4294967296 : nat }) -> () }')).toMatch(/too large$/);
    expect(refusalOf('import "a.did"; service : { }')).toMatch(/imports are not supported/);
  });

  it('is refused with texts that are none and with comments without an end', () => {
    expect(refusalOf('service : { "\\u{110000}" : () -> () }')).toBe('line 1: "\\"" is not Candid');
    expect(refusalOf('service : { "\\ff" : () -> () }')).toBe('line 1: "\\"" is not Candid');
    expect(refusalOf('service : { } /* /* */')).toBe('line 1: "/" is not Candid');
  });

  it('is refused when names lead too deep', () => {
    const names = Array.from({ length: 30 }, (_, i) => `type T${i} = ${'opt '.repeat(90)} T${i + 1};`);
    expect(refusalOf(`${names.join('\n')} type T30 = nat; service : { a : (T0) -> () }`)).toMatch(
      /^line \d+: the named types together are too deep$/,
    );
  });
});
