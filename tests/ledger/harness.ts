// A ledger on a replica in virtual time, called in process by any sender.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { AccountType } from '@tamc/protocol/account';
import {
  ApproveArgType,
  ApproveResultType,
  TransferArgType,
  TransferFromArgType,
  TransferFromResultType,
  TransferResultType,
} from '@tamc/protocol/icrc-types';
import { LedgerInitType } from '@tamc/protocol/ledger';
import type { Replica } from '@tamc/replica';
import { buildCanister } from '@tamc/stack';
import { createCanister, decode, encode, install, reply } from '../harness/canisters.ts';

export interface Account {
  owner: Principal;
  subaccount: [] | [Uint8Array];
}

export function accountOf(owner: Principal, subaccount?: Uint8Array): Account {
  return { owner, subaccount: subaccount === undefined ? [] : [subaccount] };
}

/** A principal as a key has it, made of a number. */
export function person(number: number): Principal {
  const bytes = new Uint8Array(29);
  new DataView(bytes.buffer).setUint32(0, number);
  bytes[28] = 2;
  return Principal.fromUint8Array(bytes);
}

export const minter = accountOf(person(0xffff));
export const fee = 10_000n;

export async function buildLedger(): Promise<Uint8Array<ArrayBuffer>> {
  const built = await buildCanister('canisters/ledger');
  if (!built.ok) throw new Error(`the ledger does not build: ${JSON.stringify(built.error)}`);
  return built.value.wasm;
}

export interface LedgerInit {
  token_name?: string;
  minting_account?: Account;
  transfer_fee?: bigint;
  fee_collector_account?: [] | [Account];
  initial_balances?: [Account, bigint][];
  metadata?: [string, unknown][];
  decimals?: [number];
  max_memo_length?: [] | [number];
}

export function initArgument(given: LedgerInit = {}): Uint8Array {
  const init = {
    token_name: 'Test Token',
    token_symbol: 'XTKN',
    decimals: [8],
    transfer_fee: fee,
    minting_account: minter,
    fee_collector_account: [],
    initial_balances: [],
    metadata: [],
    max_memo_length: [],
    transaction_window_seconds: [],
    permitted_drift_seconds: [],
    ...given,
  };
  return encode([LedgerInitType], [init]);
}

type Result = { Ok: bigint } | { Err: Record<string, unknown> };

export interface Ledger {
  readonly canister: string;
  update(sender: Principal, method: string, types: IDL.Type[], values: unknown[], result: IDL.Type): Promise<unknown>;
  query<T>(method: string, types: IDL.Type[], values: unknown[], result: IDL.Type, sender?: Principal): Promise<T>;
  transfer(sender: Principal, args: Record<string, unknown>): Promise<Result>;
  approve(sender: Principal, args: Record<string, unknown>): Promise<Result>;
  transferFrom(sender: Principal, args: Record<string, unknown>): Promise<Result>;
  balance(account: Account): Promise<bigint>;
  stateHash(): Promise<Uint8Array>;
}

export async function installLedger(replica: Replica, wasm: Uint8Array, init: LedgerInit = {}): Promise<Ledger> {
  const canister = await createCanister(replica);
  await install(replica, canister, wasm, 'install', initArgument(init));
  return ledgerAt(replica, canister);
}

export function ledgerAt(replica: Replica, canister: string): Ledger {
  const update: Ledger['update'] = async (sender, method, types, values, result) => {
    const call = replica.call({ canister, method, arg: encode(types, values), sender: sender.toText() });
    return decode([result], await reply(call))[0];
  };
  const query = async <T>(
    method: string,
    types: IDL.Type[],
    values: unknown[],
    result: IDL.Type,
    sender?: Principal,
  ) => {
    const from = sender === undefined ? {} : { sender: sender.toText() };
    return decode(
      [result],
      await reply(replica.query({ canister, method, arg: encode(types, values), ...from })),
    )[0] as T;
  };
  const asked = { fee: [], memo: [], created_at_time: [] };
  return {
    canister,
    update,
    query,
    transfer: (sender, args) =>
      update(
        sender,
        'icrc1_transfer',
        [TransferArgType],
        [{ from_subaccount: [], ...asked, ...args }],
        TransferResultType,
      ) as Promise<Result>,
    approve: (sender, args) =>
      update(
        sender,
        'icrc2_approve',
        [ApproveArgType],
        [{ from_subaccount: [], expected_allowance: [], expires_at: [], ...asked, ...args }],
        ApproveResultType,
      ) as Promise<Result>,
    transferFrom: (sender, args) =>
      update(
        sender,
        'icrc2_transfer_from',
        [TransferFromArgType],
        [{ spender_subaccount: [], ...asked, ...args }],
        TransferFromResultType,
      ) as Promise<Result>,
    balance: (account) => query('icrc1_balance_of', [AccountType], [account], IDL.Nat),
    stateHash: () => query('state_hash', [], [], IDL.Vec(IDL.Nat8)),
  };
}
