// 64-bit little-endian integers that are safe JavaScript numbers: offsets, rounds, lengths.

export function writeU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 2 ** 32, true);
  view.setUint32(offset + 4, Math.floor(value / 2 ** 32), true);
}

/** NaN where the value is not a safe integer, so that every comparison with it fails. */
export function readU64(view: DataView, offset: number): number {
  const value = view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 2 ** 32;
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
