// Handles of what outlives a call. Births and upgrades are on the network, under their numbers: their handles are addresses that
// anybody could write, lead to facts alone and never expire. A deployment is only known to the process that runs it, so its handle is
// random: after a restart it is unknown, and never another deployment.
import { randomBytes } from 'node:crypto';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Problem } from './tool.ts';

export type Job =
  | { readonly kind: 'births'; readonly first: number; readonly count: number }
  | { readonly kind: 'upgrade'; readonly upgrade: number }
  | { readonly kind: 'deployment'; readonly id: string };

/** What one order of births has at most. */
export const birthsMax = 50;

export function jobToHandle(job: Job): string {
  if (job.kind === 'births') return `births/${job.first}-${job.count}`;
  return job.kind === 'upgrade' ? `upgrade/${job.upgrade}` : `deployment/${job.id}`;
}

export function parseHandle(text: string): Result<Job, Problem> {
  const births = /^births\/(\d{1,9})-([1-9]\d?)$/.exec(text);
  if (births !== null && Number(births[2]) <= birthsMax)
    return ok({ kind: 'births', first: Number(births[1]), count: Number(births[2]) });
  const upgrade = /^upgrade\/(\d{1,9})$/.exec(text);
  if (upgrade !== null) return ok({ kind: 'upgrade', upgrade: Number(upgrade[1]) });
  const deployment = /^deployment\/([0-9a-f]{24})$/.exec(text);
  return deployment === null ? refuse(noHandle) : ok({ kind: 'deployment', id: deployment[1] ?? '' });
}

const noHandle: Problem = {
  code: 'JobInvalid',
  message: 'this is no handle of a job',
  nextStep: 'Copy `job` as it stands in the answer that began it.',
};

export interface RunningJob<Outcome> {
  /** The last thing it said. */
  readonly said: string;
  /** Null while it runs. */
  readonly outcome: Outcome | null;
}

/** Work of this process that goes on when the call that began it is over. */
export interface RunningJobs<Outcome> {
  begin(work: (say: (text: string) => void) => Promise<Outcome>): string;
  look(id: string): RunningJob<Outcome> | null;
  /** The one that still runs. */
  running(): string | null;
}

/** Ended ones beyond this are forgotten, oldest first: nobody asks for the seventeenth. */
const keptMax = 16;

export function createRunningJobs<Outcome>(): RunningJobs<Outcome> {
  const jobs = new Map<string, RunningJob<Outcome>>();
  return {
    begin: (work) => {
      const id = randomBytes(12).toString('hex');
      const [oldest] = jobs.keys();
      if (jobs.size >= keptMax && oldest !== undefined) jobs.delete(oldest);
      const state = { said: 'begun', outcome: null as Outcome | null };
      jobs.set(id, state);
      const say = (text: string) => {
        state.said = text;
      };
      void work(say).then((outcome) => {
        state.outcome = outcome;
      });
      return id;
    },
    look: (id) => jobs.get(id) ?? null,
    running: () => [...jobs].find(([, { outcome }]) => outcome === null)?.[0] ?? null,
  };
}
