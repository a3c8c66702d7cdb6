// What a delegate spent before the window of its mandate, kept for a mandate with a longer period that may come: summed up ever
// more coarsely the older it is. A sum counts as late as its last payment, so what is inexact is too strict and never generous.
import { mandateLimits } from '@tamc/protocol/mandate';
import type { Mandate } from './tables.ts';

export type Spending = Mandate['earlier'][number];

/**
 * Payments are summed up when they lie within an eighth of the age of the last of them, or within a minute: some 200 sums reach
 * over the longest period, each leaves a window at most that much too late.
 */
const spreadShare = 8n;
const spreadNsMin = 60_000_000_000n;

/** Nothing but what is older than any period is forgotten. */
export function withEarlier(
  earlier: readonly Spending[],
  left: Mandate['payments'],
  nowNs: bigint,
): readonly Spending[] {
  const added = left.map(({ atNs, total }): Spending => ({ sinceNs: atNs, atNs, total, payments: 1 }));
  const all = [...earlier, ...added].sort((a, b) => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0));
  const kept: Spending[] = [];
  for (const one of all) {
    if (nowNs - one.atNs >= mandateLimits.periodNsMax) continue;
    const last = kept.at(-1);
    if (last !== undefined && canJoin(last, one, nowNs)) kept[kept.length - 1] = joinSpending(last, one);
    else kept.push(one);
  }
  return kept;
}

function canJoin({ sinceNs }: Spending, { atNs }: Spending, nowNs: bigint): boolean {
  const share = (nowNs - atNs) / spreadShare;
  return atNs - sinceNs <= (share > spreadNsMin ? share : spreadNsMin);
}

function joinSpending(a: Spending, b: Spending): Spending {
  const sinceNs = a.sinceNs < b.sinceNs ? a.sinceNs : b.sinceNs;
  return { sinceNs, atNs: b.atNs, total: a.total + b.total, payments: a.payments + b.payments };
}
