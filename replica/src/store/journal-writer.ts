// Group commit: rounds that arrive while a flush is under way share the next one. One write and one sync per flush, in
// order, one flush at a time. A round is acknowledged when it is on the disk and never before.

import { assert } from '@tamc/base/assert';
import type { Disk } from './disk.ts';
import { encodeHeader, headerBytes, readHeader } from './file-header.ts';
import { journalName } from './file-names.ts';
import type { Health } from './health.ts';
import { type Batch, createBatch } from './journal-batch.ts';
import { type FrameKind, frameHeaderBytes, frameKinds, recordHeaderBytes, writeFrameHeader } from './journal-frame.ts';
import type { JournalMark, JournalPosition, OpenedJournal } from './journal-open.ts';
import type { Segment } from './journal-scan.ts';
import { recordBytesMax, type StoreLimits } from './limits.ts';

export interface JournalWriter {
  append(round: number, record: Uint8Array): Promise<void>;
  /** Starts a flush even when there is no round, for the sake of what must be flushed before it. */
  requestFlush(): void;
  /** Everything appended so far is on the disk when this resolves. */
  flushed(): Promise<void>;
  /** No flush is under way or wanted when this resolves; never rejects. */
  idle(): Promise<void>;
  /** The newest round on the disk. */
  lastRound(): number;
  /** The newest known frame start with no round after `round` before it. */
  markBefore(round: number): JournalMark;
  /** The same, or null where only the files can tell. */
  knownMark(round: number): JournalMark | null;
  end(): JournalPosition;
  segments(): readonly number[];
  /** Removes segments that end before the position's. */
  removeBefore(segment: number): Promise<void>;
  /** Says on the disk that everything was flushed. */
  seal(): Promise<void>;
  sizeBytes(): number;
}

export interface JournalWriterPorts {
  readonly disk: Disk;
  readonly limits: StoreLimits;
  readonly health: Health;
  /** What must be on the disk before the next rounds are. */
  readonly flushFirst: () => Promise<void>;
}

interface WriterState {
  segments: number[];
  current: Segment | null;
  offset: number;
  flushedRound: number;
  marks: JournalMark[];
}

export function createJournalWriter(ports: JournalWriterPorts, opened: OpenedJournal): JournalWriter {
  const { limits, health, flushFirst } = ports;
  const state: WriterState = {
    segments: opened.segments,
    current: opened.current?.segment ?? null,
    offset: opened.current?.offset ?? 0,
    flushedRound: opened.lastRound,
    marks: opened.marks,
  };
  const waiting: Batch[] = [];
  let appendedRound = opened.lastRound;
  let spare: Uint8Array | null = null;
  let writing: Batch | null = null;
  let flushing: Promise<void> | null = null;

  const requestFlush = () => {
    flushing ??= flushAll();
  };
  const flushAll = async () => {
    await null; // what is appended in the same turn goes along
    try {
      do await flushNext(waiting.shift() ?? null);
      while (waiting.length > 0);
    } catch (error) {
      const reason = health.fail(error);
      for (const batch of waiting.splice(0)) batch.reject(reason);
    } finally {
      flushing = null; // in the same turn that found nothing waiting: whatever comes after starts the next one
    }
  };
  /** The batch takes no more rounds, so what is flushed first is everything that its rounds need. */
  const flushNext = async (batch: Batch | null) => {
    writing = batch;
    try {
      await flushFirst();
      if (batch !== null) await writeBatch(state, await roomySegment(ports, state), batch, limits.markBytes);
    } catch (error) {
      batch?.reject(health.fail(error));
      throw error;
    } finally {
      writing = null;
    }
    if (batch !== null && batch.buffer().length <= limits.flushBytes) spare = batch.buffer();
    batch?.resolve();
    if (waiting.length === 0) await writeIdleSeal(state);
  };
  const openBatch = (bytes: number): Batch => {
    const last = waiting.at(-1);
    if (last !== undefined && last.bytes() + bytes <= limits.flushBytes) return last;
    const batch = createBatch(spare);
    spare = null;
    waiting.push(batch);
    return batch;
  };

  return {
    requestFlush,
    append(round, record) {
      const refusal = refusalOf(health);
      if (refusal !== null) return refusal;
      assert(Number.isSafeInteger(round) && round > appendedRound, `round ${round} appended after ${appendedRound}`);
      assert(record.length <= recordBytesMax, `a record of ${record.length} bytes`);
      const batch = openBatch(recordHeaderBytes + record.length);
      batch.add(round, record);
      appendedRound = round;
      requestFlush();
      return batch.done;
    },
    async flushed() {
      health.assertUsable();
      await (waiting.at(-1) ?? writing)?.done;
      health.assertUsable();
    },
    async idle() {
      while (flushing !== null) await flushing;
    },
    lastRound: () => state.flushedRound,
    markBefore: (round) => markBefore(state, round),
    knownMark: (round) => knownMark(state, round),
    end: () => ({ segment: state.current?.header.number ?? 0, offset: state.offset }),
    segments: () => state.segments,
    removeBefore: (segment) => removeBefore(ports.disk, state, segment),
    async seal() {
      if (state.current === null) return;
      await writeSeal(state, state.current, frameKinds.flushed);
      await state.current.file.sync();
    },
    sizeBytes: () => sizeBytes(ports.disk, state),
  };
}

