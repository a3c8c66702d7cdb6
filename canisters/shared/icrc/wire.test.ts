// The quick way over the wire against the library: the same values from the same bytes, and never more trust than it has.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { AccountType } from '@tamc/protocol/account';
import {
  ApproveArgType,
  type IcrcError,
  TransferArgType,
  TransferFromArgType,
  TransferFromResultType,
} from '@tamc/protocol/icrc-types';
import { AccountHistoryType, GetBlocksResultType } from '@tamc/protocol/icrc3-types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argumentBytesMax, parseApprove, parseTransfer, parseTransferFrom } from './parse.ts';
import { toLeb128, type Value, valueToCandid } from './value.ts';
import { createArgumentReader, createBlocksWriter, createResultWriter } from './wire.ts';

const opt = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const anyNat = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 260n }), fc.nat().map(BigInt));
const nat64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const blob = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const anyAccount = fc.record({ owner: fc.uint8Array({ maxLength: 29 }), subaccount: opt(blob(32)) });
const asked = {
  amount: anyNat,
  fee: opt(anyNat),
  memo: opt(fc.uint8Array({ maxLength: 40 })),
  createdAtNs: opt(nat64),
};

const wrap = <T>(value: T | null): [] | [T] => (value === null ? [] : [value]);
type AnyAccount = { owner: Uint8Array; subaccount: Uint8Array | null };
const toCandid = ({ owner, subaccount }: AnyAccount) => ({
  owner: Principal.fromUint8Array(owner),
  subaccount: wrap(subaccount),
});
const caller = Uint8Array.of(9, 9, 2);
const encode = (type: IDL.Type, value: unknown) => new Uint8Array(IDL.encode([type], [value]));

describe('arguments over the wire', () => {
  it('[wire.arguments] mean the same read quickly as what the library wrote', () => {
    fc.assert(
      fc.property(fc.record({ ...asked, sub: opt(blob(32)), from: anyAccount, to: anyAccount }), (given) => {
        const { amount, fee, memo, createdAtNs, sub, from, to } = given;
        const common = { amount, fee: wrap(fee), memo: wrap(memo), created_at_time: wrap(createdAtNs) };
        const expected = { kind: 'transfer', amount, fee, memo, createdAtNs, to };
        const own = { owner: caller, subaccount: sub };
        const plain = { ...common, from_subaccount: wrap(sub), to: toCandid(to) };
        const transfer = parseTransfer(encode(TransferArgType, plain), caller);
        expect(transfer).toEqual({ ok: true, value: { ...expected, from: own, spender: null } });
        const spending = { ...common, spender_subaccount: wrap(sub), from: toCandid(from), to: toCandid(to) };
        const spent = parseTransferFrom(encode(TransferFromArgType, spending), caller);
        expect(spent).toEqual({ ok: true, value: { ...expected, from, spender: own } });
      }),
    );
  });

  it('[wire.arguments] of approvals too', () => {
    const terms = { expectedAllowance: opt(anyNat), expiresAtNs: opt(nat64), spender: anyAccount, sub: opt(blob(32)) };
    fc.assert(
      fc.property(fc.record({ ...asked, ...terms }), ({ sub, ...given }) => {
        const { amount, fee, memo, createdAtNs, expectedAllowance, expiresAtNs, spender } = given;
        const arg = encode(ApproveArgType, {
          amount,
          fee: wrap(fee),
          memo: wrap(memo),
          created_at_time: wrap(createdAtNs),
          expected_allowance: wrap(expectedAllowance),
          expires_at: wrap(expiresAtNs),
          from_subaccount: wrap(sub),
          spender: toCandid(spender),
        });
        const from = { owner: caller, subaccount: sub };
        expect(parseApprove(arg, caller)).toEqual({ ok: true, value: { kind: 'approve', from, ...given } });
      }),
    );
  });

  it('[wire.unusual] are left to the library when their types are others, and never misread', () => {
    const read = createArgumentReader({ amount: 'nat', to: 'account' });
    const to = { owner: Principal.fromUint8Array(caller), subaccount: [] };
    const usual = encode(IDL.Record({ amount: IDL.Nat, to: AccountType }), { amount: 5n, to });
    expect(read(usual)).toEqual({ amount: 5n, to: { owner: caller, subaccount: null } });
    const others: [IDL.Type, unknown][] = [
      [IDL.Record({ amount: IDL.Int, to: AccountType }), { amount: 5n, to }],
      [IDL.Record({ amount: IDL.Nat64, to: AccountType }), { amount: 5n, to }],
      [IDL.Record({ amount: IDL.Nat, to: AccountType, more: IDL.Text }), { amount: 5n, to, more: 'x' }],
      [IDL.Record({ amount: IDL.Nat, to: IDL.Record({ owner: IDL.Principal }) }), { amount: 5n, to }],
      [IDL.Text, 'x'],
    ];
    for (const [type, value] of others) expect(read(encode(type, value))).toBeNull();
    expect(read(Uint8Array.from([...usual, 0]))).toBeNull();
    expect(read(new Uint8Array(IDL.encode([IDL.Nat, IDL.Nat], [1n, 2n])))).toBeNull();
  });

  it('[wire.broken] cut short or changed anywhere are refused or read as what they say, without end or crash', () => {
    const to = { owner: Principal.fromUint8Array(caller), subaccount: [new Uint8Array(32)] };
    const rest = { fee: [5n], memo: [new Uint8Array(3)], created_at_time: [7n], from_subaccount: [] };
    const whole = encode(TransferArgType, { to, amount: 2n ** 70n, ...rest });
    const outcome = (bytes: Uint8Array) => {
      try {
        return parseTransfer(bytes, caller).ok;
      } catch (error) {
        return error instanceof Error;
      }
    };
    for (let length = 0; length < whole.length; length++) expect(outcome(whole.subarray(0, length))).toBe(true);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const changed = whole.slice();
        changed[at] = byte;
        expect(typeof outcome(changed)).toBe('boolean');
      }),
      { numRuns: 500 },
    );
    expect(whole.length).toBeLessThan(argumentBytesMax);
  });

  it('[wire.bomb] that stand for billions of values are refused before those are made', () => {
    const type = IDL.Record({ to: AccountType, amount: IDL.Nat, bomb: IDL.Vec(IDL.Null) });
    const to = { owner: Principal.fromUint8Array(caller), subaccount: [] };
    const nulls = Array.from({ length: 77 }, () => null);
    const bytes = encode(type, { to, amount: 1n, bomb: nulls });
    const at = bytes.lastIndexOf(77);
    const bomb = Uint8Array.from([...bytes.slice(0, at), 0xff, 0xff, 0xff, 0xff, 0x0f, ...bytes.slice(at + 1)]);
    expect(parseTransfer(encode(type, { to, amount: 1n, bomb: [] }), caller).ok).toBe(true);
    expect(() => parseTransfer(bomb, caller)).toThrow(/refused/);
  });

  it('[wire.subaccount] with a subaccount of another length are refused by name', () => {
    const to = { owner: Principal.fromUint8Array(caller), subaccount: [] };
    const rest = { fee: [], memo: [], created_at_time: [] };
    for (const length of [0, 31, 33]) {
      const arg = { to, amount: 1n, ...rest, from_subaccount: [new Uint8Array(length)] };
      expect(parseTransfer(encode(TransferArgType, arg), caller)).toMatchObject({
        error: { GenericError: { error_code: 1n } },
      });
    }
  });
});

