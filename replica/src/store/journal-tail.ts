// The end of the journal, where it grows: its last segment, the frames written to it, and where known rounds begin.

import type { Disk } from './disk.ts';
import { encodeFlushedEnd, encodeHeader, flushedEndOffset, headerBytes, readHeader } from './file-header.ts';
import { journalName, unfinishedName } from './file-names.ts';
import type { Batch } from './journal-batch.ts';
import { frameHeaderBytes, frameKinds, writeFrameHeader } from './journal-frame.ts';
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
  /** What the header of the last segment says of that. */
  writtenEnd: number;
  marks: JournalMark[];
}

export function createTail({ segments, current, lastRound, marks }: OpenedJournal): JournalTail {
  const offset = current?.offset ?? 0;
  return { segments, current: current?.segment ?? null, offset, flushedRound: lastRound, writtenEnd: offset, marks };
}

/** One frame behind the last, on the disk when this resolves. */
export async function writeBatch(disk: Disk, tail: JournalTail, batch: Batch, limits: StoreLimits): Promise<void> {
  const segment = await roomySegment(disk, tail, limits.segmentBytes);
  await writeFlushedEnd(tail);
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
  await writeContinuedSeal(tail);
  await old?.file.sync();
  await old?.file.close();
  const number = next.header.number;
  tail.segments = [...tail.segments, number];
  tail.current = next;
  tail.offset = headerBytes;
  tail.writtenEnd = headerBytes;
  tail.marks.push({ segment: number, offset: headerBytes, previousRound: tail.flushedRound });
  return next;
}

/** It gets its name when its header is on the disk: a journal without one has lost it. */
async function createSegment(disk: Disk, number: number, previousRound: number): Promise<Segment> {
  const name = journalName(number);
  const path = disk.pathOf(name);
  const file = await disk.createFile(unfinishedName(name));
  await file.writeAt(encodeHeader({ kind: 'journal', salt: disk.freshSalt(), number, previousRound }), 0);
  await file.sync();
  await disk.rename(unfinishedName(name), name);
  await disk.syncDirectory();
  return { file, path, header: readHeader(file, 'journal', number, path) };
}

/** Behind the last flush of a segment that the next one continues. */
async function writeContinuedSeal(tail: JournalTail): Promise<void> {
  if (tail.current === null) return;
  const { file, header } = tail.current;
  const seal = new Uint8Array(frameHeaderBytes);
  const place = { salt: header.salt, segment: header.number, offset: tail.offset };
  const lastRound = tail.flushedRound;
  writeFrameHeader(seal, { kind: frameKinds.continued, payloadBytes: 0, payloadCrc: 0, lastRound }, place);
  await file.writeAt(seal, tail.offset);
}

/**
 * Says at the head of the segment how far it was flushed, so that what is cut or damaged later is not taken for a torn
 * write. Written when nothing waits, and before the next flush at the latest. It is not synced here: that flush takes it
 * along, and a killed process leaves it to the system.
 */
export async function writeFlushedEnd(tail: JournalTail): Promise<void> {
  if (tail.current === null || tail.writtenEnd === tail.offset) return;
  const { file, header } = tail.current;
  const end = tail.offset;
  await file.writeAt(encodeFlushedEnd(end, header.salt), flushedEndOffset);
  tail.writtenEnd = end;
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
