import { describe, expect, it } from 'vitest';
import { createConnection } from './connection.ts';
import { createWorkQueue } from './work-queue.ts';

describe('the work queue', () => {
  it('works in order, good connections before suspect ones', async () => {
    const queue = createWorkQueue();
    const order: string[] = [];
    const add = (lane: 'good' | 'suspect', name: string) => queue.run(lane, async () => void order.push(name));
    const all = [add('suspect', 's1'), add('suspect', 's2'), add('good', 'g1'), add('good', 'g2')];
    expect(queue.waitingCount).toBe(4);
    await Promise.all(all);
    expect(order).toEqual(['g1', 'g2', 's1', 's2']);
    expect(queue.waitingCount).toBe(0);
  });

  it('gives a suspect connection a turn however busy the good ones are', async () => {
    const queue = createWorkQueue();
    let goodCount = 0;
    const spin = () => {
      const endMs = performance.now() + 5;
      while (performance.now() < endMs);
      goodCount++;
    };
    const good = Array.from({ length: 20 }, () => queue.run('good', async () => spin()));
    const goodBefore = await queue.run('suspect', async () => goodCount);
    expect(goodBefore).toBeLessThan(20);
    await Promise.all(good);
  });

  it('lets the event loop run between slices', async () => {
    const queue = createWorkQueue();
    const seen: number[] = [];
    let done = 0;
    const work = Array.from({ length: 10 }, () =>
      queue.run('good', async () => {
        const endMs = performance.now() + 5;
        while (performance.now() < endMs);
        done++;
      }),
    );
    const tick = setInterval(() => seen.push(done), 1);
    await Promise.all(work);
    clearInterval(tick);
    expect(new Set(seen).size).toBeGreaterThan(3);
  });

  it('passes results and failures on', async () => {
    const queue = createWorkQueue();
    expect(await queue.run('good', async () => 7)).toBe(7);
    await expect(queue.run('good', () => Promise.reject(new Error('on purpose')))).rejects.toThrow('on purpose');
  });
});

describe('a connection', () => {
  it('is worked on one request after the other', async () => {
    const connection = createConnection();
    const order: string[] = [];
    let letGo = () => {};
    const first = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    connection.enqueue(() => first.then(() => void order.push('first')));
    const second = new Promise<void>((resolve) => {
      connection.enqueue(async () => {
        order.push('second');
        resolve();
      });
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([]);
    letGo();
    await second;
    expect(order).toEqual(['first', 'second']);
  });

  it('may send only so many requests ahead', () => {
    const connection = createConnection();
    const taken = Array.from({ length: 70 }, () => connection.enqueue(() => new Promise(() => undefined)));
    expect(taken.filter(Boolean).length).toBe(64);
  });

  it('becomes suspect by refusals and good again by successes', () => {
    const connection = createConnection();
    const lanes = [400, 400, 400, 404, 413, 200, 200, 202, 500].map((status) => {
      connection.noteStatus(status);
      return connection.lane;
    });
    expect(lanes).toEqual(['good', 'good', 'suspect', 'suspect', 'suspect', 'suspect', 'suspect', 'good', 'good']);
  });
});
