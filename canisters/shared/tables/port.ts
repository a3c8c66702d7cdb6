// What state is kept in: byte strings under byte strings. One driver keeps them in a sorted map in Node, one in the stable
// memory of a canister. Azle's stable map cannot seek, so order is not part of the port: `ordered.ts` builds it on top.

export interface Store {
  get(key: Uint8Array): Uint8Array | null;
  set(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
  /** Everything, in the order of keys: for state hashes and tests; its cost is the whole state. */
  entries(): Iterable<readonly [Uint8Array, Uint8Array]>;
}
