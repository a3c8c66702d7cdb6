// The same rewritten module with a memory that threads can share: one flag in the memory section.

import { assert } from '@tamc/base/assert';
import { createReader, type Reader, readByte, readU32 } from './reader.ts';

const memorySection = 5;
/** Beside "has a maximum", which every memory of a rewritten module has. */
const sharedFlag = 2;

/** A copy; the module as it is when it has no memory. */
export function shareMemory(rewritten: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(rewritten);
  const reader = createReader(bytes, 8, bytes.length);
  if (findMemory(reader)) {
    assert((bytes[reader.offset]! & 1) === 1, 'a memory has a maximum');
    bytes[reader.offset]! |= sharedFlag;
  }
  return bytes;
}

/** Leaves the reader at the flags of the only memory. */
function findMemory(reader: Reader): boolean {
  while (reader.offset < reader.end) {
    const id = readByte(reader);
    const length = readU32(reader);
    if (id === memorySection) return readU32(reader) === 1;
    reader.offset += length;
  }
  return false;
}
