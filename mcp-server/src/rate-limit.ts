// How many calls a connection may make: a bucket per kind of work that fills again with time. It protects the machine this runs on
// from a loop gone wild; what may be spent or moved is decided in canisters.

export interface RateLimit {
  /** How many at once. */
  readonly burst: number;
  readonly perMinute: number;
}

export const rateLimits: Readonly<Record<'read' | 'write', RateLimit>> = {
  /** An assistant that looks at a whole fleet reads some hundred facts in a row. */
  read: { burst: 300, perMinute: 600 },
  /** Nobody acts faster by conversation, and fifty births are one act. */
  write: { burst: 30, perMinute: 60 },
};

export interface RateLimiter {
  /** Null when the call may go on, else after how many seconds one may. */
  take(kind: keyof typeof rateLimits): number | null;
}

export function createRateLimiter(nowMs: () => number): RateLimiter {
  const buckets = new Map<string, { left: number; atMs: number }>();
  return {
    take: (kind) => {
      const { burst, perMinute } = rateLimits[kind];
      const now = nowMs();
      const bucket = buckets.get(kind) ?? { left: burst, atMs: now };
      // A clock that was set back has let no time pass; nobody waits until it has caught up.
      const passedMs = Math.max(0, now - bucket.atMs);
      const left = Math.min(burst, bucket.left + (passedMs * perMinute) / 60_000);
      buckets.set(kind, { left: left >= 1 ? left - 1 : left, atMs: now });
      return left >= 1 ? null : Math.ceil(((1 - left) * 60) / perMinute);
    },
  };
}
