// How money leaves, whatever for: one decision fixes amount, fee, memo and time; the same call is then repeated until its
// outcome is known, and the ledger's deduplication makes one transfer of all repetitions.
import { IDL } from '@dfinity/candid';
import { parseHex } from '@tamc/base/bytes';
import { type Account, accountToCandid } from '@tamc/protocol/account';
import { QueryBlocksArgsType } from '@tamc/protocol/icp-blocks';
import { TransferArgType, TransferFromArgType } from '@tamc/protocol/icrc-types';
import { GetBlocksArgsType } from '@tamc/protocol/icrc3-types';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { type Purse, purseToAccount } from '@tamc/protocol/purse';
import { memoOf, type TransferCause, type TransferOrder, walletLimits } from '@tamc/protocol/wallet';
import type { Context, OutgoingCall } from '@tamc/shared/rule';
import type { MachineTables } from '../state.ts';
import { knownLedger } from './books.ts';

export interface TransferWanted {
  readonly ledger: PrincipalHex;
  readonly purse: Purse;
  readonly to: Account;
  readonly amount: bigint;
  readonly cause: TransferCause;
  /** When the receiver prescribes it; else one that is unique to the transfer. */
  readonly memo?: string;
  /** When another one than the ledger's is offered. */
  readonly fee?: bigint;
}

export interface StartedTransfers {
  readonly events: readonly ({ readonly kind: 'TransferStarted' } & TransferOrder)[];
  readonly calls: readonly OutgoingCall[];
  /** The number of the first; the others follow. */
  readonly first: number;
}

/** All transfers of one decision at once: their numbers come from the tables as they are. */
export function startTransfers(
  tables: MachineTables,
  context: Context,
  ...wanted: readonly TransferWanted[]
): StartedTransfers {
  const first = tables.transfers.end();
  const orders = wanted.map((one, i) => orderOf(tables, context, one, first + i));
  return {
    events: orders.map((order) => ({ kind: 'TransferStarted', ...order })),
    calls: orders.map((order) => transferCall(context.self, order)),
    first,
  };
}

function orderOf(tables: MachineTables, { nowNs }: Context, wanted: TransferWanted, transfer: number): TransferOrder {
  const { memo = memoOf('transfer', transfer), ...rest } = wanted;
  const { fee = knownLedger(tables, wanted.ledger).fee } = wanted;
  const tip = tables.tips.get(wanted.ledger);
  return { ...rest, transfer, fee, memo, createdNs: nowNs, searchFrom: tip === null ? 0n : tip + 1n };
}

export function transferCall(self: PrincipalHex, order: TransferOrder): OutgoingCall {
  const id = `transfer/${order.transfer}`;
  const shared = { id, callee: order.ledger, cycles: 0n, isRepeatable: true };
  const argument = {
    to: accountToCandid(order.to),
    amount: order.amount,
    fee: [order.fee],
    memo: [parseHex(order.memo)!],
    created_at_time: [order.createdNs],
  };
  if (order.cause.kind === 'hold') {
    const pull = { ...argument, spender_subaccount: [], from: accountToCandid(order.cause.from) };
    const encoded = new Uint8Array(IDL.encode([TransferFromArgType], [pull]));
    return { ...shared, method: 'icrc2_transfer_from', argument: encoded };
  }
  const { subaccount } = purseToAccount(self, order.purse);
  const push = { ...argument, from_subaccount: subaccount === null ? [] : [parseHex(subaccount)!] };
  return { ...shared, method: 'icrc1_transfer', argument: new Uint8Array(IDL.encode([TransferArgType], [push])) };
}

/** What a transfer takes from its purse; pulling money into it takes nothing. */
export function totalOf({ cause, amount, fee }: TransferOrder): bigint {
  return cause.kind === 'hold' ? 0n : amount + fee;
}

/** Where the money comes from. */
export function sourceOf(self: PrincipalHex, { cause, purse }: TransferOrder): Account {
  return cause.kind === 'hold' ? cause.from : purseToAccount(self, purse);
}

/** Looks for the block of a transfer whose outcome is not known. */
export function searchCall(transfer: number, ledger: PrincipalHex, start: bigint): OutgoingCall {
  return blocksCall(`search/${transfer}`, ledger, start, walletLimits.searchBlocks);
}

export function archivedSearchCall(transfer: number, archive: PrincipalHex, start: bigint): OutgoingCall {
  return blocksCall(`archivedSearch/${transfer}`, archive, start, walletLimits.searchBlocks);
}

/** One block each, of a ledger or its archive. */
export function probeCall(
  word: 'probe' | 'archivedProbe',
  transfer: number,
  holder: PrincipalHex,
  indexes: readonly bigint[],
): OutgoingCall {
  return rangesCall(
    `${word}/${transfer}`,
    holder,
    indexes.map((start) => ({ start, length: 1n })),
  );
}

export function blocksCall(id: string, ledger: PrincipalHex, start: bigint, length: number): OutgoingCall {
  return rangesCall(id, ledger, [{ start, length: BigInt(length) }]);
}

/** Of a ledger without ICRC-3. */
export function icpBlockCall(id: string, ledger: PrincipalHex, block: bigint): OutgoingCall {
  const argument = new Uint8Array(IDL.encode([QueryBlocksArgsType], [{ start: block, length: 1n }]));
  return { id, callee: ledger, method: 'query_blocks', argument, cycles: 0n, isRepeatable: true };
}

/** Of an archive of that. */
export function icpArchiveCall(id: string, archive: PrincipalHex, block: bigint): OutgoingCall {
  return { ...icpBlockCall(id, archive, block), method: 'get_blocks' };
}

function rangesCall(id: string, ledger: PrincipalHex, ranges: readonly { start: bigint; length: bigint }[]) {
  const argument = new Uint8Array(IDL.encode([GetBlocksArgsType], [ranges]));
  return { id, callee: ledger, method: 'icrc3_get_blocks', argument, cycles: 0n, isRepeatable: true };
}

/** Settling an order must always find a place, so payments of the machine's own choice take only half of them. */
export function isPlaceForPayment(tables: MachineTables, ledger: PrincipalHex): boolean {
  const open = tables.openTransfers.get().filter((transfer) => transfer.ledger === ledger);
  return open.filter(({ kind }) => kind === 'payment').length < walletLimits.openPaymentsPerLedgerMax;
}
