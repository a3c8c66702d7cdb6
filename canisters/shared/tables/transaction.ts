// A store whose changes can be taken back: inside of `attempt` they are held aside and reach the store below only when the work
// succeeds. Outside of it the store below is used directly.
import { assert } from '@tamc/base/assert';
import { bytesToLatin1 } from '@tamc/base/utf8';
import type { Store } from './port.ts';

export interface TransactionStore extends Store {
  /** When `work` throws, nothing it changed remains, and the error goes on. */
  attempt<T>(work: () => T): T;
}

export function createTransactionStore(below: Store): TransactionStore {
  type Held = Map<string, readonly [key: Uint8Array, value: Uint8Array | null]>;
  let held: Held | null = null;
  const hold = (key: Uint8Array, value: Uint8Array | null): void => {
    held?.set(bytesToLatin1(key), [key, value]);
  };
  const commit = (changes: Held): void => {
    for (const [key, value] of changes.values()) {
      if (value === null) below.delete(key);
      else below.set(key, value);
    }
  };
  return {
    get: (key) => {
      const change = held?.get(bytesToLatin1(key));
      return change === undefined ? below.get(key) : change[1];
    },
    set: (key, value) => (held === null ? below.set(key, value) : hold(key, value)),
    delete: (key) => (held === null ? below.delete(key) : hold(key, null)),
    entries: () => {
      assert(held === null, 'a walk over everything amid an attempt');
      return below.entries();
    },
    attempt: (work) => {
      assert(held === null, 'an attempt within an attempt');
      const changes: Held = new Map();
      held = changes;
      try {
        const result = work();
        commit(changes);
        return result;
      } finally {
        held = null;
      }
    },
  };
}