describe('answers over the wire', () => {
  const decode = (type: IDL.Type, bytes: Uint8Array) => IDL.decode([type], bytes)[0];

  it('[wire.results] are read by the library as what they say', () => {
    const write = createResultWriter<IcrcError>(TransferFromResultType);
    fc.assert(
      fc.property(nat64, (block) => {
        expect(decode(TransferFromResultType, write({ Ok: block }))).toEqual({ Ok: block });
      }),
    );
    const errors: IcrcError[] = [
      { TooOld: null },
      { InsufficientFunds: { balance: 2n ** 100n } },
      { InsufficientAllowance: { allowance: 0n } },
      { GenericError: { error_code: 3n, message: 'no' } },
    ];
    for (const error of errors) {
      expect(decode(TransferFromResultType, write({ Err: error }))).toEqual({ Err: error });
    }
  });

  it('[wire.blocks] hold the blocks as they are kept', () => {
    const block: Value = { kind: 'Map', entries: [['ts', { kind: 'Nat', value: 5n }]] };
    const write = createBlocksWriter(
      GetBlocksResultType,
      { log_length: 0n, blocks: [], archived_blocks: [] },
      'blocks',
    );
    const answer = write([{ index: 300, candid: valueToCandid(block) }], {
      log_length: toLeb128(301n),
      archived_blocks: Uint8Array.of(0),
    });
    const shown = { id: 300n, block: { Map: [['ts', { Nat: 5n }]] } };
    expect(decode(GetBlocksResultType, answer)).toEqual({ log_length: 301n, blocks: [shown], archived_blocks: [] });
    const history = createBlocksWriter(AccountHistoryType, { blocks: [], next: [] }, 'blocks');
    const page = history([{ index: 300, candid: valueToCandid(block) }], { next: Uint8Array.of(1, 7) });
    expect(decode(AccountHistoryType, page)).toEqual({ blocks: [shown], next: [7n] });
  });
});
