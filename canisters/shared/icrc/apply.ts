// Carries out what the rules decided: balances, allowance, supply, the block, what is remembered. Nothing in here can refuse.
import type { TokenSettings } from '@tamc/protocol/ledger';
import { accountKeyBytes, type GivenAccount, keyText } from './account.ts';
import { makeBlock, storedToBytes } from './block.ts';
import type { Draft } from './draft.ts';
import { forgetOldest } from './forget.ts';
import {
  type AccountRecord,
  readAccount,
  readSummary,
  type Summary,
  writeAccount,
  writeAllowance,
  writeSeen,
  writeSummary,
} from './records.ts';
import type { Decided } from './rules.ts';
import type { TokenTables } from './tables.ts';

/** The index of the new block. */
export function applyDecided(tables: TokenTables, settings: TokenSettings, decided: Decided, nowNs: bigint): number {
  const { draft, fee, allowance } = decided;
  const before = readSummary(tables);
  const index = before.blocks;
  const supply = before.supply + moveMoney(tables, settings, draft, fee ?? 0n, index);
  if (allowance !== null) writeAllowance(tables, draft.transaction.from, allowance.spender, allowance.left);
  const tipHash = appendBlock(tables, settings, decided, before, nowNs);
  const isRemembered = draft.transaction.createdAtNs !== null;
  if (isRemembered) writeSeen(tables, draft.identity, index);
  const after = {
    ...before,
    tipHash,
    supply,
    blocks: index + 1,
    remembered: before.remembered + (isRemembered ? 1 : 0),
  };
  writeSummary(tables, forgetOldest(tables, settings, after, nowNs));
  return index;
}

function appendBlock(
  tables: TokenTables,
  { feeCollector }: TokenSettings,
  { draft, fee }: Decided,
  { blocks, tipHash }: Summary,
  nowNs: bigint,
): Uint8Array {
  const parentHash = blocks === 0 ? null : tipHash;
  const { hash, candid } = makeBlock(draft, { parentHash, timeNs: nowNs, fee, feeCollector });
  const identity = draft.transaction.createdAtNs === null ? null : draft.identity;
  const { fromPrevious, toPrevious } = linksOf(draft);
  tables.blocks.set(blocks, storedToBytes({ fromPrevious, toPrevious, timeNs: nowNs, identity, candid }));
  return hash;
}

/** Where each account's chain of blocks went on before; read from the draft, which keeps the records as they were. */
function linksOf({ from, to }: Draft): { fromPrevious: number | null; toPrevious: number | null } {
  return { fromPrevious: from?.last ?? null, toPrevious: to?.last ?? null };
}

/** The change of the supply. Works on copies, so that the decision stays what it was. */
function moveMoney(
  tables: TokenTables,
  { feeCollector }: TokenSettings,
  { transaction, operation, from, to }: Draft,
  fee: bigint,
  index: number,
): bigint {
  const touched = new Map<string, AccountRecord>();
  const moved = operation === 'approve' ? 0n : transaction.amount;
  if (from !== null) change(touched, from, -moved - fee, index);
  if (to !== null) change(touched, to, moved, index);
  if (fee > 0n && feeCollector !== null) collect(tables, touched, feeCollector, fee);
  for (const record of touched.values()) writeAccount(tables, record);
  const burnedFee = feeCollector === null ? fee : 0n;
  if (operation === 'mint') return moved;
  return operation === 'burn' ? -moved : -burnedFee;
}

function change(touched: Map<string, AccountRecord>, given: AccountRecord, by: bigint, index: number): void {
  const text = keyText(given.key);
  const record = touched.get(text) ?? { ...given };
  record.balance += by;
  record.first ??= index;
  record.last = index;
  touched.set(text, record);
}

/** Its history does not show every fee of everybody; the blocks do. */
function collect(tables: TokenTables, touched: Map<string, AccountRecord>, collector: GivenAccount, fee: bigint): void {
  const text = keyText(accountKeyBytes(collector));
  const record = touched.get(text) ?? readAccount(tables, collector);
  record.balance += fee;
  touched.set(text, record);
}
