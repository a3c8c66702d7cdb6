// How often a machine asks ledgers within an hour while it looks for transfers: each answer is large, and a ledger that lies could give
// blocks without end.
import { walletLimits } from '@tamc/protocol/wallet';
import type { MachineTables } from '../state.ts';

const hourNs = 3_600_000_000_000n;

export function countSearch({ searchHour }: MachineTables, nowNs: bigint): void {
  const { sinceNs, calls } = searchHour.get();
  searchHour.set(nowNs < sinceNs + hourNs ? { sinceNs, calls: calls + 1 } : { sinceNs: nowNs, calls: 1 });
}

/** When it may be asked again; null: now. */
export function searchesAgainNs({ searchHour }: MachineTables, nowNs: bigint): bigint | null {
  const { sinceNs, calls } = searchHour.get();
  const isSpent = nowNs < sinceNs + hourNs && calls >= walletLimits.searchesPerHourMax;
  return isSpent ? sinceNs + hourNs : null;
}
