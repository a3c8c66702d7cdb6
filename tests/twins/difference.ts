// Where two stores differ: the first table and key, as a person reads them.
import { bytesToHex } from '@tamc/base/bytes';
import type { Layout, Store } from '@tamc/shared/tables/index';

type Entry = readonly [key: Uint8Array, value: Uint8Array];

/** Null when they hold the same. */
export function firstDifference(layout: Layout, wasm: Iterable<Entry>, rules: Store): string | null {
  const [ofWasm, ofRules] = [wasm, rules.entries()].map(
    (entries) => new Map([...entries].map(([key, value]) => [bytesToHex(key), bytesToHex(value)])),
  ) as [Map<string, string>, Map<string, string>];
  const keys = [...new Set([...ofWasm.keys(), ...ofRules.keys()])].sort();
  const first = keys.find((key) => ofWasm.get(key) !== ofRules.get(key));
  if (first === undefined) return null;
  const table = layout.find(({ number }) => number === Number.parseInt(first.slice(0, 2), 16));
  const show = (value: string | undefined) => (value === undefined ? 'nothing' : `${value} (${readable(value)})`);
  const name = table?.name ?? 'no table';
  return [
    `table ${name}, key ${first.slice(2)} (${readable(first.slice(2))})`,
    `in Wasm: ${show(ofWasm.get(first))}`,
    `by the rules: ${show(ofRules.get(first))}`,
  ].join('\n');
}

/** What of it is text. */
function readable(hex: string): string {
  return Buffer.from(hex, 'hex')
    .toString('latin1')
    .replace(/[^\x20-\x7e]+/g, '·');
}
