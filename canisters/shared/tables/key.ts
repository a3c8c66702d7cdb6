// Keys as bytes that sort as the keys do and say themselves where they end, so that several can follow each other.

import { assert } from '@tamc/base/assert';
import { concatBytes } from '@tamc/base/bytes';
import type { Shape } from '@tamc/base/codec';
import { bytesToHexQuickly, bytesToText, parseHexQuickly, textToBytesQuickly } from '@tamc/base/utf8';
import { type Account, accountOf, subaccountBytes } from '@tamc/protocol/account';
import { type PrincipalHex, principalBytesMax } from '@tamc/protocol/principal';

export interface KeyCodec<K> {
  toBytes(key: K): Uint8Array;
  /** The key that starts at `at`, and where it ends. Only for bytes that `toBytes` made. */
  fromBytes(bytes: Uint8Array, at: number): readonly [key: K, end: number];
  readonly shape: Shape;
}

export type KeyOf<C> = C extends KeyCodec<infer K> ? K : never;

const natMax = (1n << 64n) - 1n;

/** Numbers, times: below 2^64. */
export const natKey: KeyCodec<bigint> = {
  shape: 'nat',
  toBytes: (key) => {
    assert(key >= 0n && key <= natMax, `${key} does not fit a key of eight bytes`);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, key);
    return bytes;
  },
  fromBytes: (bytes, at) => [viewOf(bytes).getBigUint64(at), at + 8],
};

/** The number of a thing, as a JavaScript number from zero on; the same bytes as those of `natKey`. */
export const countKey: KeyCodec<number> = {
  shape: 'count',
  toBytes: (key) => {
    assert(Number.isSafeInteger(key) && key >= 0, `${key} is no count`);
    return natKey.toBytes(BigInt(key));
  },
  fromBytes: (bytes, at) => [Number(viewOf(bytes).getBigUint64(at)), at + 8],
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: the two characters that the ending needs
const escaped = /[\x00\x01]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the two characters that the ending needs
const hasEscaped = /[\x00\x01]/;
const charToEscaped = (char: string) => (char === '\x00' ? '\x01\x01' : '\x01\x02');
// biome-ignore lint/suspicious/noControlCharactersInRegex: the two characters that the ending needs
const unescaped = /\x01([\x01\x02])/g;

/** Ends with a zero byte; zero and one inside are written as two bytes. Sorts as UTF-8 does. */
export const textKey: KeyCodec<string> = {
  shape: 'text',
  toBytes: (key) => {
    const plain = textToBytesQuickly(hasEscaped.test(key) ? key.replace(escaped, charToEscaped) : key);
    const bytes = new Uint8Array(plain.length + 1);
    bytes.set(plain);
    return bytes;
  },
  fromBytes: (bytes, at) => {
    const end = bytes.indexOf(0, at);
    const text = bytesToText(bytes.subarray(at, end));
    assert(end >= 0 && text !== null, 'a text key without an end');
    return [text.replace(unescaped, (_, code: string) => (code === '\x01' ? '\x00' : '\x01')), end + 1];
  },
};

/** Sorts by length, then by bytes: those of one length, as canisters have it, lie in their order. */
export const principalKey: KeyCodec<PrincipalHex> = {
  shape: 'text',
  toBytes: (key) => {
    const bytes = parseHexQuickly(key);
    assert(bytes !== null && bytes.length <= principalBytesMax, `${key} is no principal`);
    return concatBytes(Uint8Array.of(bytes.length), bytes);
  },
  fromBytes: (bytes, at) => {
    const end = at + 1 + bytes[at]!;
    return [bytesToHexQuickly(bytes.subarray(at + 1, end)) as PrincipalHex, end];
  },
};

/** Accounts of one owner lie side by side, the default one first. */
export const accountKey: KeyCodec<Account> = {
  shape: { tuple: ['text', { optional: 'text' }] },
  toBytes: ({ owner, subaccount }) => {
    const ownerBytes = principalKey.toBytes(owner);
    if (subaccount === null) return concatBytes(ownerBytes, Uint8Array.of(0));
    const bytes = parseHexQuickly(subaccount);
    assert(bytes?.length === subaccountBytes, `${subaccount} is no subaccount`);
    return concatBytes(ownerBytes, Uint8Array.of(1), bytes);
  },
  fromBytes: (bytes, at) => {
    const [owner, flagAt] = principalKey.fromBytes(bytes, at);
    if (bytes[flagAt] === 0) return [accountOf(owner), flagAt + 1];
    const end = flagAt + 1 + subaccountBytes;
    return [accountOf(owner, bytesToHexQuickly(bytes.subarray(flagAt + 1, end))), end];
  },
};

type Keys<C extends readonly KeyCodec<unknown>[]> = { readonly [I in keyof C]: KeyOf<C[I]> };

/** Several keys after each other: sorts by the first, then by the second … */
export function tupleKey<const C extends readonly KeyCodec<unknown>[]>(...codecs: C): KeyCodec<Keys<C>> {
  return {
    shape: { tuple: codecs.map(({ shape }) => shape) },
    toBytes: (keys) => concatBytes(...codecs.map((codec, i) => codec.toBytes(keys[i]))),
    fromBytes: (bytes, at) => {
      let end = at;
      const keys = codecs.map((codec) => {
        const [key, next] = codec.fromBytes(bytes, end);
        end = next;
        return key;
      });
      return [keys as unknown as Keys<C>, end];
    },
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
