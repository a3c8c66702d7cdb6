// What a ledger answered, read with suspicion: whatever it sends becomes one of a few things that a rule can decide about.
import { Principal } from '@dfinity/principal';
import { bytesToHex } from '@tamc/base/bytes';
import { type Account, accountOf } from './account.ts';
import { type CandidValue, caseOf, fieldOf, isKind, readCandid } from './candid-reader.ts';
import { type PrincipalHex, principalBytesMax, principalToHex } from './principal.ts';
import { cleanedLine } from './printable.ts';

/** A transfer result has tens of bytes; an error may carry a sentence. */
const resultBytesMax = 4_096;
/** Fifty blocks of some 400 bytes, with room for longer memos. */
export const blocksBytesMax = 65_536;
/** Of a text that a ledger wrote, as much as a person reads. */
const messageCharsMax = 200;
/** Above 2^127 an amount cannot be real money, and sums of amounts stay small numbers. */
export const amountMax = 2n ** 127n;
const blockMax = 2n ** 64n - 1n;

export type TransferAnswer =
  | { readonly kind: 'executed'; readonly block: bigint }
  | { readonly kind: 'badFee'; readonly expected: bigint }
  | { readonly kind: 'tooOld' }
  /** Not now; asking again is what the ledger wants. */
  | { readonly kind: 'later' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** Not an answer at all: it may have been done or not. */
  | { readonly kind: 'malformed'; readonly why: string };

/** Of `icrc1_transfer` and `icrc2_transfer_from` alike. */
export function readTransferAnswer(bytes: Uint8Array): TransferAnswer {
  const read = readCandid(bytes, resultBytesMax);
  if (!read.ok) return malformed(read.error);
  const [result] = read.value;
  const block = caseOf(result, 'Ok');
  if (block !== undefined) return toExecuted(block);
  const error = caseOf(result, 'Err');
  return error === undefined ? malformed('neither Ok nor Err') : readTransferError(error);
}

const malformed = (why: string): TransferAnswer => ({ kind: 'malformed', why });

function toExecuted(block: CandidValue): TransferAnswer {
  return isBlock(block) ? { kind: 'executed', block } : malformed('the block is no number below 2^64');
}

export function isBlock(value: CandidValue): value is bigint {
  return typeof value === 'bigint' && value >= 0n && value <= blockMax;
}

export function isAmount(value: CandidValue | undefined): value is bigint {
  return typeof value === 'bigint' && value >= 0n && value <= amountMax;
}

function readTransferError(error: CandidValue): TransferAnswer {
  const duplicate = caseOf(error, 'Duplicate');
  if (duplicate !== undefined) return toExecuted(fieldOf(duplicate, 'duplicate_of'));
  const badFee = caseOf(error, 'BadFee');
  if (badFee !== undefined) {
    const expected = fieldOf(badFee, 'expected_fee');
    return isAmount(expected) ? { kind: 'badFee', expected } : malformed('a fee that is no amount');
  }
  if (caseOf(error, 'TooOld') !== undefined) return { kind: 'tooOld' };
  if (caseOf(error, 'TemporarilyUnavailable') !== undefined) return { kind: 'later' };
  return readRefusal(error);
}

const plainErrors: Readonly<Record<string, (fields: CandidValue) => string>> = {
  InsufficientFunds: (fields) => `the balance is ${shown(fieldOf(fields, 'balance'))}`,
  InsufficientAllowance: (fields) => `the allowance is ${shown(fieldOf(fields, 'allowance'))}`,
  BadBurn: (fields) => `at least ${shown(fieldOf(fields, 'min_burn_amount'))} can be burned`,
  CreatedInFuture: (fields) => `the clock of the ledger says ${shown(fieldOf(fields, 'ledger_time'))}`,
  GenericError: (fields) => shown(fieldOf(fields, 'message')),
};

function readRefusal(error: CandidValue): TransferAnswer {
  for (const [code, toMessage] of Object.entries(plainErrors)) {
    const fields = caseOf(error, code);
    if (fields !== undefined) return { kind: 'refused', code, message: toMessage(fields) };
  }
  return malformed('an error that the standard does not know');
}

function shown(value: CandidValue): string {
  const isPlain = typeof value === 'bigint' || typeof value === 'string';
  // A ledger is a stranger: what it says is shown to people, on screens and in terminals.
  return isPlain ? cleanedLine(String(value), messageCharsMax) : 'not said';
}

export interface LedgerBlock {
  readonly index: bigint;
  readonly kind: 'transfer' | 'mint' | 'approve' | 'other';
  readonly from: Account | null;
  readonly to: Account | null;
  readonly spender: Account | null;
  readonly amount: bigint;
  /** Hexadecimal digits. */
  readonly memo: string;
  readonly createdNs: bigint | null;
  /** By the ledger's clock. */
  readonly atNs: bigint | null;
}

export interface BlocksAnswer {
  readonly logLength: bigint;
  readonly blocks: readonly LedgerBlock[];
  /** Some of the blocks asked for lie in an archive. */
  readonly isArchived: boolean;
  /** Which has the first of those. */
  readonly archive: PrincipalHex | null;
}

/** Of `icrc3_get_blocks`; null when it is no such answer. Blocks of unknown form are `other`. */
export function readBlocksAnswer(bytes: Uint8Array): BlocksAnswer | null {
  const read = readCandid(bytes, blocksBytesMax);
  if (!read.ok) return null;
  const [result] = read.value;
  const [logLength, blocks, archived] = ['log_length', 'blocks', 'archived_blocks'].map((name) =>
    fieldOf(result, name),
  );
  if (typeof logLength !== 'bigint' || !isKind(blocks, 'list')) return null;
  return { logLength, blocks: blocks.items.flatMap(readBlock), ...readArchived(archived) };
}

/** Of ICRC-3 and of the ICP ledger alike. */
export function readArchived(archived: CandidValue | undefined): Pick<BlocksAnswer, 'isArchived' | 'archive'> {
  const first = isKind(archived, 'list') ? archived.items[0] : undefined;
  const callback = fieldOf(first, 'callback');
  return { isArchived: first !== undefined, archive: isKind(callback, 'principal') ? toHex(callback.bytes) : null };
}

function readBlock(item: CandidValue): LedgerBlock[] {
  const index = fieldOf(item, 'id');
  if (!isBlock(index)) return [];
  const block = toMap(fieldOf(item, 'block'));
  const tx = toMap(block.get('tx') ?? null);
  const amount = caseOf(tx.get('amt'), 'Nat') ?? null;
  const memo = caseOf(tx.get('memo'), 'Blob');
  const created = caseOf(tx.get('ts'), 'Nat');
  const at = caseOf(block.get('ts'), 'Nat');
  const kind = kindOf(block.get('btype'), tx.get('op'));
  return [
    {
      index,
      // An approval moves nothing, and many are for more than there is.
      kind: isAmount(amount) || kind === 'approve' ? kind : 'other',
      from: readAccount(tx.get('from')),
      to: readAccount(tx.get('to')),
      spender: readAccount(tx.get('spender')),
      amount: isAmount(amount) ? amount : 0n,
      memo: memo instanceof Uint8Array ? bytesToHex(memo.subarray(0, 256)) : '',
      createdNs: typeof created === 'bigint' ? created : null,
      atNs: typeof at === 'bigint' ? at : null,
    },
  ];
}

/** Blocks from before ICRC-3 have no `btype`; their operation says it. */
function kindOf(btype: CandidValue | undefined, op: CandidValue | undefined): LedgerBlock['kind'] {
  const word = caseOf(btype, 'Text') ?? caseOf(op, 'Text');
  if (word === '1xfer' || word === '2xfer' || word === 'xfer') return 'transfer';
  if (word === '1mint' || word === 'mint') return 'mint';
  return word === '2approve' || word === 'approve' ? 'approve' : 'other';
}

/** The entries of an ICRC-3 `Map`: pairs of a name and a value. */
function toMap(value: CandidValue): ReadonlyMap<string, CandidValue> {
  const pairs = caseOf(value, 'Map');
  const map = new Map<string, CandidValue>();
  if (!isKind(pairs, 'list')) return map;
  for (const pair of pairs.items) {
    if (!isKind(pair, 'record')) continue;
    const [name, content] = [pair.fields.get(0), pair.fields.get(1)];
    if (typeof name === 'string' && content !== undefined) map.set(name, content);
  }
  return map;
}

/** An account is an `Array` of one or two `Blob`s. */
function readAccount(value: CandidValue | undefined): Account | null {
  const parts = caseOf(value, 'Array');
  if (!isKind(parts, 'list')) return null;
  const [owner, subaccount, ...more] = parts.items.map((part) => caseOf(part, 'Blob'));
  if (!(owner instanceof Uint8Array) || owner.length > principalBytesMax || more.length > 0) return null;
  if (subaccount === undefined) return parts.items.length === 1 ? accountOf(toHex(owner)) : null;
  const isWhole = subaccount instanceof Uint8Array && subaccount.length === 32;
  return isWhole ? accountOf(toHex(owner), bytesToHex(subaccount)) : null;
}

function toHex(owner: Uint8Array): PrincipalHex {
  return principalToHex(Principal.fromUint8Array(owner));
}
