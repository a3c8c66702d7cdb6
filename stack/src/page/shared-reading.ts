// A reading that many ask for: one at a time, whoever asks meanwhile gets the same, and the next begins only after as long a rest as
// the last one took. However many pages are open, they use at most half of what the network has.
export function shareReading<T>(read: () => Promise<T>, nowMs: () => number): () => Promise<T> {
  let current: Promise<T> | null = null;
  let freshUntilMs = Number.NEGATIVE_INFINITY;
  let isReading = false;

  async function readOnce(): Promise<T> {
    const startMs = nowMs();
    isReading = true;
    try {
      return await read();
    } finally {
      isReading = false;
      freshUntilMs = nowMs() + (nowMs() - startMs);
    }
  }

  return () => {
    if (current === null || (!isReading && nowMs() >= freshUntilMs)) current = readOnce();
    return current;
  };
}
