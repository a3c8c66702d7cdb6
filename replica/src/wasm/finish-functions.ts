// The last look at rewritten functions, when all are known: those that need not count their calls lose the code for it,
// the others get their weights, and each its length.

import { type CalledFunction, planCounting } from './count-plan.ts';
import { createOutput, type Output, reserve, setPadded, writeBytes, writeUnsigned } from './output.ts';

/** A function's locals and body in the output, without its length. */
export interface WrittenFunction extends CalledFunction {
  readonly start: number;
  readonly end: number;
  /** Where it counts: start, place of the weight, end. */
  readonly countPlaces: readonly number[];
}

export function finishFunctions(code: Output, functions: readonly WrittenFunction[]): Output {
  const plan = planCounting(functions);
  const finished = createOutput(code.length + 8 * functions.length);
  for (const [index, written] of functions.entries()) {
    reserve(finished, 16);
    const weight = plan[index]!;
    if (weight === 0) appendWithout(finished, code, written);
    else appendWith(finished, code, written, weight);
  }
  return finished;
}

function appendWith(
  finished: Output,
  code: Output,
  { start, end, countPlaces }: WrittenFunction,
  weight: number,
): void {
  for (let i = 1; i < countPlaces.length; i += 3) setPadded(code, countPlaces[i]!, weight);
  writeUnsigned(finished, end - start);
  writeBytes(finished, code.bytes.subarray(start, end));
}

function appendWithout(finished: Output, code: Output, { start, end, countPlaces }: WrittenFunction): void {
  let length = end - start;
  for (let i = 0; i < countPlaces.length; i += 3) length -= countPlaces[i + 2]! - countPlaces[i]!;
  writeUnsigned(finished, length);
  let from = start;
  for (let i = 0; i < countPlaces.length; i += 3) {
    writeBytes(finished, code.bytes.subarray(from, countPlaces[i]!));
    from = countPlaces[i + 2]!;
  }
  writeBytes(finished, code.bytes.subarray(from, end));
}
