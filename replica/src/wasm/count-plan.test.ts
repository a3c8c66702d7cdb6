// Which functions count: enough of them that no recursion escapes, and each for all that may lie below it uncounted.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CalledFunction, planCounting } from './count-plan.ts';

const call = (weight: number, callees: number[], isOpen = false): CalledFunction => ({ weight, callees, isOpen });

describe('counting calls on the stack', () => {
  it.each([
    ['nothing where calls only go on', [call(10, [1, 2]), call(20, [2]), call(30, [])], [0, 0, 0]],
    ['a function that calls itself', [call(10, [0, 1]), call(20, [])], [10, 0]],
    ['one of two that call each other, with the other', [call(10, [1]), call(20, [0])], [30, 0]],
    ['a function that calls through a table', [call(10, [1]), call(20, [], true)], [0, 20]],
    [
      'the longest way to the next that counts',
      [call(1, [1, 2, 3], true), call(10, [0]), call(20, [1]), call(99, [])],
      [31, 0, 0, 0],
    ],
    [
      'one more where a way without counting gets long',
      [call(9, [1]), call(200_000, [2]), call(100_000, [])],
      [0, 200_000, 0],
    ],
  ])('[exec.stack-depth] counts %s', (_, functions, expected) => {
    expect([...planCounting(functions)]).toEqual(expected);
  });

  it('[exec.stack-depth] counts at least the frames of every way from one function that counts to the next', () => {
    const anyFunction = fc.record({
      weight: fc.integer({ min: 1, max: 1000 }),
      callees: fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { maxLength: 4 }),
      isOpen: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
    });
    fc.assert(
      fc.property(
        fc.array(anyFunction, { minLength: 12, maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (functions, choices) => {
          const plan = planCounting(functions);
          // A random walk: what it takes uncounted never exceeds what the last function that counts has taken.
          let [index, taken, left] = [functions.findIndex((_, at) => plan[at]! > 0), 0, 0];
          if (index < 0) return;
          for (let step = 0; step < 200; step++) {
            const { weight, callees } = functions[index]!;
            if (plan[index]! > 0) {
              expect(taken).toBeLessThanOrEqual(left);
              [taken, left] = [0, plan[index]!];
            }
            taken += weight;
            const next = callees[choices.next().value! % Math.max(1, callees.length)];
            if (next === undefined) return;
            index = next;
          }
          // Only cycles are so long, and none is without a function that counts.
          expect(left).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
