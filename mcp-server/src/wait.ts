// Shell (timers): looks again and again until it is so, or the time for it is over.

export interface Wait {
  readonly timeoutMs: number;
  readonly pauseMs: number;
}

/** The last thing seen, whether it came to it or not. */
export async function waitUntil<T>(
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
  { timeoutMs, pauseMs }: Wait,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (isSo(seen) || performance.now() + pauseMs > endMs) return seen;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
