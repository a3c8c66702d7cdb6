// Numbers as LEB128, seven bits per byte, lowest first: how certified tips carry them (ICRC-3).

/** Twelve bytes hold 84 bits: more than any number of blocks or events. */
const bytesMax = 12;

export function natToLeb128(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** Null when the bytes are not exactly one number in its shortest form. */
export function parseLeb128(bytes: Uint8Array): bigint | null {
  if (bytes.length === 0 || bytes.length > bytesMax) return null;
  const last = bytes.length - 1;
  if (bytes[last]! >= 0x80 || (last > 0 && bytes[last] === 0)) return null;
  let value = 0n;
  for (let i = last; i >= 0; i--) {
    if (i < last && bytes[i]! < 0x80) return null;
    value = (value << 7n) | BigInt(bytes[i]! & 0x7f);
  }
  return value;
}
