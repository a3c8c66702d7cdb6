// `job`: how far something is that outlived the call which began it. One tool for all of them: whoever holds a handle need not know
// what it is of.
import { ok, type Result, refuse } from '@tamc/base/result';
import { z } from 'zod';
import { isBorn, readBirths } from '../births.ts';
import { fence } from '../fence.ts';
import { birthsMax, type Job, jobToHandle, parseHandle } from '../jobs.ts';
import { fitPage } from '../page.ts';
import { defineReadTool, type Facts, type Found, type Problem, type ToolContext } from '../tool.ts';
import { readUpgrade, upgradeFacts } from '../upgrades.ts';
import { readDeployment } from './deployments.ts';

export const jobTool = defineReadTool({
  name: 'job',
  title: 'A job under way',
  description: 'How far births, an upgrade or a deployment is; the last is forgotten when the server restarts.',
  input: z.object({ job: z.string().max(64).describe('as answered') }),
  output: z.object({ status: z.string() }),
  read: async ({ job: text }, context) => {
    const job = parseHandle(text);
    return job.ok ? await readJob(job.value, context) : job;
  },
});

async function readJob(job: Job, context: ToolContext): Found {
  if (job.kind === 'deployment') return readDeployment(context.keeper, job.id);
  if (job.kind === 'births') return await readBirthsJob(context, job.first, job.count);
  const upgrade = await readUpgrade(context.access, job.upgrade);
  if (!upgrade.ok) return upgrade;
  return upgrade.value === null ? refuse(unknown(job)) : ok(upgradeFacts(upgrade.value));
}

async function readBirthsJob({ access }: ToolContext, first: number, count: number): Promise<Result<Facts, Problem>> {
  const births = await readBirths(access, first, Math.min(count, birthsMax));
  if (!births.ok) return births;
  // A page that is shorter names births that nobody ordered.
  if (births.value.length < count) return refuse(unknown({ kind: 'births', first, count }));
  const born = births.value.filter(isBorn);
  return ok({
    status: born.length === count ? 'born' : 'under_way',
    born: born.length,
    count,
    machines: born.flatMap(({ machine }) => machine ?? []),
    waiting: fitPage(
      births.value.filter((birth) => !isBorn(birth)),
      ({ birth, step, problem }) => ({ birth, step, problem: problem === null ? null : fence(problem) }),
    ),
  });
}

function unknown(job: Job): Problem {
  return {
    code: 'JobUnknown',
    message: `there is no job ${jobToHandle(job)} on this network`,
    nextStep: 'Copy `job` from the answer that began it; if that is lost, `machines` shows what is there.',
  };
}
