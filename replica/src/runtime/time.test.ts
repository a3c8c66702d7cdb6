import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRealTime } from './time.ts';

describe('real time', () => {
  it('never goes back, goes on where the clock is behind, and follows the clock when that is right again [time.clock]', () => {
    const steps = fc.array(fc.tuple(fc.bigInt(-1_000n, 1_000n), fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(fc.bigInt(0n, 5_000n), fc.bigInt(0n, 5_000n), steps, (reachedNs, startNs, moves) => {
        let machineNs = startNs;
        const time = createRealTime(reachedNs, () => machineNs);
        let last = reachedNs;
        for (const [move, isRound] of moves) {
          const before = { now: time.nowNs(), machineNs };
          expect(before.now).toBeGreaterThanOrEqual(last);
          machineNs += move;
          const now = isRound ? time.nextRoundNs(before.now) : time.nowNs();
          // A clock that goes forward takes the time with it, or has reached it (a round is a nanosecond later than the last).
          if (move > 0n) expect(now >= before.now + move || now - machineNs <= 1n).toBe(true);
          if (machineNs > before.now) expect(now).toBe(machineNs);
          expect(now).toBeGreaterThanOrEqual(before.now);
          last = now;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
