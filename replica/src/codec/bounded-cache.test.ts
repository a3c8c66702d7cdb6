import { createRandom } from '@tamc/base/random';
import { describe, expect, it } from 'vitest';
import { createBoundedCache } from './bounded-cache.ts';

describe('a bounded cache', () => {
  it('never holds more than it may, and never a wrong value', () => {
    const cache = createBoundedCache<number, string>(100);
    const random = createRandom(3);
    for (let i = 0; i < 20_000; i++) {
      const key = random.below(300);
      const held = cache.get(key);
      if (held === undefined) cache.set(key, `value ${key}`);
      else expect(held).toBe(`value ${key}`);
      expect(cache.size).toBeLessThanOrEqual(100);
    }
  });

  it('keeps what is in use through a flood of other keys', () => {
    const cache = createBoundedCache<string, number>(10);
    cache.set('in use', 1);
    cache.set('idle', 2);
    for (let i = 0; i < 1000; i++) {
      cache.set(`other ${i}`, i);
      expect(cache.get('in use')).toBe(1);
    }
    expect(cache.get('idle')).toBeUndefined();
  });

  it('gives the newest value of a key', () => {
    const cache = createBoundedCache<string, number>(4);
    for (let i = 0; i < 10; i++) {
      cache.set('key', i);
      cache.set(`other ${i}`, i);
      expect(cache.get('key')).toBe(i);
    }
  });
});
