import { describe, expect, it } from 'vitest';
import { createTries } from './tries.ts';

const minuteMs = 60_000;

describe('tries of a passphrase', () => {
  it('are five within ten minutes, and one more for each that is older', () => {
    let nowMs = 0;
    const tries = createTries(() => nowMs);
    for (let i = 0; i < 5; i++) {
      expect(tries.waitMs()).toBe(0);
      tries.failed();
      nowMs += minuteMs;
    }
    expect(tries.waitMs()).toBe(5 * minuteMs);
    nowMs = 10 * minuteMs;
    expect(tries.waitMs()).toBe(0);
    tries.failed();
    expect(tries.waitMs()).toBe(minuteMs);
  });

  it('wait for no clock that was set back: at most the ten minutes', () => {
    let nowMs = 1_000 * minuteMs;
    const tries = createTries(() => nowMs);
    for (let i = 0; i < 5; i++) tries.failed();
    nowMs = 0;
    expect(tries.waitMs()).toBe(10 * minuteMs);
    nowMs = 10 * minuteMs;
    expect(tries.waitMs()).toBe(0);
  });

  it('begin anew after the right one', () => {
    const tries = createTries(() => 0);
    for (let i = 0; i < 4; i++) tries.failed();
    tries.succeeded();
    for (let i = 0; i < 4; i++) tries.failed();
    expect(tries.waitMs()).toBe(0);
  });
});
