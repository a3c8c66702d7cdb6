import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { ApproveArgType, TransferArgType, TransferFromArgType } from '@tamc/protocol/icrc-types';
import { describe, expect, it } from 'vitest';
import { consentMessage, decimalText } from './consent.ts';
import { accountOf, alice, bob, carol, fee, minter, settings } from './token-for-tests.ts';

const candid = ({ owner, subaccount }: typeof alice) => ({
  owner: Principal.fromUint8Array(owner),
  subaccount: subaccount === null ? [] : [subaccount],
});
const rest = { fee: [], memo: [], created_at_time: [] };
const encode = (type: IDL.Type, value: unknown) => new Uint8Array(IDL.encode([type], [value]));
const transferArg = (more: object = {}) =>
  encode(TransferArgType, { from_subaccount: [], to: candid(bob), amount: 150_000_000n, ...rest, ...more });
const approveArg = (more: object = {}) =>
  encode(ApproveArgType, {
    from_subaccount: [],
    spender: candid(bob),
    amount: 5n,
    expected_allowance: [],
    expires_at: [],
    ...rest,
    ...more,
  });

function ask(method: string, arg: Uint8Array, { offset, isFields = false, caller = alice.owner }: Asked = {}) {
  const metadata = { language: 'de', utc_offset_minutes: offset === undefined ? [] : [offset] } as const;
  const device_spec = isFields ? [{ FieldsDisplay: null }] : [{ GenericDisplay: null }];
  const user_preferences = { metadata, device_spec } as never;
  return consentMessage(settings, caller, { method, arg, user_preferences });
}

interface Asked {
  readonly offset?: number;
  readonly isFields?: boolean;
  readonly caller?: Uint8Array;
}

function textOf(method: string, arg: Uint8Array, asked: Asked = {}): string {
  const answer = ask(method, arg, asked);
  if (!('Ok' in answer) || !('GenericDisplayMessage' in answer.Ok.consent_message)) throw new Error('no message');
  return answer.Ok.consent_message.GenericDisplayMessage;
}

describe('a consent message', () => {
  it('[icrc21.language] falls back to a language it has, and says which', () => {
    expect(ask('icrc1_transfer', transferArg())).toMatchObject({ Ok: { metadata: { language: 'en' } } });
  });

  it('[icrc21.mint-burn] tells minting and burning apart from sending, and names no fee for them', () => {
    expect(textOf('icrc1_transfer', transferArg({ to: candid(minter) }))).toContain('# Burn XTKN');
    expect(textOf('icrc1_transfer', transferArg(), { caller: minter.owner })).toContain('# Mint XTKN');
    expect(textOf('icrc1_transfer', transferArg({ to: candid(minter) }))).not.toContain('Fee');
  });

  it('[icrc21.approve] warns that the allowance is set whatever it was, unless the caller says what it must be', () => {
    const text = textOf('icrc2_approve', approveArg());
    for (const part of ['0.00000005 XTKN', 'does not expire', '0.0001 XTKN', 'whatever it was before']) {
      expect(text).toContain(part);
    }
    const expected = textOf('icrc2_approve', approveArg({ expected_allowance: [7n] }));
    expect(expected).toContain('Existing allowance:**\n`0.00000007 XTKN`');
    expect(expected).not.toContain('whatever');
  });

  it('[icrc21.time] tells the end of an allowance in the zone asked for, and says that zone', () => {
    const arg = approveArg({ expires_at: [1_700_000_000_000_000_000n] });
    expect(textOf('icrc2_approve', arg)).toContain('2023-11-14 22:13:20 UTC`');
    expect(textOf('icrc2_approve', arg, { offset: 90 })).toContain('2023-11-14 23:43:20 UTC+01:30');
    expect(ask('icrc2_approve', arg, { offset: -60 })).toMatchObject({
      Ok: { metadata: { utc_offset_minutes: [-60] } },
    });
    expect(ask('icrc2_approve', arg)).toMatchObject({ Ok: { metadata: { utc_offset_minutes: [] } } });
    expect(textOf('icrc2_approve', approveArg({ expires_at: [2n ** 64n - 1n] }), { offset: 0 })).toContain(
      '2554-07-21',
    );
    expect(textOf('icrc2_approve', arg, { offset: 30_000 })).toContain('22:13:20 UTC');
  });

  it('[icrc21.transfer-from] names all three accounts', () => {
    const parties = { spender_subaccount: [], from: candid(bob), to: candid(accountOf(3, 7)), amount: 5n };
    const text = textOf('icrc2_transfer_from', encode(TransferFromArgType, { ...parties, ...rest }));
    for (const { owner } of [alice, bob, carol]) expect(text).toContain(Principal.fromUint8Array(owner).toText());
    expect(text).toContain(`.${'07'.repeat(32).replace(/^0+/, '')}`);
  });

  it('[icrc21.markdown] shows a memo as bytes when it could be read as anything but words', () => {
    const memo = (text: string) => textOf('icrc1_transfer', transferArg({ memo: [Buffer.from(text)] }));
    expect(memo('rent 7')).toContain('`rent 7`');
    for (const text of ['`\n# Fee: none', '**x**', 'a\nb', 'ü']) {
      expect(memo(text)).toContain(`0x${Buffer.from(text).toString('hex')}`);
    }
  });

  it('[icrc21.amounts] shows amounts exactly, also those that a display cannot hold as a number', () => {
    expect(decimalText(fee, 8)).toBe('0.0001');
    expect(decimalText(5n, 0)).toBe('5');
    expect(decimalText(12_300n, 2)).toBe('123');
    const fields = ask('icrc1_transfer', transferArg({ amount: 2n ** 64n }), { isFields: true });
    expect(JSON.stringify(fields, (_, item) => (typeof item === 'bigint' ? `${item}` : item))).toContain(
      '"Amount",{"Text":{"content":"184467440737.09551616 XTKN"}}',
    );
  });
});
