// Finds the end of the journal. A torn last flush was never acknowledged and is cut; any other damage is an error that
// names file and offset. Only what follows the newest checkpoint is read.

import { type Disk, type DiskFile, readExactly } from './disk.ts';
import { encodeFlushedEnd, flushedEndOffset, headerBytes, readHeader } from './file-header.ts';
import { journalName } from './file-names.ts';
import { type FrameKind, frameKinds } from './journal-frame.ts';
import { type FrameStop, findLaterFrame, readFrames, type Segment } from './journal-scan.ts';
import { StoreError } from './store-error.ts';

export interface JournalPosition {
  readonly segment: number;
  readonly offset: number;
}

/** The start of a frame, and the newest round before it. */
export interface JournalMark extends JournalPosition {
  readonly previousRound: number;
}

/** What a checkpoint knows of the journal. */
export interface JournalAnchor {
  /** Every round after the checkpoint is after this. */
  readonly scanFrom: JournalMark;
  /** Up to here the journal was on the disk when the checkpoint was made. */
  readonly flushedEnd: JournalPosition;
}

export interface OpenedJournal {
  /** Numbers of all segments, ascending. */
  readonly segments: readonly number[];
  /** The last one, ready for the next frame at `offset`; null in an empty journal. */
  readonly current: { readonly segment: Segment; readonly offset: number } | null;
  readonly lastRound: number;
  readonly marks: JournalMark[];
}

export type ScanProgress = (doneBytes: number) => void;

interface Scan {
  readonly disk: Disk;
  readonly anchor: JournalAnchor | null;
  readonly markBytes: number;
  readonly onProgress: ScanProgress;
  readonly marks: JournalMark[];
  lastRound: number;
  doneBytes: number;
}

/** How far one segment is good. */
interface SegmentEnd extends FrameStop {
  readonly segment: Segment;
  readonly lastFrame: { readonly offset: number; readonly kind: FrameKind } | null;
}

export async function openJournal(
  disk: Disk,
  segments: readonly number[],
  anchor: JournalAnchor | null,
  markBytes: number,
  onProgress: ScanProgress = () => {},
): Promise<OpenedJournal> {
  assertComplete(disk, segments, anchor);
  const start = anchor?.scanFrom ?? { segment: 1, offset: headerBytes, previousRound: 0 };
  const scan: Scan = { disk, anchor, markBytes, onProgress, marks: [], lastRound: start.previousRound, doneBytes: 0 };
  let end: SegmentEnd | null = null;
  for (const number of segments.filter((candidate) => candidate >= start.segment)) {
    const file = await disk.openFile(journalName(number));
    const from: number = number === start.segment ? start.offset : headerBytes;
    const next: SegmentEnd = scanSegment(scan, file, number, from, end);
    await end?.segment.file.close();
    end = next;
  }
  if (end !== null) await settleTail(scan, end);
  const current = end === null ? null : { segment: end.segment, offset: end.offset };
  return { segments, current, lastRound: scan.lastRound, marks: scan.marks };
}

/** Segments follow each other, and reach from the checkpoint (or the beginning) on. */
function assertComplete(disk: Disk, segments: readonly number[], anchor: JournalAnchor | null): void {
  const first = anchor === null ? 1 : Math.min(anchor.scanFrom.segment, segments[0] ?? anchor.scanFrom.segment);
  const last = Math.max(anchor?.flushedEnd.segment ?? 0, segments.at(-1) ?? 0);
  const present = new Set(segments);
  for (let number = first; number <= last; number++) {
    if (!present.has(number)) throw new StoreError('fileMissing', { file: disk.pathOf(journalName(number)) });
  }
}

function scanSegment(scan: Scan, file: DiskFile, number: number, from: number, before: SegmentEnd | null): SegmentEnd {
  const path = scan.disk.pathOf(file.name);
  const segment: Segment = { file, path, header: readHeader(file, 'journal', number, path) };
  if (before !== null) assertFollows(scan, before, segment);
  addMark(scan, { segment: number, offset: from, previousRound: scan.lastRound });
  const frames = readFrames(segment, from, scan.lastRound);
  let lastFrame: SegmentEnd['lastFrame'] = null;
  for (let step = frames.next(); ; step = frames.next()) {
    if (step.done) return { ...step.value, segment, lastFrame };
    const frame = step.value;
    lastFrame = { offset: frame.offset, kind: frame.kind };
    scan.lastRound = frame.lastRound;
    addMark(scan, { segment: number, offset: frame.end, previousRound: frame.lastRound });
    scan.doneBytes += frame.end - frame.offset;
    scan.onProgress(scan.doneBytes);
  }
}

/** The header of the next segment says which round was flushed before it; what is missing at the end is only a seal. */
function assertFollows(scan: Scan, before: SegmentEnd, next: Segment): void {
  if (next.header.previousRound !== scan.lastRound)
    throw damage(before, before.problem ?? 'its last rounds are missing');
}

/** Cuts a torn flush, and makes sure that what is kept is on the disk and not only in the system's cache. */
async function settleTail(scan: Scan, end: SegmentEnd): Promise<void> {
  const { file, header } = end.segment;
  assertNotCut(scan, end);
  if (end.lastFrame?.kind === frameKinds.continued) {
    throw new StoreError('fileMissing', { file: scan.disk.pathOf(journalName(header.number + 1)) });
  }
  if (end.problem !== null) await cutTail(end, end.problem);
  // A sync that failed in an earlier run may have left this in the cache alone, marked clean: so it is written again.
  const start = end.lastFrame?.offset ?? (end.offset === headerBytes ? 0 : end.offset);
  const bytes = readExactly(file, start, end.offset - start);
  if (bytes !== null) await file.writeAt(bytes, start);
  await file.sync();
  // What was found will be used, so from here on it is as good as acknowledged.
  if (header.flushedEnd !== end.offset) await file.writeAt(encodeFlushedEnd(end.offset, header.salt), flushedEndOffset);
}

/** The segment's own header and the newest checkpoint say how far it was on the disk. */
function assertNotCut({ anchor }: Scan, end: SegmentEnd): void {
  const { file, header } = end.segment;
  const anchored = anchor?.flushedEnd.segment === header.number ? anchor.flushedEnd.offset : 0;
  const known = Math.max(header.flushedEnd, anchored);
  const found = Math.min(end.offset, file.size());
  if (found >= known) return;
  const detail = `${end.problem ?? 'the file is shorter than it was'}, and it was on the disk up to byte ${known}`;
  throw damage({ ...end, offset: found }, detail);
}

async function cutTail(end: SegmentEnd, problem: string): Promise<void> {
  const later = findLaterFrame(end.segment, end.offset);
  if (later !== null) throw damage(end, `${problem}, and a later flush is at byte ${later}`);
  await end.segment.file.truncate(end.offset);
}

function damage(end: SegmentEnd, detail: string): StoreError {
  return new StoreError('fileDamaged', { file: end.segment.path, offset: end.offset, detail });
}

function addMark(scan: Scan, mark: JournalMark): void {
  const newest = scan.marks.at(-1);
  if (newest?.segment === mark.segment && mark.offset - newest.offset < scan.markBytes) return;
  scan.marks.push(mark);
}
