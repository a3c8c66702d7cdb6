// The rounds that will be flushed together, gathered as the frame that will be written, and the one promise they share.

import { crc32 } from 'node:zlib';
import type { FramePlace } from './journal-frame.ts';
import {
  frameHeaderBytes,
  frameKinds,
  recordHeaderBytes,
  writeFrameHeader,
  writeRecordHeader,
} from './journal-frame.ts';

export interface Batch {
  readonly done: Promise<void>;
  /** The record is copied. */
  add(round: number, record: Uint8Array): void;
  bytes(): number;
  isEmpty(): boolean;
  lastRound(): number;
  /** The frame, a view of the batch's buffer. */
  seal(place: FramePlace): Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
  /** The buffer, to be used by a later batch. */
  buffer(): Uint8Array;
}

const initialBytes = 2 ** 16;

export function createBatch(recycled: Uint8Array | null): Batch {
  let buffer = recycled ?? new Uint8Array(initialBytes);
  let view = new DataView(buffer.buffer);
  let length = frameHeaderBytes;
  let newestRound = 0;
  const { promise, resolve, reject } = createDeferred();
  const reserve = (wanted: number) => {
    if (wanted <= buffer.length) return;
    const grown = new Uint8Array(Math.max(wanted, 2 * buffer.length));
    grown.set(buffer.subarray(0, length));
    buffer = grown;
    view = new DataView(buffer.buffer);
  };
  return {
    done: promise,
    resolve,
    reject,
    bytes: () => length,
    isEmpty: () => length === frameHeaderBytes,
    lastRound: () => newestRound,
    buffer: () => buffer,
    add(round, record) {
      const start = length + recordHeaderBytes;
      reserve(start + record.length);
      writeRecordHeader(view, length, round, record.length);
      buffer.set(record, start);
      length = start + record.length;
      newestRound = round;
    },
    seal(place) {
      const frame = buffer.subarray(0, length);
      const payload = frame.subarray(frameHeaderBytes);
      const header = {
        kind: frameKinds.rounds,
        payloadBytes: payload.length,
        payloadCrc: crc32(payload),
        lastRound: newestRound,
      };
      writeFrameHeader(frame, header, place);
      return frame;
    },
  };
}

function createDeferred() {
  let resolve = () => {};
  let reject = (_error: unknown) => {};
  const promise = new Promise<void>((onDone, onFailed) => {
    resolve = onDone;
    reject = onFailed;
  });
  // A failure is kept and told again by every later call, so a promise that nobody waits for may be left alone.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
