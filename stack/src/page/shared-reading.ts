// A reading that many ask for: one at a time, whoever asks meanwhile gets the same, and the next begins only after as long a rest as
// the last one took. However many pages are open, they use at most half of what the network has.
export interface SharedReading<T> {
  ask(): Promise<T>;
  /** For who must not see what is past: without the rest, but never more than one at a time. */
  askAnew(): Promise<T>;
  /** Something was changed: the next who asks gets a reading that begins after it. */
  forget(): void;
}

interface Reading<T> {
  readonly found: Promise<T>;
  isOver: boolean;
  freshUntilMs: number;
}

export function shareReading<T>(read: () => Promise<T>, nowMs: () => number): SharedReading<T> {
  let current: Reading<T> | null = null;

  function begin(): Reading<T> {
    const startMs = nowMs();
    const reading = { found: read(), isOver: false, freshUntilMs: Number.POSITIVE_INFINITY };
    const rest = () => {
      reading.isOver = true;
      reading.freshUntilMs = nowMs() + (nowMs() - startMs);
    };
    reading.found.then(rest, rest);
    return reading;
  }

  return {
    ask: () => {
      if (current === null || nowMs() >= current.freshUntilMs) current = begin();
      return current.found;
    },
    askAnew: () => {
      if (current === null || current.isOver) current = begin();
      return current.found;
    },
    forget: () => {
      current = null;
    },
  };
}
