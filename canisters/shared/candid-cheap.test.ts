import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { expect, it } from 'vitest';

const Account = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });
const Value = IDL.Rec();
Value.fill(IDL.Variant({ Nat: IDL.Nat, Array: IDL.Vec(Value), Map: IDL.Vec(IDL.Tuple(IDL.Text, Value)) }));
const Answer = IDL.Variant({
  Ok: IDL.Record({ to: Account, blocks: IDL.Vec(Value), at: IDL.Opt(IDL.Nat64) }),
  Err: IDL.Text,
});

const to = { owner: Principal.anonymous(), subaccount: [Uint8Array.of(1)] };
const blocks = [{ Map: [['a', { Array: [{ Nat: 5n }] }]] }, { Nat: 1n }];
const messages: [IDL.Type[], unknown[]][] = [
  [[Answer], [{ Ok: { to, blocks, at: [] } }]],
  [[Answer], [{ Err: 'no' }]],
  [
    [IDL.Opt(Account), Answer, Account],
    [[to], { Ok: { to, blocks: [], at: [3n] } }, to],
  ],
  [
    [Account, IDL.Opt(Account)],
    [to, []],
  ],
  [
    [IDL.Vec(IDL.Nat8), IDL.Nat],
    [Uint8Array.of(9), 4n],
  ],
  [[Value], [blocks[0]]],
  [[IDL.Tuple(Account, IDL.Opt(IDL.Null))], [[to, [null]]]],
];
const written = () => messages.map(([types, values]) => Buffer.from(IDL.encode(types, values)).toString('hex'));

it('cheap Candid writes the same bytes as before, the first time and every time', async () => {
  const before = written();
  await import('./candid-cheap.ts');
  for (let times = 0; times < 3; times++) expect(written()).toEqual(before);
  const [types, values] = messages[2]!;
  expect(IDL.decode(types, IDL.encode(types, values))).toEqual(values);
});
