// What one frame of a function takes of the stack that an execution has: a number that depends on nothing but the module.
// It follows what compilers put into frames (a place for each local and for each operand, the arguments and results of
// calls) and adds a little for the length of the text, because optimised code keeps intermediate values of long functions.

import type { DecodedFunction } from './decoded-function.ts';

/**
 * What an execution has. DFINITY's replica gives the compiled code of a canister 5 MiB, in frames that are smaller than
 * what is counted here, where most functions stand in for others as well. A plain JavaScript function in QuickJS (Azle)
 * was seen to call itself some 3,400 times in it.
 */
export const stackBytesMax = 16 * 1024 * 1024;

/** Return address, frame pointer, instance and what else every frame has. */
const fixedBytes = 48;
/**
 * So many instructions are taken for one more byte. An optimising compiler that finds the same value on both sides of a call may
 * keep it in the frame; that takes at least three instructions a value (computed, computed again, used), so a frame is never more
 * than some twenty times what is counted here, and the deep stack holds 32 times (`deep-thread.ts`).
 */
const instructionsPerByte = { scalars: 8, vectors: 4 };

/** In bytes; never much more than there are altogether. */
export function weighFrame({ localCount, count, hasVectors }: DecodedFunction, operandsMax: number): number {
  const valueBytes = hasVectors ? 16 : 8;
  // Twice the operands: arguments and results are handed over outside the frame that holds them.
  const values = localCount + 2 * operandsMax;
  const perByte = instructionsPerByte[hasVectors ? 'vectors' : 'scalars'];
  const bytes = fixedBytes + valueBytes * values + count / perByte;
  return Math.ceil(Math.min(bytes, stackBytesMax + 1));
}
