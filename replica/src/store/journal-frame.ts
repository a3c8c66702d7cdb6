// One flush of the journal is one frame: a header that only this place of this file can bear, then the rounds.
// A frame is begun only after the frame before it is on the disk; so any frame header proves everything before it.

import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { saltBytes } from './disk.ts';
import { readU64, viewOf, writeU64 } from './integers.ts';

export const frameHeaderBytes = 32;
export const recordHeaderBytes = 12;

/** rounds · flushed: nothing, written by earlier versions when nothing waited · continued: the next segment goes on. */
export const frameKinds = { rounds: 1, flushed: 2, continued: 3 } as const;
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

export interface FrameHeader {
  readonly kind: FrameKind;
  readonly payloadBytes: number;
  readonly payloadCrc: number;
  /** The newest round up to the end of this frame. */
  readonly lastRound: number;
}

/** Where a frame stands. Its header checksum covers this, so a copied or moved frame is not one. */
export interface FramePlace {
  readonly salt: Uint8Array;
  readonly segment: number;
  readonly offset: number;
}

const frameMagic = 0x444e5552; // "RUND" as the file shows it

// magic 0–3 · header CRC 4–7 · kind 8–11 · payload bytes 12–15 · payload CRC 16–19 · zeros 20–23 · last round 24–31
export function writeFrameHeader(target: Uint8Array, header: FrameHeader, place: FramePlace): void {
  const view = viewOf(target);
  view.setUint32(0, frameMagic, true);
  view.setUint32(8, header.kind, true);
  view.setUint32(12, header.payloadBytes, true);
  view.setUint32(16, header.payloadCrc, true);
  view.setUint32(20, 0, true);
  writeU64(view, 24, header.lastRound);
  view.setUint32(4, headerCrc(target, place), true);
}

/** Null where the bytes are not a frame header that was written for this place. */
export function parseFrameHeader(bytes: Uint8Array, place: FramePlace): FrameHeader | null {
  if (bytes.length < frameHeaderBytes) return null;
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== frameMagic || view.getUint32(4, true) !== headerCrc(bytes, place)) return null;
  const kind = Object.values(frameKinds).find((known) => known === view.getUint32(8, true));
  const lastRound = readU64(view, 24);
  if (kind === undefined || Number.isNaN(lastRound)) return null;
  return { kind, payloadBytes: view.getUint32(12, true), payloadCrc: view.getUint32(16, true), lastRound };
}

function headerCrc(bytes: Uint8Array, place: FramePlace): number {
  const seed = new Uint8Array(saltBytes + 16);
  seed.set(place.salt);
  const view = viewOf(seed);
  writeU64(view, saltBytes, place.segment);
  writeU64(view, saltBytes + 8, place.offset);
  return crc32(bytes.subarray(8, frameHeaderBytes), crc32(seed));
}

/** The places in `bytes` where a frame header could start. */
export function* frameCandidates(bytes: Uint8Array): Generator<number> {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(frameMagic);
  for (let at = haystack.indexOf(magic); at >= 0; at = haystack.indexOf(magic, at + 1)) yield at;
}

export interface RoundRecord {
  readonly round: number;
  /** A view of the payload. */
  readonly record: Uint8Array;
}

export function writeRecordHeader(view: DataView, offset: number, round: number, length: number): void {
  writeU64(view, offset, round);
  view.setUint32(offset + 8, length, true);
}

/** Null where the payload is not a sequence of ascending rounds after `previousRound`. */
export function parseRecords(payload: Uint8Array, previousRound: number): RoundRecord[] | null {
  const view = viewOf(payload);
  const records: RoundRecord[] = [];
  let last = previousRound;
  for (let at = 0; at < payload.length; ) {
    if (payload.length - at < recordHeaderBytes) return null;
    const round = readU64(view, at);
    const end = at + recordHeaderBytes + view.getUint32(at + 8, true);
    if (!(round > last) || end > payload.length) return null;
    records.push({ round, record: payload.subarray(at + recordHeaderBytes, end) });
    last = round;
    at = end;
  }
  return records;
}
