// Times as people say them: how long ago, and until when.

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** The greatest unit that fits, without a fraction: `4 min`. */
export function renderDuration(durationNs: bigint): string {
  const seconds = Number(durationNs / 1_000_000_000n);
  const [word, length] = units.find(([, unit]) => seconds >= unit) ?? units[3];
  return `${Math.floor(seconds / length)} ${word}`;
}

/** A clock that is ahead of ours makes no negative time. */
export function renderAgo(atNs: bigint | null, nowNs: bigint): string {
  if (atNs === null) return 'never';
  return atNs >= nowNs ? 'now' : renderDuration(nowNs - atNs);
}

export function renderTime(atNs: bigint): string {
  return `${new Date(Number(atNs / 1_000_000n)).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
