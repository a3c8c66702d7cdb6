// Blocks by ranges (ICRC-3): as many as fit an answer, in the order asked. A client asks again for what is missing.
import { tokenLimits } from '@tamc/protocol/ledger';
import { bytesToStored } from './block.ts';
import { readSummary } from './records.ts';
import type { TokenTables } from './tables.ts';

export interface AskedRange {
  readonly start: bigint;
  readonly length: bigint;
}

export interface IndexedBlock {
  readonly index: number;
  /** A value in Candid, without a type table. */
  readonly candid: Uint8Array;
}

export function readBlocks(
  tables: TokenTables,
  ranges: readonly AskedRange[],
  most: number = tokenLimits.blocksPerAnswerMax,
): readonly IndexedBlock[] {
  const { blocks: end } = readSummary(tables);
  const found: IndexedBlock[] = [];
  let byteCount = 0;
  for (const { start, length } of ranges.slice(0, tokenLimits.rangesMax)) {
    const first = start < BigInt(end) ? Number(start) : end;
    const last = length < BigInt(end - first) ? first + Number(length) : end;
    for (let index = first; index < last; index++) {
      const { candid } = bytesToStored(tables.blocks.get(index)!);
      byteCount += candid.length;
      const isFull = found.length >= most || byteCount > tokenLimits.blocksBytesPerAnswerMax;
      if (isFull) return found;
      found.push({ index, candid });
    }
  }
  return found;
}
