// The shapes that Candid values have in JavaScript, as replies of canisters carry them: said once for every noun.

/** A variant without facts: `{ running: null }`. */
export type Word<W extends string> = Readonly<Partial<Record<W, null>>>;
export type Bytes = Uint8Array | number[];
export type Opt<T> = [] | [T];

/** The word of a variant, with or without facts. */
export function wordOf<V extends object>(variant: V): string {
  return Object.keys(variant)[0] ?? '';
}
