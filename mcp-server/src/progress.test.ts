import type { ServerContext } from '@modelcontextprotocol/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgress } from './progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A call that is listened to, and what its host was told. */
function createCall(revision: 'old' | 'new', progressToken: number | undefined = 1) {
  const told: { progress: number; message: string }[] = [];
  const end = new AbortController();
  const mcpReq = {
    _meta: { progressToken },
    signal: end.signal,
    envelope: revision === 'new' ? {} : undefined,
    notify: async ({ params }: { params: (typeof told)[number] }) => void told.push(params),
  };
  return { told, end, context: { mcpReq } as unknown as ServerContext };
}

/** No host waits longer without a sign of life. */
const patienceMs = 15_000;

describe('progress', () => {
  it('gives a sign of life in every quarter of a minute, with the last thing said, until the call ends', () => {
    const { told, context } = createCall('new');
    const progress = createProgress(context);
    progress.say('3 of 50 born');
    for (let quarter = 1; quarter <= 20; quarter++) {
      const before = told.length;
      vi.advanceTimersByTime(patienceMs);
      expect(told.length).toBeGreaterThan(before);
    }
    expect(told.every(({ message }) => message === '3 of 50 born')).toBe(true);
    expect(told.map(({ progress: step }) => step)).toEqual(told.map((_, i) => i + 1));
    progress.end();
    const { length } = told;
    vi.advanceTimersByTime(10 * patienceMs);
    expect(told).toHaveLength(length);
  });

  it('goes on while a person thinks, where the call stays open for them, as one call', () => {
    const { told, context } = createCall('old');
    createProgress(context).waitForPerson(100_000);
    vi.advanceTimersByTime(50_000);
    const { length } = told;
    expect(length).toBeGreaterThan(3);
    const again = createProgress(context);
    again.say('paying');
    expect(told.at(-1)).toMatchObject({ progress: length + 1, message: 'paying' });
    again.end();
    vi.advanceTimersByTime(100_000);
    expect(told).toHaveLength(length + 1);
  });

  it('ends with the time of the person, with the call, and where asking ends the call', () => {
    const forgotten = createCall('old');
    createProgress(forgotten.context).waitForPerson(30_000);
    const gone = createCall('old');
    createProgress(gone.context).waitForPerson(100_000);
    gone.end.abort();
    const asked = createCall('new');
    createProgress(asked.context).waitForPerson(100_000);
    vi.advanceTimersByTime(30_000);
    const counts = () => [forgotten, gone, asked].map(({ told }) => told.length);
    const before = counts();
    vi.advanceTimersByTime(500_000);
    expect(counts()).toEqual(before);
    expect(before.slice(1)).toEqual([1, 0]);
  });

  it('says nothing to who did not ask for it', () => {
    const { told, context } = createCall('new', undefined);
    Object.assign(context.mcpReq, { _meta: {} });
    createProgress(context).say('x');
    vi.advanceTimersByTime(100_000);
    expect(told).toEqual([]);
  });
});
