// Streams the rounds after a given one, from the flushed part of the journal, holding one flush in memory at a time.

import type { Disk } from './disk.ts';
import { headerBytes, readHeader } from './file-header.ts';
import { journalName } from './file-names.ts';
import type { JournalMark, JournalPosition } from './journal-open.ts';
import { type Frame, readFrames, type Segment } from './journal-scan.ts';
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
  for (const number of range.segments.filter((candidate) => candidate >= (start?.segment ?? 0))) {
    const segment = await openSegment(disk, number);
    try {
      if (segment.header.previousRound > lastRound) throw missing(segment, lastRound);
      const from = number === start?.segment ? start.offset : headerBytes;
      for (const frame of flushedFrames(segment, from, lastRound, range)) {
        lastRound = frame.lastRound;
        for (const { round, record } of frame.records) if (round > afterRound) yield { round, record: record.slice() };
      }
    } finally {
      await segment.file.close();
    }
  }
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

function* flushedFrames(segment: Segment, from: number, lastRound: number, range: JournalRange): Generator<Frame> {
  const isLast = segment.header.number === range.end.segment;
  const frames = readFrames(segment, from, lastRound);
  for (let step = frames.next(); ; step = frames.next()) {
    const offset = step.value.offset;
    if (isLast && offset >= range.end.offset) return;
    if (step.done) {
      // Behind the last flush of a finished segment there can only be a torn seal; the next header tells if a round is missing.
      if (!isLast) return;
      const detail = step.value.problem ?? 'the file is shorter than it was';
      throw new StoreError('fileDamaged', { file: segment.path, offset, detail });
    }
    yield step.value;
  }
}

async function openSegment(disk: Disk, number: number): Promise<Segment> {
  const file = await disk.openFile(journalName(number));
  const path = disk.pathOf(file.name);
  return { file, path, header: readHeader(file, 'journal', number, path) };
}

function missing(segment: Segment, lastRound: number): StoreError {
  const detail = `it begins after round ${segment.header.previousRound}, but the file before it ends, damaged, after round ${lastRound}`;
  return new StoreError('fileDamaged', { file: segment.path, detail });
}

function inputsNotKept(file: string, previousRound: number): StoreError {
  return new StoreError('inputsNotKept', { file, detail: `they begin after round ${previousRound}` });
}
