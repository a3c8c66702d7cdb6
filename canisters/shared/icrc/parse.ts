// From what came over the wire to transactions. What has the wrong form in a way that Candid does not see is refused by name.
import { IDL } from '@dfinity/candid';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { CandidAccount } from '@tamc/protocol/account';
import { readCandid } from '@tamc/protocol/candid-reader';
import {
  ApproveArgType,
  type CandidApproveArg,
  type CandidTransferArg,
  type CandidTransferFromArg,
  type IcrcError,
  TransferArgType,
  TransferFromArgType,
} from '@tamc/protocol/icrc-types';
import { genericError } from '@tamc/protocol/ledger';
import type { GivenAccount } from './account.ts';
import type { Approve, Transfer } from './transaction.ts';
import { createArgumentReader, type ReadArgument } from './wire.ts';

/** What a standard argument takes is some 500 bytes; what is longer is made to cost. Checked before anything is decoded. */
export const argumentBytesMax = 4_096;

const asked = { amount: 'nat', fee: 'optionalNat', memo: 'optionalBlob', created_at_time: 'optionalNat64' } as const;
const transferFields = { ...asked, from_subaccount: 'optionalBlob', to: 'account' } as const;
const transferFromFields = { ...asked, spender_subaccount: 'optionalBlob', from: 'account', to: 'account' } as const;
const approveFields = {
  ...asked,
  from_subaccount: 'optionalBlob',
  spender: 'account',
  expected_allowance: 'optionalNat',
  expires_at: 'optionalNat64',
} as const;

const readTransfer = createArgumentReader(transferFields);
const readTransferFrom = createArgumentReader(transferFromFields);
const readApprove = createArgumentReader(approveFields);

type Parsed<T> = Result<T, IcrcError>;

/** Throws when the bytes are not the argument of the method. */
export function parseTransfer(bytes: Uint8Array, caller: Uint8Array): Parsed<Transfer> {
  const { from_subaccount: subaccount, to, ...rest } = readTransfer(bytes) ?? libraryTransfer(bytes);
  return checked({ kind: 'transfer', from: { owner: caller, subaccount }, to, spender: null, ...toAsked(rest) });
}

export function parseTransferFrom(bytes: Uint8Array, caller: Uint8Array): Parsed<Transfer> {
  const { spender_subaccount: subaccount, from, to, ...rest } = readTransferFrom(bytes) ?? libraryTransferFrom(bytes);
  return checked({ kind: 'transfer', from, to, spender: { owner: caller, subaccount }, ...toAsked(rest) });
}

export function parseApprove(bytes: Uint8Array, caller: Uint8Array): Parsed<Approve> {
  const read = readApprove(bytes) ?? libraryApprove(bytes);
  const { from_subaccount: subaccount, spender, expected_allowance, expires_at, ...rest } = read;
  const from = { owner: caller, subaccount };
  const terms = { expectedAllowance: expected_allowance, expiresAtNs: expires_at };
  return checked({ kind: 'approve', from, spender, ...terms, ...toAsked(rest) });
}

type Asked = Pick<ReadArgument<typeof transferFields>, keyof typeof asked>;

function toAsked({ amount, fee, memo, created_at_time }: Asked) {
  return { amount, fee, memo, createdAtNs: created_at_time };
}

function checked<T extends Transfer | Approve>(transaction: T): Parsed<T> {
  const accounts = [transaction.from, transaction.spender, transaction.kind === 'transfer' ? transaction.to : null];
  const isWrong = accounts.some(
    (account) => account !== null && account.subaccount !== null && account.subaccount.length !== 32,
  );
  return isWrong ? refuse(genericError('subaccountLength')) : ok(transaction);
}

/** The library's decoder, for arguments whose types are written in an unusual way. */
function libraryTransfer(bytes: Uint8Array): ReadArgument<typeof transferFields> {
  const arg = decodeOne<CandidTransferArg>(TransferArgType, bytes);
  return { ...commonOf(arg), from_subaccount: blobOf(arg.from_subaccount), to: accountOf(arg.to) };
}

function libraryTransferFrom(bytes: Uint8Array): ReadArgument<typeof transferFromFields> {
  const arg = decodeOne<CandidTransferFromArg>(TransferFromArgType, bytes);
  const { from, to } = arg;
  return {
    ...commonOf(arg),
    spender_subaccount: blobOf(arg.spender_subaccount),
    from: accountOf(from),
    to: accountOf(to),
  };
}

function libraryApprove(bytes: Uint8Array): ReadArgument<typeof approveFields> {
  const arg = decodeOne<CandidApproveArg>(ApproveArgType, bytes);
  return {
    ...commonOf(arg),
    from_subaccount: blobOf(arg.from_subaccount),
    spender: accountOf(arg.spender),
    expected_allowance: arg.expected_allowance[0] ?? null,
    expires_at: arg.expires_at[0] ?? null,
  };
}

/**
 * A few bytes can stand for billions of values without bytes, which the library would all make: the careful reader counts them
 * first. Throws when the bytes are not Candid of this type.
 */
export function decodeOne<T>(type: IDL.Type, bytes: Uint8Array, bytesMax = argumentBytesMax): T {
  const read = readCandid(bytes, bytesMax);
  if (!read.ok) throw new Error(`the argument is refused: ${read.error}`);
  return IDL.decode([type], bytes)[0] as unknown as T;
}

function commonOf({ amount, fee, memo, created_at_time }: Omit<CandidTransferArg, 'from_subaccount' | 'to'>): Asked {
  return { amount, fee: fee[0] ?? null, memo: blobOf(memo), created_at_time: created_at_time[0] ?? null };
}

function blobOf([bytes]: [] | [Uint8Array | number[]]): Uint8Array | null {
  return bytes === undefined ? null : Uint8Array.from(bytes);
}

function accountOf({ owner, subaccount }: CandidAccount): GivenAccount {
  return { owner: owner.toUint8Array(), subaccount: blobOf(subaccount) };
}
