// Counts the items of a CBOR body without building them, so that a small body of very many tiny items is refused before
// it costs memory.

/** True when there are more than `itemCountMax` items. Says nothing about whether the bytes are well-formed. */
export function hasTooManyItems(bytes: Uint8Array, itemCountMax: number): boolean {
  let offset = 0;
  for (let count = 0; offset < bytes.length; count++) {
    if (count === itemCountMax) return true;
    offset = skipHead(bytes, offset);
  }
  return false;
}

/**
 * The offset after a head, and after the content too where it is a string: nested items are then simply the next heads.
 */
function skipHead(bytes: Uint8Array, offset: number): number {
  const initial = bytes[offset]!;
  const majorType = initial >> 5;
  const low = initial & 31;
  const argumentByteCount = low < 24 || low > 27 ? 0 : 1 << (low - 24);
  const end = offset + 1 + argumentByteCount;
  const isString = (majorType === 2 || majorType === 3) && low < 28;
  return isString ? end + readArgument(bytes, offset + 1, argumentByteCount, low) : end;
}

function readArgument(bytes: Uint8Array, offset: number, byteCount: number, low: number): number {
  if (byteCount === 0) return low;
  let argument = 0;
  for (let i = 0; i < byteCount; i++) argument = argument * 256 + (bytes[offset + i] ?? 0);
  return argument;
}
