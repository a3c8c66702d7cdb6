// The memory of a live instance as the host sees it: a dirty map of one byte per page at the front, then the canister's
// heap. A memory that grows gets a new buffer; the window follows.
import { heapBaseBytes, wasmPageBytes } from '../wasm/contract.ts';

export interface HeapWindow {
  /** The whole memory, the map included. */
  buffer(): Buffer;
  /** The dirty map, a word at a time; set bytes are pages that were written. */
  words(): Uint32Array;
  /** Where the heap begins in the buffer. */
  readonly base: number;
  /** The whole memory, a word at a time. */
  allWords(): Uint32Array;
  heapBytes(): number;
  /** False when it is larger already. */
  growTo(heapBytes: number): boolean;
  residentBytes(): number;
}

export function createHeapWindow(memory: WebAssembly.Memory, width: 32 | 64): HeapWindow {
  const base = heapBaseBytes[width];
  let buffer = Buffer.from(memory.buffer);
  let words = new Uint32Array(memory.buffer, 0, base / 4);
  let allWords = new Uint32Array(memory.buffer);
  const refresh = () => {
    // Growing detaches the old buffer, which then has no length.
    if (buffer.length !== 0) return;
    buffer = Buffer.from(memory.buffer);
    words = new Uint32Array(memory.buffer, 0, base / 4);
    allWords = new Uint32Array(memory.buffer);
  };
  const heapBytes = () => {
    refresh();
    return buffer.length - base;
  };
  return {
    base,
    buffer: () => {
      refresh();
      return buffer;
    },
    words: () => {
      refresh();
      return words;
    },
    allWords: () => {
      refresh();
      return allWords;
    },
    heapBytes,
    growTo: (bytes) => {
      const missing = bytes - heapBytes();
      if (missing > 0) growMemory(memory, width, missing / wasmPageBytes);
      return missing >= 0;
    },
    residentBytes: () => heapBytes(),
  };
}

/** The number of pages has the type of the memory's addresses, which Node's types do not know yet. */
function growMemory(memory: WebAssembly.Memory, width: 32 | 64, pages: number): void {
  const grow: (pages: number | bigint) => number = memory.grow.bind(memory) as never;
  grow(width === 64 ? BigInt(pages) : pages);
}
