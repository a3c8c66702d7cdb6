// The town's clock: its minutes are the network's, or shorter by a pace, so that a day can be watched in real time.

export interface Pace {
  readonly minuteNs: bigint;
  readonly hourNs: bigint;
  readonly dayNs: bigint;
  /** From one look at the world to the next. */
  readonly tickNs: bigint;
  readonly minutesPerTick: number;
}

/** `faster` 60: a minute of the town is a second of the network. */
export function paceOf(faster: number, minutesPerTick: number): Pace {
  const minuteNs = 60_000_000_000n / BigInt(faster);
  const tickNs = BigInt(minutesPerTick) * minuteNs;
  return { minuteNs, hourNs: 60n * minuteNs, dayNs: 1_440n * minuteNs, tickNs, minutesPerTick };
}

/** Ticks lie on a grid that is the same for every start. */
export function tickOf({ tickNs }: Pace, nowNs: bigint): bigint {
  return nowNs / tickNs;
}

export function hourOfDay({ hourNs }: Pace, nowNs: bigint): number {
  return Number((nowNs / hourNs) % 24n);
}
