// A map that forgets: when full it drops the older half, so a flood of new keys costs a bounded amount of memory.
// Only for values that can be computed again.

export interface BoundedCache<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  readonly size: number;
}

export function createBoundedCache<K, V>(entryCountMax: number): BoundedCache<K, V> {
  // Two generations: a hit in the old one moves the entry to the young one, so what is in use survives.
  const generationMax = Math.max(1, entryCountMax >> 1);
  let young = new Map<K, V>();
  let old = new Map<K, V>();

  const set = (key: K, value: V): void => {
    if (young.size >= generationMax) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };

  return {
    get: (key) => {
      const fresh = young.get(key);
      if (fresh !== undefined) return fresh;
      const aged = old.get(key);
      if (aged !== undefined) set(key, aged);
      return aged;
    },
    set,
    get size() {
      return young.size + old.size;
    },
  };
}
