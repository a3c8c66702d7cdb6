// A model ledger for tests of pure rules: accounts, fees, allowances, deduplication and blocks in memory, spoken to in Candid as
// a real one is. It is no ledger canister; it only lets a test see what a ledger would hold at every moment.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { type Account, accountOf, type CandidAccount, parseAccount } from '@tamc/protocol/account';
import { TransferArgType, TransferFromArgType, TransferFromResultType } from '@tamc/protocol/icrc-types';
import { GetBlocksArgsType, GetBlocksResultType } from '@tamc/protocol/icrc3-types';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';

export interface ModelBlock {
  readonly kind: '1xfer' | '2xfer' | '1mint' | '1burn' | '2approve';
  readonly from: Account | null;
  readonly to: Account | null;
  readonly spender: PrincipalHex | null;
  readonly amount: bigint;
  readonly memo: Uint8Array | null;
  readonly createdNs: bigint | null;
  readonly atNs: bigint;
}

interface CandidTransfer {
  readonly from_subaccount?: [] | [Uint8Array];
  readonly from?: CandidAccount;
  readonly to: CandidAccount;
  readonly amount: bigint;
  readonly fee: [] | [bigint];
  readonly memo: [] | [Uint8Array];
  readonly created_at_time: [] | [bigint];
}

const windowNs = 86_400_000_000_000n;
const keyOf = ({ owner, subaccount }: Account) => `${owner}.${subaccount ?? ''}`;

export type ModelLedger = ReturnType<typeof createModelLedger>;

