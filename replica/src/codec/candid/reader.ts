// What decoding carries along: where it is, the message's types, and how much work the message may still cause.

import type { ByteCursor } from '../leb128.ts';
import { malformed } from '../malformed.ts';
import type { WireType } from './wire.ts';

/** Deep enough for any sensible type, shallow enough for any stack. */
const depthMax = 256;

// Values of no bytes (null, reserved, empty records) cost work without costing input: 64 steps for each byte sent, and
// enough to begin with that a small message with a few thousand of them still passes.
const workPerByte = 64;
const workAtLeast = 20_000;

export interface CandidReader {
  readonly cursor: ByteCursor;
  readonly table: readonly WireType[];
  workLeft: number;
  /** Why the latest value did not fit the type that was asked for. */
  mismatchReason: string;
}

export function createCandidReader(cursor: ByteCursor, table: readonly WireType[]): CandidReader {
  return { cursor, table, workLeft: workAtLeast + workPerByte * cursor.end, mismatchReason: '' };
}

export function spend(reader: CandidReader, work: number): void {
  reader.workLeft -= work;
  if (reader.workLeft < 0) malformed('Candid message holds too many values for its size');
}

export function enter(depth: number): void {
  if (depth > depthMax) malformed(`Candid value nested deeper than ${depthMax}`);
}
