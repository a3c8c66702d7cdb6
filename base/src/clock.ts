// Time is an input. The one real clock lives in the shells; everything else is given one of these.

export interface Clock {
  /** Nanoseconds since 1970. */
  nowNs(): bigint;
}

export interface VirtualClock extends Clock {
  setNs(timeNs: bigint): void;
  advanceNs(durationNs: bigint): void;
}

export function createVirtualClock(startNs: bigint): VirtualClock {
  let timeNs = startNs;
  return {
    nowNs: () => timeNs,
    setNs: (next) => {
      timeNs = next;
    },
    advanceNs: (durationNs) => {
      timeNs += durationNs;
    },
  };
}
