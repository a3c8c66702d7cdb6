// Streams the rounds after a given one, from the flushed part of the journal, holding one flush in memory at a time.

import type { Disk } from './disk.ts';
import { headerBytes, readHeader } from './file-header.ts';
import { journalName } from './file-names.ts';
import type { JournalMark, JournalPosition } from './journal-open.ts';
import { readFrames, type Segment } from './journal-scan.ts';
import { StoreError } from './store-error.ts';

export interface JournalRange {
  readonly segments: readonly number[];
  /** A known start, if one is near enough. */
  readonly mark: JournalMark | null;
  /** The end of what is flushed. */
  readonly end: JournalPosition;
}

export interface StoredRound {
  readonly round: number;
  readonly record: Uint8Array;
}

/** Rounds in ascending order, each with its own copy of the record. Throws a StoreError at the first damage. */
export async function* readRounds(disk: Disk, range: JournalRange, afterRound: number): AsyncGenerator<StoredRound> {
  const start = range.mark ?? (await findStart(disk, range.segments, afterRound));
  let lastRound = start?.previousRound ?? 0;
  let stopBefore: SegmentStop | null = null;
  for (const number of range.segments.filter((candidate) => candidate >= (start?.segment ?? 0))) {
    const segment = await openSegment(disk, number);
    try {
      // Behind the last flush of a finished segment there is only a seal; the next header tells if a round is missing.
      if (stopBefore !== null && segment.header.previousRound !== lastRound) throw damage(stopBefore);
      const from = number === start?.segment ? start.offset : headerBytes;
      const frames = readFrames(segment, from, lastRound);
      let step = frames.next();
      while (!step.done && !isFlushedEnd(range, number, step.value.offset)) {
        const { records } = step.value;
        lastRound = step.value.lastRound;
        for (const { round, record } of records) if (round > afterRound) yield { round, record: record.slice() };
        step = frames.next();
      }
      stopBefore = { path: segment.path, offset: step.value.offset, problem: step.done ? step.value.problem : null };
      const isLast = number === range.end.segment;
      if (isLast && !isFlushedEnd(range, number, stopBefore.offset)) throw damage(stopBefore);
    } finally {
      await segment.file.close();
    }
  }
}

interface SegmentStop {
  readonly path: string;
  readonly offset: number;
  readonly problem: string | null;
}

function isFlushedEnd({ end }: JournalRange, segment: number, offset: number): boolean {
  return segment === end.segment && offset >= end.offset;
}

/** The last segment that begins no later than after `afterRound`: their headers tell. */
async function findStart(disk: Disk, segments: readonly number[], afterRound: number): Promise<JournalMark | null> {
  for (const number of segments.toReversed()) {
    const segment = await openSegment(disk, number);
    await segment.file.close();
    const { previousRound } = segment.header;
    if (previousRound <= afterRound) return { segment: number, offset: headerBytes, previousRound };
    if (number === segments[0]) throw inputsNotKept(segment.path, previousRound);
  }
  return null;
}

async function openSegment(disk: Disk, number: number): Promise<Segment> {
  const file = await disk.openFile(journalName(number));
  const path = disk.pathOf(file.name);
  return { file, path, header: readHeader(file, 'journal', number, path) };
}

function damage({ path, offset, problem }: SegmentStop): StoreError {
  return new StoreError('fileDamaged', { file: path, offset, detail: problem ?? 'its last rounds are missing' });
}

function inputsNotKept(file: string, previousRound: number): StoreError {
  return new StoreError('inputsNotKept', { file, detail: `they begin after round ${previousRound}` });
}
