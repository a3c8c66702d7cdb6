// The timers of a canister as Azle keeps them, so that a message of a timer can be told to the twin by the number that it carries.

/** A canister sends itself one message for each timer that rings. */
export const timerMethod = '<ic-cdk internal> timer_executor';
/** With a timer that it sets behind those of `init` and `postUpgrade`, Azle asks for a seed of its random numbers. */
export const seedMethod = 'raw_rand';

export interface Timers {
  set(work: () => void): bigint;
  setInterval(work: () => void): bigint;
  clear(id: bigint): void;
  /** Nothing happens when it was cleared meanwhile. */
  ring(argument: Uint8Array): void;
}

/** Numbers are given out as by the library underneath: a slot that became free is used again, in its next version. */
export function createTimers(): Timers {
  const versions: number[] = [0];
  const free: number[] = [];
  const works = new Map<bigint, { readonly work: () => void; readonly isOnce: boolean }>();

  function add(work: () => void, isOnce: boolean): bigint {
    const slot = free.pop() ?? versions.length;
    versions[slot] = (versions[slot] ?? 0) + 1;
    const id = (BigInt(versions[slot]) << 32n) | BigInt(slot);
    works.set(id, { work, isOnce });
    return id;
  }

  function clear(id: bigint): void {
    if (!works.delete(id)) return;
    const slot = Number(id & 0xffffffffn);
    versions[slot]!++;
    free.push(slot);
  }

  return {
    set: (work) => add(work, true),
    setInterval: (work) => add(work, false),
    clear,
    ring: (argument) => {
      const id = new DataView(argument.buffer, argument.byteOffset).getBigUint64(0);
      const timer = works.get(id);
      timer?.work();
      if (timer?.isOnce === true) clear(id);
    },
  };
}
