import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { describe, expect, it } from 'vitest';
import { parseArgumentValues, renderValues, valueToJson } from './argument-values.ts';

function valuesOf(types: IDL.Type[], ...words: string[]): unknown[] {
  const values = parseArgumentValues(types, words);
  if (!values.ok) throw new Error(values.error);
  return values.value;
}

function refusalOf(types: IDL.Type[], ...words: string[]): string {
  const values = parseArgumentValues(types, words);
  return values.ok ? 'accepted' : values.error;
}

describe('words of a command line', () => {
  it('become Candid values by the types of the method', () => {
    expect(valuesOf([IDL.Text], '12')).toEqual(['12']);
    expect(valuesOf([IDL.Nat, IDL.Int8], '123456789012345678901', '-7')).toEqual([123456789012345678901n, -7]);
    expect(valuesOf([IDL.Bool, IDL.Float64], 'true', '1.5')).toEqual([true, 1.5]);
    expect(valuesOf([IDL.Principal], 'aaaaa-aa')).toEqual([Principal.managementCanister()]);
    expect(valuesOf([IDL.Vec(IDL.Nat8)], '"00ff"')).toEqual([Uint8Array.of(0, 255)]);
  });

  it('become records, variants, tuples and options from JSON', () => {
    const job = IDL.Record({ name: IDL.Text, price: IDL.Nat64, by: IDL.Opt(IDL.Principal) });
    expect(valuesOf([job], '{"name":"print","price":"9007199254740993"}')).toEqual([
      { name: 'print', price: 9007199254740993n, by: [] },
    ]);
    const result = IDL.Variant({ Ok: IDL.Null, Err: IDL.Tuple(IDL.Nat8, IDL.Text) });
    expect(valuesOf([IDL.Vec(result)], '["Ok", {"Err": [1, "a"]}]')).toEqual([[{ Ok: null }, { Err: [1, 'a'] }]]);
    expect(valuesOf([IDL.Opt(IDL.Text), IDL.Opt(IDL.Nat)], '"a"')).toEqual([['a'], []]);
  });

  it('are refused with the reason', () => {
    expect(refusalOf([IDL.Nat], '-1')).toBe('argument 1: "-1" is not nat');
    expect(refusalOf([IDL.Nat8], '256')).toBe('argument 1: "256" is not nat8');
    expect(refusalOf([IDL.Text], 'a', 'b')).toBe('takes 1 arguments (text), not 2');
    expect(refusalOf([IDL.Bool], 'yes')).toBe('argument 1: bool is written as JSON, and "yes" is not JSON');
    expect(refusalOf([IDL.Record({ a: IDL.Nat })], '{"a":"1","b":"2"}')).toBe(
      'argument 1: there is no field "b" in record {a:nat}',
    );
    expect(refusalOf([IDL.Record({ a: IDL.Nat })], '{}')).toBe('argument 1: null is not nat');
    expect(refusalOf([IDL.Principal], 'nobody')).toBe('argument 1: "nobody" is not principal');
  });

  it('come back as Candid text or as JSON', () => {
    const types = [IDL.Nat, IDL.Record({ name: IDL.Text }), IDL.Opt(IDL.Bool)];
    expect(renderValues(types, [5n, { name: 'Ana' }, [true]])).toBe('(5, record {name="Ana"}, opt true)');
    expect(valueToJson([5n, { who: Principal.anonymous(), bytes: Uint8Array.of(1, 2) }, []])).toEqual([
      '5',
      { who: '2vxsx-fae', bytes: '0102' },
      [],
    ]);
  });
});