function refusalOf(health: Health): Promise<never> | null {
  try {
    health.assertUsable();
    return null;
  } catch (error) {
    return Promise.reject(error);
  }
}

async function writeBatch(state: WriterState, segment: Segment, batch: Batch, markBytes: number): Promise<void> {
  const frame = batch.seal({ salt: segment.header.salt, segment: segment.header.number, offset: state.offset });
  await segment.file.writeAt(frame, state.offset);
  await segment.file.sync();
  state.offset += frame.length;
  state.flushedRound = batch.lastRound();
  const newest = state.marks.at(-1);
  if (newest === undefined || state.offset - newest.offset >= markBytes) {
    state.marks.push({ segment: segment.header.number, offset: state.offset, previousRound: state.flushedRound });
  }
}

/** The segment to write to; a new one when there is none or it is full. */
async function roomySegment(ports: JournalWriterPorts, state: WriterState): Promise<Segment> {
  const old = state.current;
  if (old !== null && state.offset < ports.limits.segmentBytes) return old;
  const next = await createSegment(ports.disk, (state.segments.at(-1) ?? 0) + 1, state.flushedRound);
  // Only now: should the new file vanish, this seal tells that it was there.
  if (old !== null) await writeSeal(state, old, frameKinds.continued);
  await old?.file.sync();
  await old?.file.close();
  const number = next.header.number;
  state.segments = [...state.segments, number];
  state.current = next;
  state.offset = headerBytes;
  state.marks.push({ segment: number, offset: headerBytes, previousRound: state.flushedRound });
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
 * is not synced and the next flush overwrites it: it costs a write to the cache when there is nothing else to do.
 */
async function writeIdleSeal(state: WriterState): Promise<void> {
  if (state.current !== null) await writeSeal(state, state.current, frameKinds.flushed);
}

async function writeSeal(state: WriterState, segment: Segment, kind: FrameKind): Promise<void> {
  const seal = new Uint8Array(frameHeaderBytes);
  const place = { salt: segment.header.salt, segment: segment.header.number, offset: state.offset };
  writeFrameHeader(seal, { kind, payloadBytes: 0, payloadCrc: 0, lastRound: state.flushedRound }, place);
  await segment.file.writeAt(seal, state.offset);
}

function markBefore(state: WriterState, round: number): JournalMark {
  const segment = state.current?.header.number;
  if (segment !== undefined && state.flushedRound <= round) {
    return { segment, offset: state.offset, previousRound: state.flushedRound };
  }
  return knownMark(state, round) ?? { segment: 1, offset: headerBytes, previousRound: 0 };
}

function knownMark(state: WriterState, round: number): JournalMark | null {
  return state.marks.findLast((mark) => mark.previousRound <= round) ?? null;
}

function sizeBytes(disk: Disk, state: WriterState): number {
  const finished = state.segments.slice(0, -1);
  return finished.reduce((sum, number) => sum + disk.sizeOf(journalName(number)), state.offset);
}

/** One at a time, each made durable before the next, so that a power cut leaves no gap. */
async function removeBefore(disk: Disk, state: WriterState, segment: number): Promise<void> {
  for (const number of state.segments.filter((candidate) => candidate < segment)) {
    await disk.remove(journalName(number));
    await disk.syncDirectory();
    state.segments = state.segments.filter((candidate) => candidate !== number);
  }
  state.marks = state.marks.filter((mark) => mark.segment >= segment);
}
