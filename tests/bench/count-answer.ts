// What the counting methods of the sample answer, without a Candid library: its loading would take most of a short life.
import type { Answer } from '@tamc/replica';

/** One `nat`: DIDL, no types, one argument of type nat, then its LEB128 digits. */
export function countOf(answer: Answer): number {
  if (answer.kind === 'rejected') throw new Error(`rejected with ${answer.code}: ${answer.message}`);
  return answer.data.subarray(7).reduceRight((value, digit) => value * 128 + (digit & 0x7f), 0);
}
