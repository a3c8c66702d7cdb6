import { describe, expect, it } from 'vitest';
import { createRunningJobs, type Job, jobToHandle, parseHandle } from './jobs.ts';

describe('the handle of a job', () => {
  it('is read as it was written', () => {
    const jobs: Job[] = [
      { kind: 'births', first: 0, count: 1 },
      { kind: 'births', first: 123_456, count: 50 },
      { kind: 'upgrade', upgrade: 7 },
      { kind: 'deployment', id: 'ab'.repeat(12) },
    ];
    for (const job of jobs) expect(parseHandle(jobToHandle(job))).toEqual({ ok: true, value: job });
  });

  it.each([
    '',
    'births/1-51',
    'births/1-0',
    'births/1',
    'upgrade/',
    'upgrade/-1',
    'deployment/1',
    'births/1-2/3',
    ' upgrade/1',
  ])('is nothing else: "%s" is refused with what to do', (text) => {
    expect(parseHandle(text)).toMatchObject({ ok: false, error: { code: 'JobInvalid' } });
  });
});

describe('work of this process', () => {
  it('goes on when nobody waits, tells how far it is, and then how it ended', async () => {
    const jobs = createRunningJobs<string>();
    let resolve: (outcome: string) => void = () => {};
    const promise = new Promise<string>((found) => {
      resolve = found;
    });
    const id = jobs.begin(async (say) => {
      say('step 2');
      return await promise;
    });
    expect(jobs.running()).toBe(id);
    expect(jobs.look(id)).toEqual({ said: 'step 2', outcome: null });
    resolve('done');
    await promise;
    await Promise.resolve();
    expect(jobs.look(id)).toEqual({ said: 'step 2', outcome: 'done' });
    expect(jobs.running()).toBe(null);
  });

  it('is forgotten when sixteen came after it, and never taken for another', async () => {
    const jobs = createRunningJobs<number>();
    const ids = Array.from({ length: 17 }, (_, i) => jobs.begin(async () => i));
    await Promise.resolve();
    expect(new Set(ids).size).toBe(17);
    expect(jobs.look(ids[0]!)).toBe(null);
    expect(jobs.look(ids[16]!)).not.toBe(null);
    expect(createRunningJobs().look(ids[16]!)).toBe(null);
  });
});
