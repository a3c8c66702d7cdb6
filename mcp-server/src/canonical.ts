// One text per value: keys sorted, big integers as decimal text. Two argument objects that mean the same give the same digest.

export type Plain = null | boolean | number | string | bigint | readonly Plain[] | { readonly [key: string]: Plain };

export function toCanonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return item.toString();
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
