// The face of a replica while it is open. From the moment it begins to close, whatever is asked of it is refused with the
// same error; closing again waits for the first time.
import type { Replica } from '../replica.ts';
import { replicaClosed } from './replica-error.ts';

export function untilClosed(replica: Replica): Replica {
  let closing: Promise<void> | null = null;
  const now =
    <A extends unknown[], R>(work: (...args: A) => R) =>
    (...args: A): R => {
      if (closing !== null) throw replicaClosed();
      return work(...args);
    };
  // Not an async function: that would cost every call a turn of the event loop.
  const later =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      closing === null ? work(...args) : Promise.reject(replicaClosed());
  const { time } = replica;
  return {
    ...replica,
    call: later(replica.call),
    query: later(replica.query),
    fetch: later(replica.fetch),
    listen: later(replica.listen),
    durable: later(replica.durable),
    stateHash: now(replica.stateHash),
    round: now(replica.round),
    time: {
      ...time,
      nowNs: now(time.nowNs),
      setNs: now(time.setNs),
      advanceNs: now(time.advanceNs),
      tick: later(time.tick),
      autoProgress: now(time.autoProgress),
    },
    close: () => {
      closing ??= replica.close();
      return closing;
    },
  };
}
