// What was opened, to be closed in the opposite order, once, whenever the end comes: also while the next thing is being opened.

export interface Closers {
  /** When the end has come already, it is closed at once. */
  add(close: () => Promise<void>): Promise<void>;
  /** Refuses to go on after the end. */
  assertOpen(): void;
  isClosing(): boolean;
  closeAll(): Promise<void>;
}

/** Thrown out of what was being opened when the end came; nobody needs to be told. */
export class Ended extends Error {
  override readonly name = 'Ended';
}

export function createClosers(): Closers {
  const closers: (() => Promise<void>)[] = [];
  let closing: Promise<void> | null = null;
  const self: Closers = {
    add: async (close) => {
      closers.push(close);
      if (closing === null) return;
      await close();
      throw new Ended();
    },
    assertOpen: () => {
      if (closing !== null) throw new Ended();
    },
    isClosing: () => closing !== null,
    closeAll: () => {
      closing ??= (async () => {
        for (const close of closers.splice(0).toReversed()) await close();
      })();
      return closing;
    },
  };
  return self;
}