export function createModelLedger(options: { fee: bigint; minting?: Account }) {
  let { fee } = options;
  const balances = new Map<string, bigint>();
  const allowances = new Map<string, bigint>();
  const seen = new Map<string, bigint>();
  const blocks: ModelBlock[] = [];
  const balanceOf = (account: Account) => balances.get(keyOf(account)) ?? 0n;
  const add = (account: Account, change: bigint) => balances.set(keyOf(account), balanceOf(account) + change);
  let clockNs = 0n;
  let held = 0;
  let archive: PrincipalHex | null = null;
  const append = (block: Omit<ModelBlock, 'atNs'>) => BigInt(blocks.push({ ...block, atNs: clockNs }) - 1);

  function mint(to: Account, amount: bigint): bigint {
    add(to, amount);
    return append({ kind: '1mint', from: null, to, spender: null, amount, memo: null, createdNs: null });
  }

  function approve(owner: Account, spender: PrincipalHex, amount: bigint): void {
    allowances.set(`${keyOf(owner)}/${spender}`, amount);
  }

  /** With the block that a real ledger writes of it. */
  function approveOnRecord(owner: Account, spender: PrincipalHex, amount: bigint): bigint {
    approve(owner, spender, amount);
    add(owner, -fee);
    return append({ kind: '2approve', from: owner, to: null, spender, amount, memo: null, createdNs: null });
  }

  function move(from: Account, given: CandidTransfer, spender: PrincipalHex | null, nowNs: bigint): object {
    const to = parseAccount(given.to);
    if (!to.ok) throw new Error('a malformed account');
    const isBurn = options.minting !== undefined && keyOf(to.value) === keyOf(options.minting);
    const wanted = isBurn ? 0n : fee;
    if (given.fee[0] !== undefined && given.fee[0] !== wanted) return { Err: { BadFee: { expected_fee: wanted } } };
    const [createdNs = null] = given.created_at_time;
    const identity = JSON.stringify([keyOf(from), keyOf(to.value), given, spender], (_, value) => {
      return typeof value === 'bigint' ? String(value) : value;
    });
    if (createdNs !== null) {
      if (createdNs + windowNs < nowNs) return { Err: { TooOld: null } };
      const duplicate = seen.get(identity);
      if (duplicate !== undefined) return { Err: { Duplicate: { duplicate_of: duplicate } } };
    }
    const total = given.amount + wanted;
    const allowance = spender === null ? total : (allowances.get(`${keyOf(from)}/${spender}`) ?? 0n);
    if (allowance < total) return { Err: { InsufficientAllowance: { allowance } } };
    if (balanceOf(from) < total) return { Err: { InsufficientFunds: { balance: balanceOf(from) } } };
    add(from, -total);
    if (!isBurn) add(to.value, given.amount);
    if (spender !== null) allowances.set(`${keyOf(from)}/${spender}`, allowance - total);
    const kind = isBurn ? '1burn' : spender === null ? '1xfer' : '2xfer';
    const memo = given.memo[0] ?? null;
    const index = append({ kind, from, to: to.value, spender, amount: given.amount, memo, createdNs });
    if (createdNs !== null) seen.set(identity, index);
    return { Ok: index };
  }

  function getBlocks(ranges: readonly { start: bigint; length: bigint }[]) {
    const found = ranges.flatMap(({ start, length }) => {
      const numbers = Array.from({ length: Number(length) }, (_, i) => Number(start) + i);
      return numbers.flatMap((i) =>
        i < held || i >= blocks.length ? [] : { id: BigInt(i), block: toValue(blocks[i]!) },
      );
    });
    const archived = ranges.filter(({ start }) => start < held);
    const archived_blocks =
      archive === null || archived.length === 0
        ? []
        : [{ args: archived, callback: [hexToPrincipal(archive), 'icrc3_get_blocks'] }];
    return { log_length: BigInt(blocks.length), blocks: found, archived_blocks };
  }

  /** What its archive answers. */
  function getArchived(ranges: readonly { start: bigint; length: bigint }[]) {
    const wanted = ranges.flatMap(({ start, length }) => {
      return Array.from({ length: Number(length) }, (_, i) => Number(start) + i);
    });
    const found = wanted.filter((i) => i < held).map((i) => ({ id: BigInt(i), block: toValue(blocks[i]!) }));
    return { log_length: BigInt(held), blocks: found, archived_blocks: [] };
  }

  return {
    blocks: blocks as readonly ModelBlock[],
    balanceOf,
    mint,
    approve,
    approveOnRecord,
    /** Those before it are given out no more, or by another canister, which `archived` speaks for. */
    archive: (before: number, by: PrincipalHex | null = null) => {
      held = before;
      archive = by;
    },
    archived: (method: string, argument: Uint8Array): Uint8Array => {
      if (method !== 'icrc3_get_blocks') throw new Error(`no method ${method}`);
      return encode(GetBlocksResultType, getArchived(decode(GetBlocksArgsType, argument)));
    },
    setTime: (nowNs: bigint) => {
      clockNs = nowNs;
    },
    fee: () => fee,
    setFee: (next: bigint) => {
      fee = next;
    },
    /** A person's transfer, without deduplication. */
    send: (from: Account, to: Account, amount: bigint): bigint => {
      if (balanceOf(from) < amount + fee) throw new Error('the sender has too little');
      add(from, -(amount + fee));
      add(to, amount);
      return append({ kind: '1xfer', from, to, spender: null, amount, memo: null, createdNs: null });
    },
    total: () => [...balances.values()].reduce((sum, balance) => sum + balance, 0n),
    /** A message: its reply in Candid. */
    call: (caller: PrincipalHex, method: string, argument: Uint8Array, nowNs: bigint): Uint8Array => {
      clockNs = nowNs;
      if (method === 'icrc3_get_blocks') {
        const ranges = decode<{ start: bigint; length: bigint }[]>(GetBlocksArgsType, argument);
        return encode(GetBlocksResultType, getBlocks(ranges));
      }
      if (method === 'icrc1_transfer') {
        const given = decode<CandidTransfer>(TransferArgType, argument);
        const [subaccount] = given.from_subaccount ?? [];
        const from = accountOf(caller, subaccount === undefined ? null : bytesToHex(Uint8Array.from(subaccount)));
        return encode(TransferFromResultType, move(from, given, null, nowNs));
      }
      if (method !== 'icrc2_transfer_from') throw new Error(`no method ${method}`);
      const given = decode<CandidTransfer>(TransferFromArgType, argument);
      const from = parseAccount(given.from!);
      if (!from.ok) throw new Error('a malformed account');
      return encode(TransferFromResultType, move(from.value, given, caller, nowNs));
    },
  };
}

function decode<T>(type: IDL.Type, bytes: Uint8Array): T {
  return IDL.decode([type], bytes as unknown as ArrayBuffer & Uint8Array)[0] as T;
}

export function encode(type: IDL.Type, value: unknown): Uint8Array {
  return new Uint8Array(IDL.encode([type], [value]));
}

function toValue({ kind, from, to, spender, amount, memo, createdNs, atNs }: ModelBlock): object {
  const tx: [string, object][] = [['amt', { Nat: amount }]];
  if (to !== null && kind !== '1burn') tx.push(['to', accountToValue(to)]);
  if (from !== null) tx.push(['from', accountToValue(from)]);
  if (spender !== null) tx.push(['spender', accountToValue(accountOf(spender))]);
  if (memo !== null) tx.push(['memo', { Blob: memo }]);
  if (createdNs !== null) tx.push(['ts', { Nat: createdNs }]);
  const block: [string, object][] = [
    ['btype', { Text: kind }],
    ['ts', { Nat: atNs }],
    ['tx', { Map: tx }],
    ['phash', { Blob: new Uint8Array(32) }],
  ];
  return { Map: block };
}

function accountToValue({ owner, subaccount }: Account): object {
  const parts: object[] = [{ Blob: Principal.fromHex(owner).toUint8Array() }];
  if (subaccount !== null) parts.push({ Blob: parseHex(subaccount)! });
  return { Array: parts };
}
