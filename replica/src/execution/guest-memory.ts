// The heap as the System API reads and writes it: bounds are checked, and what the host writes is marked like a store.
import { pageBytes } from '../memory/page-pool.ts';
import { type GuestMemory, Trap } from './execution.ts';
import type { HeapWindow } from './heap-window.ts';

type Window = Pick<HeapWindow, 'base' | 'buffer' | 'heapBytes'>;

export function createGuestMemory(window: Window | null): GuestMemory {
  return {
    read: (address, size) => {
      const start = startOf(window, Number(address), Number(size));
      return window === null
        ? new Uint8Array(0)
        : Uint8Array.prototype.slice.call(window.buffer(), start, start + Number(size));
    },
    write: (address, bytes) => {
      const start = startOf(window, Number(address), bytes.length);
      if (window === null || bytes.length === 0) return;
      const buffer = window.buffer();
      const first = Math.floor((start - window.base) / pageBytes);
      const last = Math.floor((start - window.base + bytes.length - 1) / pageBytes);
      // Marked first: guest code may have left so little stack that any step here is the last one.
      buffer.fill(1, first, last + 1);
      buffer.set(bytes, start);
    },
    sizeBytes: () => window?.heapBytes() ?? 0,
  };
}

/** Addresses and sizes come unsigned; those beyond 2^53 lose digits, but are out of bounds anyway. */
function startOf(window: Window | null, address: number, size: number): number {
  if (address + size > (window?.heapBytes() ?? 0)) throw new Trap('wasmTrap', 'heap out of bounds');
  return address + (window?.base ?? 0);
}
