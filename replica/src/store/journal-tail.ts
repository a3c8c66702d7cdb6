// The end of the journal, where it grows: its last segment, the frames written to it, and where known rounds begin.

import type { Disk } from './disk.ts';
import { encodeHeader, headerBytes, readHeader } from './file-header.ts';
import { journalName } from './file-names.ts';
import type { Batch } from './journal-batch.ts';
import { type FrameKind, frameHeaderBytes, frameKinds, writeFrameHeader } from './journal-frame.ts';
import type { JournalMark, OpenedJournal } from './journal-open.ts';
import type { Segment } from './journal-scan.ts';
import type { StoreLimits } from './limits.ts';

export interface JournalTail {
  /** Numbers of all segments, ascending. */
  segments: readonly number[];
  /** Null in an empty journal. */
  current: Segment | null;
  /** Where the next frame goes. */
  offset: number;
  flushedRound: number;
  marks: JournalMark[];
}

export function createTail({ segments, current, lastRound, marks }: OpenedJournal): JournalTail {
  return { segments, current: current?.segment ?? null, offset: current?.offset ?? 0, flushedRound: lastRound, marks };
}

/** One frame behind the last, on the disk when this resolves. */
export async function writeBatch(disk: Disk, tail: JournalTail, batch: Batch, limits: StoreLimits): Promise<void> {
  const segment = await roomySegment(disk, tail, limits.segmentBytes);
  const frame = batch.seal({ salt: segment.header.salt, segment: segment.header.number, offset: tail.offset });
  await segment.file.writeAt(frame, tail.offset);
  await segment.file.sync();
  tail.offset += frame.length;
  tail.flushedRound = batch.lastRound();
  const newest = tail.marks.at(-1);
  if (newest === undefined || tail.offset - newest.offset >= limits.markBytes) {
    tail.marks.push({ segment: segment.header.number, offset: tail.offset, previousRound: tail.flushedRound });
  }
}

/** The segment to write to; a new one when there is none or it is full. */
async function roomySegment(disk: Disk, tail: JournalTail, segmentBytes: number): Promise<Segment> {
  const old = tail.current;
  if (old !== null && tail.offset < segmentBytes) return old;
  const next = await createSegment(disk, (tail.segments.at(-1) ?? 0) + 1, tail.flushedRound);
  // Only now: should the new file vanish, this seal tells that it was there.
  await writeSeal(tail, frameKinds.continued);
  await old?.file.sync();
  await old?.file.close();
  const number = next.header.number;
  tail.segments = [...tail.segments, number];
  tail.current = next;
  tail.offset = headerBytes;
  tail.marks.push({ segment: number, offset: headerBytes, previousRound: tail.flushedRound });
  return next;
}

async function createSegment(disk: Disk, number: number, previousRound: number): Promise<Segment> {
  const file = await disk.createFile(journalName(number));
  const path = disk.pathOf(file.name);
  await file.writeAt(encodeHeader({ kind: 'journal', salt: disk.freshSalt(), number, previousRound }), 0);
  await file.sync();
  await disk.syncDirectory();
  return { file, path, header: readHeader(file, 'journal', number, path) };
}

/**
 * A seal proves that the flush before it was on the disk, so that a later damage of it is not taken for a torn write. It
 * is not synced here, and the next flush overwrites it: it costs a write to the cache when there is nothing else to do.
 */
export async function writeSeal(tail: JournalTail, kind: FrameKind = frameKinds.flushed): Promise<void> {
  if (tail.current === null) return;
  const { file, header } = tail.current;
  const seal = new Uint8Array(frameHeaderBytes);
  const place = { salt: header.salt, segment: header.number, offset: tail.offset };
  writeFrameHeader(seal, { kind, payloadBytes: 0, payloadCrc: 0, lastRound: tail.flushedRound }, place);
  await file.writeAt(seal, tail.offset);
}

export function markBefore(tail: JournalTail, round: number): JournalMark {
  const segment = tail.current?.header.number;
  if (segment !== undefined && tail.flushedRound <= round) {
    return { segment, offset: tail.offset, previousRound: tail.flushedRound };
  }
  return knownMark(tail, round) ?? { segment: 1, offset: headerBytes, previousRound: 0 };
}

export function knownMark(tail: JournalTail, round: number): JournalMark | null {
  return tail.marks.findLast((mark) => mark.previousRound <= round) ?? null;
}

export function sizeBytes(disk: Disk, tail: JournalTail): number {
  const finished = tail.segments.slice(0, -1);
  return finished.reduce((sum, number) => sum + disk.sizeOf(journalName(number)), tail.offset);
}

/** One at a time, each made durable before the next, so that a power cut leaves no gap. */
export async function removeBefore(disk: Disk, tail: JournalTail, segment: number): Promise<void> {
  for (const number of tail.segments.filter((candidate) => candidate < segment)) {
    await disk.remove(journalName(number));
    await disk.syncDirectory();
    tail.segments = tail.segments.filter((candidate) => candidate !== number);
  }
  tail.marks = tail.marks.filter((mark) => mark.segment >= segment);
}
