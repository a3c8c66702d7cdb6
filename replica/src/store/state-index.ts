// The index of a state file: which key stands where. A checkpoint writes what changed (a delta that names the index before
// it), now and then all of it, so that opening reads a bounded chain and never a value.

import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { assert } from '@tamc/base/assert';
import { type DiskFile, readExactly } from './disk.ts';
import { readU64, viewOf, writeU64 } from './integers.ts';
import { keyBytesMax } from './limits.ts';
import type { Extent } from './state-slot.ts';

/** Null: the key is gone. */
export type IndexChange = readonly [key: string, place: Extent | null];

/** A full index has no `previous`. */
export interface IndexSection {
  readonly previous: Extent | null;
  readonly changes: Iterable<IndexChange>;
}

// previous: offset 0, length 8, CRC 12 (all 0 when there is none) · count 16 · entries from 20
const sectionHeaderBytes = 20;
// key length 0 · offset 2 · length 10 · CRC 14 · key from 18; a key that is gone has offset 0, where no value can be
const entryHeaderBytes = 18;

export function encodeIndex({ previous, changes }: IndexSection): Uint8Array {
  let buffer = Buffer.alloc(2 ** 16);
  let view = viewOf(buffer);
  let length = sectionHeaderBytes;
  let count = 0;
  for (const [key, place] of changes) {
    // A UTF-16 unit takes at most three bytes in UTF-8.
    const wanted = length + entryHeaderBytes + 3 * key.length;
    if (wanted > buffer.length) {
      buffer = Buffer.concat([buffer], Math.max(wanted, 2 * buffer.length));
      view = viewOf(buffer);
    }
    const keyBytes = buffer.write(key, length + entryHeaderBytes, 'utf8');
    assert(keyBytes <= keyBytesMax, `a key of ${keyBytes} bytes`);
    view.setUint16(length, keyBytes, true);
    writeExtent(view, length + 2, place);
    length += entryHeaderBytes + keyBytes;
    count++;
  }
  writeExtent(view, 0, previous);
  view.setUint32(16, count, true);
  return buffer.subarray(0, length);
}

/** The chain from the newest section to the full one, or null where a part of it does not match its checksum. */
export function readIndexChain(file: DiskFile, newest: Extent): { sections: Uint8Array[]; problemAt: number | null } {
  const sections: Uint8Array[] = [];
  let next: Extent | null = newest;
  while (next !== null) {
    const { offset, length, crc }: Extent = next;
    const bytes = readExactly(file, offset, length);
    if (bytes === null || length < sectionHeaderBytes || crc32(bytes) !== crc) return { sections, problemAt: offset };
    sections.push(bytes);
    const previous = readExtent(viewOf(bytes), 0);
    // Sections are only ever appended, so the chain runs backwards and ends.
    if (previous !== null && !(previous.offset < offset)) return { sections, problemAt: offset };
    next = previous;
  }
  return { sections, problemAt: null };
}

/** Applies one section to `places`. False where it does not parse. */
export function applyIndex(places: Map<string, Extent>, section: Uint8Array): boolean {
  const view = viewOf(section);
  const text = Buffer.from(section.buffer, section.byteOffset, section.byteLength);
  let at = sectionHeaderBytes;
  for (let left = view.getUint32(16, true); left > 0; left--) {
    if (section.length - at < entryHeaderBytes) return false;
    const end = at + entryHeaderBytes + view.getUint16(at, true);
    if (end > section.length) return false;
    const key = text.toString('utf8', at + entryHeaderBytes, end);
    const place = readExtent(view, at + 2);
    if (place === null) places.delete(key);
    else places.set(key, place);
    at = end;
  }
  return at === section.length;
}

function writeExtent(view: DataView, at: number, extent: Extent | null): void {
  writeU64(view, at, extent?.offset ?? 0);
  view.setUint32(at + 8, extent?.length ?? 0, true);
  view.setUint32(at + 12, extent?.crc ?? 0, true);
}

function readExtent(view: DataView, at: number): Extent | null {
  const offset = readU64(view, at);
  if (offset === 0) return null;
  return { offset, length: view.getUint32(at + 8, true), crc: view.getUint32(at + 12, true) };
}
