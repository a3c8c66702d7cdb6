// Wrong passphrases are counted: five within ten minutes, then none for the rest of them. Who forgot it tries a few times; who guesses
// by a program, through the page, would otherwise try three a second. The terminal is not locked by this.

const triesMax = 5;
const windowMs = 10 * 60_000;

export interface Tries {
  /** 0: one may try. */
  waitMs(): number;
  failed(): void;
  succeeded(): void;
}

export function createTries(nowMs: () => number): Tries {
  let failures: number[] = [];
  return {
    waitMs: () => {
      // One of a time to come was before the clock was set back: it counts from now.
      failures = failures.map((atMs) => Math.min(atMs, nowMs())).filter((atMs) => nowMs() - atMs < windowMs);
      return failures.length < triesMax ? 0 : failures[0]! + windowMs - nowMs();
    },
    failed: () => failures.push(nowMs()),
    succeeded: () => {
      failures = [];
    },
  };
}
