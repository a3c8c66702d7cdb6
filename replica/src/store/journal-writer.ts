// Group commit: rounds that arrive while a flush is under way share the next one. One write and one sync per flush, in
// order, one flush at a time. A round is acknowledged when it is on the disk and never before.

import { assert } from '@tamc/base/assert';
import type { Disk } from './disk.ts';
import type { Health } from './health.ts';
import { type Batch, createBatch } from './journal-batch.ts';
import { recordHeaderBytes } from './journal-frame.ts';
import type { JournalMark, JournalPosition, OpenedJournal } from './journal-open.ts';
import {
  createTail,
  knownMark,
  markBefore,
  removeBefore,
  sizeBytes,
  writeBatch,
  writeFlushedEnd,
} from './journal-tail.ts';
import { recordBytesMax, type StoreLimits } from './limits.ts';

export interface JournalWriter {
  append(round: number, record: Uint8Array): Promise<void>;
  /** Everything appended so far, and what must be flushed before it, is on the disk when this resolves. */
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

export function createJournalWriter(ports: JournalWriterPorts, opened: OpenedJournal): JournalWriter {
  const { limits, health, flushFirst } = ports;
  const tail = createTail(opened);
  const waiting: Batch[] = [];
  let appendedRound = opened.lastRound;
  let spare: Uint8Array | null = null;
  let flushing: Promise<void> | null = null;

  const startFlushing = () => {
    flushing ??= flushAll();
  };
  const flushAll = async () => {
    await null; // what is appended in the same turn goes along
    try {
      for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) await flushNext(batch);
    } catch (error) {
      const reason = health.fail(error);
      for (const batch of waiting.splice(0)) batch.reject(reason);
    } finally {
      flushing = null; // in the same turn that found nothing waiting: whatever comes after starts the next one
    }
  };
  /** The batch takes no more rounds, so what is flushed first is everything that its rounds need. */
  const flushNext = async (batch: Batch) => {
    try {
      await flushFirst();
      if (!batch.isEmpty()) await writeBatch(ports.disk, tail, batch, limits);
    } catch (error) {
      batch.reject(health.fail(error));
      throw error;
    }
    if (batch.buffer().length <= limits.flushBytes) spare = batch.buffer();
    batch.resolve();
    if (waiting.length === 0) await writeFlushedEnd(tail);
  };
  const openBatch = (bytes: number): Batch => {
    const last = waiting.at(-1);
    if (last !== undefined && last.bytes() + bytes <= limits.flushBytes) return last;
    const batch = createBatch(spare);
    spare = null;
    waiting.push(batch);
    return batch;
  };

  /** A batch may be empty: it has its turn after what is under way, and takes along what is flushed first. */
  const flushSoon = (): Promise<void> => {
    const batch = openBatch(0);
    startFlushing();
    return batch.done;
  };

  return {
    append(round, record) {
      const refusal = refusalOf(health);
      if (refusal !== null) return refusal;
      assert(Number.isSafeInteger(round) && round > appendedRound, `round ${round} appended after ${appendedRound}`);
      assert(record.length <= recordBytesMax, `a record of ${record.length} bytes`);
      const batch = openBatch(recordHeaderBytes + record.length);
      batch.add(round, record);
      appendedRound = round;
      startFlushing();
      return batch.done;
    },
    flushed: () => refusalOf(health) ?? flushSoon(),
    async idle() {
      while (flushing !== null) await flushing;
    },
    lastRound: () => tail.flushedRound,
    markBefore: (round) => markBefore(tail, round),
    knownMark: (round) => knownMark(tail, round),
    end: () => ({ segment: tail.current?.header.number ?? 0, offset: tail.offset }),
    segments: () => tail.segments,
    removeBefore: (segment) => removeBefore(ports.disk, tail, segment),
    async seal() {
      await writeFlushedEnd(tail);
      await tail.current?.file.sync();
    },
    sizeBytes: () => sizeBytes(ports.disk, tail),
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
