// A state file has two slots; a checkpoint is complete when one of them says so. They are written in turn, so that a torn
// write leaves the other, and stand in blocks of their own, so that no write of one can touch the other.

import { crc32 } from 'node:zlib';
import { type DiskFile, readExactly } from './disk.ts';
import type { FileHeader } from './file-header.ts';
import { readU64, viewOf, writeU64 } from './integers.ts';
import type { JournalAnchor } from './journal-open.ts';

const blockBytes = 4096;
const slotBytes = 128;
export const slotCount = 2;
/** Where the first value can stand. */
export const firstValueOffset = (1 + slotCount) * blockBytes;

/** Where some bytes are, and their checksum. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
}

export interface Commit {
  /** 1, 2, …: the greater one is the newer. Its parity names the slot. */
  readonly sequence: number;
  readonly round: number;
  readonly index: Extent;
  /** What the checkpoint wrote ends here. */
  readonly end: number;
  readonly anchor: JournalAnchor;
}

export function slotOffset(sequence: number): number {
  return (1 + (sequence % slotCount)) * blockBytes;
}

// CRC 0 · zeros 4 · sequence 8 · round 16 · index offset 24, length 32, CRC 36 · end 40 · journal: 48–87
export function encodeSlot(commit: Commit, salt: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(slotBytes);
  const view = viewOf(bytes);
  writeU64(view, 8, commit.sequence);
  writeU64(view, 16, commit.round);
  writeU64(view, 24, commit.index.offset);
  view.setUint32(32, commit.index.length, true);
  view.setUint32(36, commit.index.crc, true);
  writeU64(view, 40, commit.end);
  writeU64(view, 48, commit.anchor.scanFrom.segment);
  writeU64(view, 56, commit.anchor.scanFrom.offset);
  writeU64(view, 64, commit.anchor.scanFrom.previousRound);
  writeU64(view, 72, commit.anchor.flushedEnd.segment);
  writeU64(view, 80, commit.anchor.flushedEnd.offset);
  view.setUint32(0, slotCrc(bytes, salt), true);
  return bytes;
}

export function parseSlot(bytes: Uint8Array, salt: Uint8Array): Commit | null {
  const view = viewOf(bytes);
  if (bytes.length !== slotBytes || view.getUint32(0, true) !== slotCrc(bytes, salt)) return null;
  const index = { offset: readU64(view, 24), length: view.getUint32(32, true), crc: view.getUint32(36, true) };
  const scanFrom = {
    segment: readU64(view, 48),
    offset: readU64(view, 56),
    previousRound: readU64(view, 64),
  };
  const flushedEnd = { segment: readU64(view, 72), offset: readU64(view, 80) };
  return {
    sequence: readU64(view, 8),
    round: readU64(view, 16),
    index,
    end: readU64(view, 40),
    anchor: { scanFrom, flushedEnd },
  };
}

/** The complete checkpoints a file knows, newest first. */
export function readCommits(file: DiskFile, header: FileHeader): Commit[] {
  const commits: Commit[] = [];
  for (let slot = 0; slot < slotCount; slot++) {
    const bytes = readExactly(file, slotOffset(slot), slotBytes);
    const commit = bytes === null ? null : parseSlot(bytes, header.salt);
    if (commit !== null) commits.push(commit);
  }
  return commits.sort((a, b) => b.sequence - a.sequence);
}

function slotCrc(bytes: Uint8Array, salt: Uint8Array): number {
  return crc32(bytes.subarray(4), crc32(salt));
}
