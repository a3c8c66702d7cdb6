// The history of an account, newest first: each block names the account's block before it, so no index grows beside the chain and
// an answer costs what it returns.
import { tokenLimits } from '@tamc/protocol/ledger';
import type { GivenAccount } from './account.ts';
import { accountKeyBytes, keyText } from './account.ts';
import { bytesToStored, type StoredBlock, storedToValue } from './block.ts';
import { readAccount } from './records.ts';
import type { TokenTables } from './tables.ts';
import type { Value } from './value.ts';

export interface HistoryBlock {
  readonly index: number;
  readonly candid: Uint8Array;
  readonly value: Value;
}

export interface HistoryPage {
  readonly blocks: readonly HistoryBlock[];
  /** Ask again with this as `before`; null when there is nothing older. */
  readonly next: number | null;
}

/** Blocks that moved money of the account (or approved), below `before`. */
export function accountHistory(
  tables: TokenTables,
  account: GivenAccount,
  before: number | null,
  limit: number,
  skippedMax: number = tokenLimits.historySkippedMax,
): HistoryPage {
  const key = keyText(accountKeyBytes(account));
  let at = startOf(tables, account, key, before);
  for (let skipped = 0; at !== null && before !== null && at >= before; skipped++) {
    if (skipped >= skippedMax) return { blocks: [], next: at + 1 };
    at = readLinked(tables, at, key).previous;
  }
  const blocks: HistoryBlock[] = [];
  while (at !== null && blocks.length < limit) {
    const { stored, value, previous } = readLinked(tables, at, key);
    blocks.push({ index: at, candid: stored.candid, value });
    at = previous;
  }
  const last = blocks.at(-1);
  return { blocks, next: at === null ? null : (last?.index ?? at + 1) };
}

/** Where to begin: directly below `before` when that is a block of the account, as it is when a client goes on. */
function startOf(tables: TokenTables, account: GivenAccount, key: string, before: number | null): number | null {
  const { last } = readAccount(tables, account);
  if (before === null || last === null || before > last) return last;
  const bytes = tables.blocks.get(before);
  if (bytes === null) return last;
  const stored = bytesToStored(bytes);
  const parties = partiesOf(storedToValue(stored));
  return parties.from === key || parties.to === key ? linkOf(stored, parties, key) : last;
}

function readLinked(tables: TokenTables, index: number, key: string) {
  const stored = bytesToStored(tables.blocks.get(index)!);
  const value = storedToValue(stored);
  return { stored, value, previous: linkOf(stored, partiesOf(value), key) };
}

function linkOf({ fromPrevious, toPrevious }: StoredBlock, { from }: Parties, key: string): number | null {
  return from === key ? fromPrevious : toPrevious;
}

interface Parties {
  readonly from: string | null;
  readonly to: string | null;
}

function partiesOf(block: Value): Parties {
  const tx = entryOf(block, 'tx');
  const text = (name: string) => {
    const account = valueToGiven(entryOf(tx, name));
    return account === null ? null : keyText(accountKeyBytes(account));
  };
  return { from: text('from'), to: text('to') };
}

export function entryOf(map: Value | null, key: string): Value | null {
  if (map?.kind !== 'Map') return null;
  return map.entries.find(([name]) => name === key)?.[1] ?? null;
}

export function valueToGiven(value: Value | null): GivenAccount | null {
  if (value?.kind !== 'Array') return null;
  const [owner, subaccount] = value.items;
  if (owner?.kind !== 'Blob') return null;
  return { owner: owner.bytes, subaccount: subaccount?.kind === 'Blob' ? subaccount.bytes : null };
}
