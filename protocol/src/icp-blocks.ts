// Blocks of the ICP ledger, which has no ICRC-3: what `query_blocks` answers, read with the same suspicion, as the blocks of other
// ledgers. It names accounts by their identifiers, so only those that one looks for are recognised.
import { IDL } from '@dfinity/candid';
import { bytesToHex } from '@tamc/base/bytes';
import type { Account } from './account.ts';
import { accountIdentifier } from './account-identifier.ts';
import { type CandidValue, caseOf, fieldOf, isKind, readCandid } from './candid-reader.ts';
import {
  type BlocksAnswer,
  blocksBytesMax,
  isAmount,
  isBlock,
  type LedgerBlock,
  readArchived,
} from './ledger-answers.ts';

export const QueryBlocksArgsType = IDL.Record({ start: IDL.Nat64, length: IDL.Nat64 });

/** Null when it is no such answer. */
export function readIcpBlocksAnswer(bytes: Uint8Array, accounts: readonly Account[]): BlocksAnswer | null {
  const read = readCandid(bytes, blocksBytesMax);
  if (!read.ok) return null;
  const [answer] = read.value;
  const [logLength, first] = [fieldOf(answer, 'chain_length'), fieldOf(answer, 'first_block_index')];
  const blocks = fieldOf(answer, 'blocks');
  if (!isBlock(logLength) || !isBlock(first) || !isKind(blocks, 'list')) return null;
  const known = namesOf(accounts);
  return {
    logLength,
    blocks: blocks.items.map((block, i) => readBlock(block, first + BigInt(i), known)),
    ...readArchived(fieldOf(answer, 'archived_blocks')),
  };
}

/** Of an archive of it, which was asked for blocks from the first on and does not say how many there are. */
export function readIcpArchiveAnswer(
  bytes: Uint8Array,
  first: bigint,
  accounts: readonly Account[],
): BlocksAnswer | null {
  const read = readCandid(bytes, blocksBytesMax);
  const blocks = read.ok ? fieldOf(caseOf(read.value[0], 'Ok'), 'blocks') : undefined;
  if (!isKind(blocks, 'list')) return null;
  const known = namesOf(accounts);
  return {
    logLength: first + BigInt(blocks.items.length),
    blocks: blocks.items.map((block, i) => readBlock(block, first + BigInt(i), known)),
    isArchived: false,
    archive: null,
  };
}

function namesOf(accounts: readonly Account[]): ReadonlyMap<string, Account> {
  return new Map(accounts.map((account) => [accountIdentifier(account), account]));
}

function readBlock(block: CandidValue, index: bigint, known: ReadonlyMap<string, Account>): LedgerBlock {
  const transaction = fieldOf(block, 'transaction');
  const operation = fieldOf(transaction, 'operation');
  const [transfer, mint, burn] = ['Transfer', 'Mint', 'Burn'].map((name) => caseOf(operation, name));
  const given = transfer ?? mint ?? burn ?? null;
  const amount = fieldOf(fieldOf(given, 'amount'), 'e8s');
  const accountAt = (name: string) => {
    const identifier = fieldOf(given, name);
    return identifier instanceof Uint8Array ? (known.get(bytesToHex(identifier)) ?? null) : null;
  };
  return {
    index,
    kind: !isAmount(amount) || burn !== undefined ? 'other' : transfer === undefined ? 'mint' : 'transfer',
    from: accountAt('from'),
    to: accountAt('to'),
    spender: accountAt('spender'),
    amount: isAmount(amount) ? amount : 0n,
    memo: memoOf(transaction),
    createdNs: nanosOf(fieldOf(transaction, 'created_at_time')),
    atNs: nanosOf(fieldOf(block, 'timestamp')),
  };
}

function memoOf(transaction: CandidValue | undefined): string {
  const memo = fieldOf(transaction, 'icrc1_memo');
  return memo instanceof Uint8Array ? bytesToHex(memo.subarray(0, 256)) : '';
}

function nanosOf(time: CandidValue | undefined): bigint | null {
  const nanos = fieldOf(time, 'timestamp_nanos');
  return typeof nanos === 'bigint' ? nanos : null;
}
