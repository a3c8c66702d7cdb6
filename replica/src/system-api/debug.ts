// debug_print and trap: what developers see of a canister from outside.
import { textToBytes } from '@tamc/base/bytes';
import { type Execution, Trap } from '../execution/execution.ts';
import { chargeBytes, readHeap } from './heap.ts';
import { instructionsPerSentByte, trapTextBytesMax } from './limits.ts';

const outOfBoundsLine = textToBytes('(debug_print message out of memory bounds)');
/** Never refuses: bytes that are not UTF-8 become replacement characters. */
const lossyDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Never traps, except for want of instructions. */
export function debugPrint(execution: Execution, src: number, size: number): void {
  chargeBytes(execution, logCharge(execution, size));
  appendLog(execution, readWithin(execution, src, size, logCapacity(execution)) ?? outOfBoundsLine);
}

export function trap(execution: Execution, src: number, size: number): void {
  chargeBytes(execution, size + logCharge(execution, size));
  const bytes = readWithin(execution, src, size, trapTextBytesMax);
  throw new Trap('calledTrap', bytes === null ? '(trap message out of memory bounds)' : lossyDecoder.decode(bytes));
}

/** At most `sizeMax` bytes of what is there; null when the whole is not in the heap. */
function readWithin(execution: Execution, src: number, size: number, sizeMax: number): Uint8Array | null {
  if (src + size > execution.memory.sizeBytes()) return null;
  return readHeap(execution, src, Math.min(size, sizeMax));
}

function logCapacity({ environment }: Execution): number {
  return Number(environment.settings.logMemoryLimit);
}

/** Two instructions for each byte that is kept, and fifty for each that fits without dropping what this execution wrote. */
function logCharge(execution: Execution, size: number): number {
  const capacity = logCapacity(execution);
  const left = Math.max(0, capacity - execution.effects.logBytes);
  return 2 * Math.min(size, capacity) + instructionsPerSentByte * Math.min(size, left);
}

/** An empty line takes room too, so that the list stays short. */
const lineOverheadBytes = 24;

/** Keeps the newest lines; what falls out keeps its place in the numbering. */
export function appendLog(execution: Execution, line: Uint8Array): void {
  const { effects } = execution;
  const capacity = logCapacity(execution);
  const kept = line.subarray(0, Math.max(0, capacity - lineOverheadBytes));
  effects.logs.push(kept);
  effects.logBytes += kept.length + lineOverheadBytes;
  while (effects.logBytes > capacity && effects.logs.length > 0) {
    effects.logBytes -= effects.logs.shift()!.length + lineOverheadBytes;
    effects.logsDropped++;
  }
}
