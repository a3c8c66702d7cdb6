// Small steps from stored values to Candid: null as an empty option, digits as bytes.
import { assert } from '@tamc/base/assert';
import { parseHexQuickly } from '@tamc/base/utf8';

export function optionOf<T>(value: T | null): [] | [T] {
  return value === null ? [] : [value];
}

/** Of digits that we stored. */
export function bytesOf(hex: string): Uint8Array {
  const bytes = parseHexQuickly(hex);
  assert(bytes !== null, `${hex} is no hexadecimal text`);
  return bytes;
}

/** A kind without facts, as a Candid variant. */
export function wordOf<W extends string>(word: W): { readonly [K in W]?: null } {
  const variant: { [K in W]?: null } = {};
  variant[word] = null;
  return variant;
}
