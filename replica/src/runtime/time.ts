// Shell (clock, timers): where a round's time comes from, and what wakes the replica when nobody calls. Real time follows
// the machine's clock; virtual time stands still until somebody moves it.

export interface Time {
  /** Never before the last round. */
  nowNs(): bigint;
  /** Later than every round before. */
  nextRoundNs(previousNs: bigint): bigint;
  /** A round is needed at this time; null: none. Replaces the time given before. */
  wakeUpAt(timeNs: bigint | null): void;
  onWakeUp(wake: () => void): void;
}

export interface VirtualTime extends Time {
  setNs(timeNs: bigint): void;
}

/** Timers of Node cannot wait longer than this. */
const timeoutMsMax = 2 ** 31 - 1;

export function machineNowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/**
 * `reachedNs` is where the network's time is already. Where the machine's clock is behind it (it was ahead once, or is put
 * back), time goes on from there all the same, and meets the clock again when that is put right: if it stood still, no
 * timer would fire, and no request that clients date by the network's time would be taken.
 */
export function createRealTime(reachedNs: bigint, machineNs: () => bigint = machineNowNs): Time {
  let wake = () => {};
  let timer: NodeJS.Timeout | null = null;
  let lastNs = reachedNs;
  let aheadNs = 0n;
  const nowNs = () => {
    const machine = machineNs();
    if (machine >= lastNs) aheadNs = 0n;
    else if (machine + aheadNs < lastNs) aheadNs = lastNs - machine;
    lastNs = machine + aheadNs;
    return lastNs;
  };
  return {
    nowNs,
    nextRoundNs: (previousNs) => {
      lastNs = later(nowNs(), previousNs);
      return lastNs;
    },
    onWakeUp: (callback) => {
      wake = callback;
    },
    wakeUpAt: (timeNs) => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      if (timeNs === null) return;
      const delayMs = Number((timeNs - nowNs()) / 1_000_000n) + 1;
      timer = setTimeout(() => wake(), Math.min(Math.max(delayMs, 0), timeoutMsMax));
      timer.unref();
    },
  };
}

export function createVirtualTime(startNs: bigint): VirtualTime {
  let nowNs = startNs;
  return {
    nowNs: () => nowNs,
    setNs: (timeNs) => {
      nowNs = timeNs;
    },
    nextRoundNs: (previousNs) => {
      nowNs = later(nowNs, previousNs);
      return nowNs;
    },
    onWakeUp: () => {},
    wakeUpAt: () => {},
  };
}

/** Time moves at least a nanosecond from round to round, and never back, whatever the machine's clock does. */
function later(timeNs: bigint, previousNs: bigint): bigint {
  return timeNs > previousNs ? timeNs : previousNs + 1n;
}
