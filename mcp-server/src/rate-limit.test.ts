import { describe, expect, it } from 'vitest';
import { createRateLimiter, rateLimits } from './rate-limit.ts';

describe('a rate limit', () => {
  it('lets a burst through, then one at a time as time passes, and says when', () => {
    let now = 0;
    const limiter = createRateLimiter(() => now);
    for (let i = 0; i < rateLimits.write.burst; i++) expect(limiter.take('write')).toBeNull();
    expect(limiter.take('write')).toBe(1);
    now += 1_000;
    expect(limiter.take('write')).toBeNull();
    expect(limiter.take('write')).toBe(1);
  });

  it('does not let writes eat the reads', () => {
    const limiter = createRateLimiter(() => 0);
    while (limiter.take('write') === null);
    expect(limiter.take('read')).toBeNull();
  });

  it('keeps nobody waiting until a clock that was set back has caught up', () => {
    let now = 3_600_000;
    const limiter = createRateLimiter(() => now);
    while (limiter.take('write') === null);
    now = 0;
    expect(limiter.take('write')).toBe(1);
    now += 1_000;
    expect(limiter.take('write')).toBeNull();
  });

  it('never saves up more than a burst', () => {
    let now = 0;
    const limiter = createRateLimiter(() => now);
    limiter.take('write');
    now += 3_600_000;
    let count = 0;
    while (limiter.take('write') === null) count++;
    expect(count).toBe(rateLimits.write.burst);
  });
});
