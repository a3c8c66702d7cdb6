// Blocks (ICRC-3): made once, hashed, kept as the Candid of their value behind what the ledger itself must find again: earlier
// blocks of the accounts, the time, and the identity that is forgotten when its window is over.
import { concatBytes } from '@tamc/base/bytes';
import { accountToValue, type GivenAccount, hashAccount } from './account.ts';
import type { Draft } from './draft.ts';
import { getNumber, setNumber } from './records.ts';
import { candidToValue, type Entry, hashedEntry, hashMap, hashValue, type Value, valueToCandid } from './value.ts';

export interface BlockFacts {
  /** Null for the first block. */
  readonly parentHash: Uint8Array | null;
  readonly timeNs: bigint;
  /** What was charged; null where this operation has no fee. */
  readonly fee: bigint | null;
  readonly feeCollector: GivenAccount | null;
}

export interface MadeBlock {
  readonly hash: Uint8Array;
  readonly candid: Uint8Array;
}

/** No `btype`: blocks of ICRC-1 and ICRC-2 must not have one; their `op` says what they are. */
export function makeBlock({ transaction, tx, txHash }: Draft, facts: BlockFacts): MadeBlock {
  const entries: Entry[] = [];
  const hashed: Uint8Array[] = [];
  const add = (key: string, value: Value, hash: Uint8Array) => {
    entries.push([key, value]);
    hashed.push(hashedEntry(key, hash));
  };
  const { parentHash, timeNs, fee, feeCollector } = facts;
  // What the caller gave says already what was charged.
  if (fee !== null && transaction.fee === null) add('fee', { kind: 'Nat', value: fee }, natHash(fee));
  if (fee !== null && feeCollector !== null) add('fee_col', accountToValue(feeCollector), collectorHash(feeCollector));
  if (parentHash !== null)
    add('phash', { kind: 'Blob', bytes: parentHash }, hashValue({ kind: 'Blob', bytes: parentHash }));
  const time: Value = { kind: 'Nat', value: timeNs };
  add('ts', time, hashValue(time));
  add('tx', tx, txHash);
  return { hash: hashMap(hashed), candid: valueToCandid({ kind: 'Map', entries }) };
}

/** The fee and its collector are nearly always the same: the last one is remembered. */
let lastFee: { readonly fee: bigint; readonly hash: Uint8Array } | null = null;
let lastCollector: { readonly account: GivenAccount; readonly hash: Uint8Array } | null = null;

function natHash(fee: bigint): Uint8Array {
  if (lastFee?.fee !== fee) lastFee = { fee, hash: hashValue({ kind: 'Nat', value: fee }) };
  return lastFee.hash;
}

function collectorHash(account: GivenAccount): Uint8Array {
  if (lastCollector?.account !== account) lastCollector = { account, hash: hashAccount(account) };
  return lastCollector.hash;
}

export interface StoredBlock {
  /** The block before this one that moved money of the payer, and of the receiver. */
  readonly fromPrevious: number | null;
  readonly toPrevious: number | null;
  readonly timeNs: bigint;
  /** Set where the transaction is remembered. */
  readonly identity: Uint8Array | null;
  readonly candid: Uint8Array;
}

const identityBytes = 33;
const flagAt = 24;

export function storedToBytes({ fromPrevious, toPrevious, timeNs, identity, candid }: StoredBlock): Uint8Array {
  const head = new Uint8Array(flagAt + 1);
  const view = new DataView(head.buffer);
  setNumber(view, 0, fromPrevious);
  setNumber(view, 8, toPrevious);
  view.setBigUint64(16, timeNs);
  head[flagAt] = identity === null ? 0 : 1;
  return identity === null ? concatBytes(head, candid) : concatBytes(head, identity, candid);
}

export function bytesToStored(bytes: Uint8Array): StoredBlock {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const candidAt = flagAt + 1 + (bytes[flagAt] === 0 ? 0 : identityBytes);
  return {
    fromPrevious: getNumber(view, 0),
    toPrevious: getNumber(view, 8),
    timeNs: view.getBigUint64(16),
    identity: bytes[flagAt] === 0 ? null : bytes.subarray(flagAt + 1, candidAt),
    candid: bytes.subarray(candidAt),
  };
}

export function storedToValue(stored: StoredBlock): Value {
  return candidToValue(stored.candid);
}
