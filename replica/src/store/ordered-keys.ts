// The keys in order, sorted when somebody asks and not while checkpoints come in.

export interface OrderedKeys {
  /** None of them may be there already. */
  add(keys: Iterable<string>): void;
  remove(key: string): void;
  /** As of this moment, whatever happens while the caller goes through them. */
  withPrefix(prefix: string): Iterable<string>;
}

export function createOrderedKeys(initial: Iterable<string>): OrderedKeys {
  let ordered: readonly string[] = [];
  const added = new Set<string>(initial);
  const removed = new Set<string>();
  const settle = () => {
    if (added.size === 0 && removed.size === 0) return;
    // The sort finds the long ordered run at the front, so this costs little more than copying.
    ordered = [...ordered.filter((key) => !removed.has(key)), ...added].sort(compareKeys);
    added.clear();
    removed.clear();
  };
  return {
    add(keys) {
      for (const key of keys) if (!removed.delete(key)) added.add(key);
    },
    remove(key) {
      if (!added.delete(key)) removed.add(key);
    },
    withPrefix(prefix) {
      settle();
      return startingWith(ordered, prefix);
    },
  };
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function* startingWith(ordered: readonly string[], prefix: string): Generator<string> {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ordered[middle]! < prefix) low = middle + 1;
    else high = middle;
  }
  for (let at = low; at < ordered.length && ordered[at]!.startsWith(prefix); at++) yield ordered[at]!;
}
