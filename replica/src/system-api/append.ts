// Building a blob from many appends without keeping a piece for each: a canister may append millions of times one byte.
// `parts` holds at most one buffer, which is as long as needed or up to twice that.

export function appendBytes(parts: Uint8Array[], usedBytes: number, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  const [buffer] = parts;
  if (buffer === undefined) {
    parts.push(bytes);
    return;
  }
  const needed = usedBytes + bytes.length;
  parts[0] = needed <= buffer.length ? buffer : enlarge(buffer, usedBytes, Math.max(needed, 2 * buffer.length));
  parts[0].set(bytes, usedBytes);
}

function enlarge(buffer: Uint8Array, usedBytes: number, length: number): Uint8Array {
  const larger = new Uint8Array(length);
  larger.set(buffer.subarray(0, usedBytes));
  return larger;
}

/** The whole, in memory of its own size. */
export function joinAppended(parts: readonly Uint8Array[], usedBytes: number): Uint8Array {
  const [buffer] = parts;
  if (buffer === undefined) return new Uint8Array(0);
  return buffer.length === usedBytes ? buffer : buffer.slice(0, usedBytes);
}
