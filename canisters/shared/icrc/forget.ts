// What is remembered for deduplication, and when it may be forgotten: a transaction made for the latest allowed time is too old only
// after the window and both drifts.
import { type TokenSettings, tokenLimits } from '@tamc/protocol/ledger';
import { bytesToStored } from './block.ts';
import type { Summary } from './records.ts';
import type { TokenTables } from './tables.ts';

function isTooOld({ windowNs, driftNs }: TokenSettings, timeNs: bigint, nowNs: bigint): boolean {
  return timeNs + windowNs + 2n * driftNs < nowNs;
}

/** The next transaction will forget it. */
export function isOldestForgettable(
  { blocks: stored }: TokenTables,
  settings: TokenSettings,
  { purged, blocks }: Summary,
  nowNs: bigint,
): boolean {
  return purged < blocks && isTooOld(settings, bytesToStored(stored.get(purged)!).timeNs, nowNs);
}

/** A few are looked at in each message, more than a message adds. */
export function forgetOldest(tables: TokenTables, settings: TokenSettings, summary: Summary, nowNs: bigint): Summary {
  let { purged, remembered } = summary;
  for (let looked = 0; looked < tokenLimits.purgedPerTransaction && purged < summary.blocks; looked++) {
    const { timeNs, identity } = bytesToStored(tables.blocks.get(purged)!);
    if (!isTooOld(settings, timeNs, nowNs)) break;
    if (identity !== null) {
      tables.seen.delete(identity);
      remembered--;
    }
    purged++;
  }
  return { ...summary, purged, remembered };
}
