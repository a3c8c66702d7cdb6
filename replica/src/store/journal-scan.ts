// Reads the frames of one segment in order, with one window of memory, and says exactly where and why it had to stop.

import { crc32 } from 'node:zlib';
import type { DiskFile } from './disk.ts';
import { type FoundHeader, headerBytes } from './file-header.ts';
import {
  type FrameHeader,
  frameCandidates,
  frameHeaderBytes,
  frameKinds,
  parseFrameHeader,
  parseRecords,
  type RoundRecord,
} from './journal-frame.ts';

export interface Segment {
  readonly file: DiskFile;
  readonly path: string;
  readonly header: FoundHeader;
}

export interface Frame extends FrameHeader {
  readonly offset: number;
  readonly end: number;
  /** Views of the window: valid until the next frame is asked for. */
  readonly records: readonly RoundRecord[];
}

/** Why reading stopped: at the end of the file, or at something that is not a whole frame. */
export interface FrameStop {
  readonly offset: number;
  readonly problem: string | null;
}

const windowBytes = 2 ** 20;

/** From the frame that starts at `from`, where `previousRound` was the newest round, to the file's present end. */
export function* readFrames(segment: Segment, from: number, previousRound: number): Generator<Frame, FrameStop> {
  const size = segment.file.size();
  const window = createWindow(segment.file, size);
  let offset = Math.max(from, headerBytes);
  let lastRound = previousRound;
  while (offset < size) {
    const frame = readFrame(segment, window, offset, lastRound);
    if (typeof frame === 'string') return { offset, problem: frame };
    yield frame;
    lastRound = frame.lastRound;
    offset = frame.end;
  }
  return { offset, problem: offset === size ? null : 'the file is shorter than it was' };
}

function readFrame(segment: Segment, window: Window, offset: number, previousRound: number): Frame | string {
  const headerAt = window(offset, frameHeaderBytes);
  if (headerAt === null) return 'the file ends inside the header of a flush';
  const place = { salt: segment.header.salt, segment: segment.header.number, offset };
  const header = parseFrameHeader(headerAt, place);
  if (header === null) return 'the header of a flush does not match its checksum';
  const payload = window(offset + frameHeaderBytes, header.payloadBytes);
  if (payload === null) return 'the file ends inside a flush';
  if (crc32(payload) !== header.payloadCrc) return 'the rounds of a flush do not match their checksum';
  const records = parseRecords(payload, previousRound);
  if (records === null) return 'the rounds of a flush are not in order';
  if ((records.at(-1)?.round ?? previousRound) !== header.lastRound) return 'rounds before this flush are missing';
  if (records.length > 0 !== (header.kind === frameKinds.rounds)) return 'a flush is not of its kind';
  return { ...header, offset, end: offset + frameHeaderBytes + header.payloadBytes, records };
}

/** The place of the first frame header after `from`. One exists only if everything before it was flushed. */
export function findLaterFrame(segment: Segment, from: number): number | null {
  const size = segment.file.size();
  const buffer = new Uint8Array(Math.min(windowBytes, Math.max(0, size - from)));
  // Windows overlap by one header, so that none is cut.
  for (let start = from + 1; start < size; start += buffer.length - frameHeaderBytes + 1) {
    const bytes = buffer.subarray(0, segment.file.readAt(buffer, start));
    for (const at of frameCandidates(bytes)) {
      const place = { salt: segment.header.salt, segment: segment.header.number, offset: start + at };
      if (parseFrameHeader(bytes.subarray(at), place) !== null) return start + at;
    }
    if (bytes.length < buffer.length || buffer.length <= frameHeaderBytes) return null;
  }
  return null;
}

type Window = (offset: number, length: number) => Uint8Array | null;

/** Null where the file is shorter; so a length from the file never allocates more than the file holds. */
function createWindow(file: DiskFile, size: number): Window {
  let buffer = new Uint8Array(Math.min(windowBytes, size));
  let start = 0;
  let filled = 0;
  return (offset, length) => {
    if (offset + length > size) return null;
    if (offset < start || offset + length > start + filled) {
      if (length > buffer.length) buffer = new Uint8Array(length);
      start = offset;
      filled = file.readAt(buffer, offset);
      if (filled < length) return null;
    }
    return buffer.subarray(offset - start, offset - start + length);
  };
}
