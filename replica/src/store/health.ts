// After one failed write nobody knows what is on the disk: the store takes nothing more and says the same to everybody.

import { StoreError } from './store-error.ts';

export interface Health {
  /** Null while the store takes writes. */
  failure(): StoreError | null;
  /** Keeps the first failure; returns what to reject with. Anything but a StoreError is a bug and is kept as it is. */
  fail(error: unknown): unknown;
  /** From now on, writes are refused with `closed`. */
  close(file: string): void;
  assertUsable(): void;
}

export function createHealth(): Health {
  let failure: StoreError | null = null;
  let bug: unknown = null;
  return {
    failure: () => failure,
    fail(error) {
      if (!(error instanceof StoreError)) bug ??= error;
      else failure ??= error;
      return bug ?? failure;
    },
    close(file) {
      failure ??= new StoreError('closed', { file });
    },
    assertUsable() {
      if (bug !== null) throw bug;
      if (failure !== null) throw failure;
    },
  };
}
