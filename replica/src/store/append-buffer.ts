// Gathers many small values into few writes at the end of a file, and knows where each of them stands.

import { crc32 } from 'node:zlib';
import type { DiskFile } from './disk.ts';
import type { Extent } from './state-slot.ts';

export interface AppendBuffer {
  /** Writes when the buffer is full: then there is something to wait for. Until then `bytes` must not change. */
  add(bytes: Uint8Array): Promise<void> | null;
  /** Where the next bytes will stand. */
  position(): number;
  flush(): Promise<void>;
}

export function createAppendBuffer(file: DiskFile, start: number, capacityBytes: number): AppendBuffer {
  const buffer = new Uint8Array(capacityBytes);
  let base = start;
  let filled = 0;
  const flush = async () => {
    await file.writeAt(buffer.subarray(0, filled), base);
    base += filled;
    filled = 0;
  };
  const addInPieces = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + capacityBytes - filled);
      buffer.set(piece, filled);
      filled += piece.length;
      at += piece.length;
      if (filled === capacityBytes) await flush();
    }
  };
  return {
    flush,
    position: () => base + filled,
    add(bytes) {
      if (filled + bytes.length > capacityBytes) return addInPieces(bytes);
      buffer.set(bytes, filled);
      filled += bytes.length;
      return null;
    },
  };
}

export async function appendExtent(buffer: AppendBuffer, bytes: Uint8Array, crc = crc32(bytes)): Promise<Extent> {
  const extent = { offset: buffer.position(), length: bytes.length, crc };
  await buffer.add(bytes);
  return extent;
}
