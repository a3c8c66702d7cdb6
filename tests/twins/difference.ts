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
  const name = layout.find(({ number }) => number === Number.parseInt(first.slice(0, 2), 16))?.name ?? 'no table';
  const key = first.slice(2);
  const [wasmValue, rulesValue] = shown(ofWasm.get(first), ofRules.get(first));
  return `table ${name}, key ${key} (${readable(key)})\nin Wasm: ${wasmValue}\nby the rules: ${rulesValue}`;
}

/** As text, or as digits where the difference is in what is no text. */
function shown(...values: readonly (string | undefined)[]): readonly string[] {
  const texts = values.map((value) => (value === undefined ? 'nothing' : readable(value)));
  return texts[0] === texts[1] ? values.map((value) => value ?? 'nothing') : texts;
}

/** What of it is text. */
function readable(hex: string): string {
  return Buffer.from(hex, 'hex')
    .toString('latin1')
    .replace(/[^\x20-\x7e]+/g, '·');
}
