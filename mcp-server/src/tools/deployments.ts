// `deploy`: brings our canisters on this network to the code of this checkout, step by step; what is done is not done twice. It goes
// on when the call is over.
import { ok, type Result, refuse } from '@tamc/base/result';
import { z } from 'zod';
import { createRunningJobs, jobToHandle, type RunningJobs } from '../jobs.ts';
import { type Deploying, type Keeper, keeperProblem, type PlannedStep } from '../keeper.ts';
import { defineWriteTool, type Facts, type Found, type Problem, type ToolContext } from '../tool.ts';
import { waitUntil } from '../wait.ts';

/** Shorter than the minute after which hosts give up. */
const wait = { timeoutMs: 40_000, pauseMs: 200 };

type Outcome = Result<readonly string[], Problem>;
/** Of each keeper of this process. */
const deployments = new WeakMap<Keeper, RunningJobs<Outcome>>();

function deploymentsOf(keeper: Keeper): RunningJobs<Outcome> {
  const known = deployments.get(keeper) ?? createRunningJobs<Outcome>();
  deployments.set(keeper, known);
  return known;
}

export const deployTool = defineWriteTool({
  name: 'deploy',
  title: 'Deploy',
  description:
    'Brings the canisters of this network to the code of this checkout. Plans first; answers a `job` if it takes longer.',
  toolset: 'operate',
  isDestructive: true,
  input: z.object({}),
  output: z.object({ status: z.string() }),
  plan: async (_wanted, { access, keeper, progress }) => {
    const { deploying } = keeper;
    if (deploying === undefined) return refuse(keeperProblem('deploy to it'));
    const steps = await deploying.plan(access, progress);
    if (!steps.ok) return steps;
    const open = steps.value.filter(({ isDone }) => !isDone);
    const summary = open.length === 0 ? 'Nothing to do.' : `Deploy: ${open.map(({ text }) => text).join('; ')}.`;
    const facts = { steps: steps.value.map(stepFacts) };
    return ok({
      prepared: { deploying, isNeeded: open.length > 0 },
      summary,
      facts,
      needsConfirmation: open.length > 0,
    });
  },
  act: ({ deploying, isNeeded }, context) =>
    isNeeded ? deploy(deploying, context) : Promise.resolve(ok({ status: 'nothing_to_do' })),
});

function stepFacts({ id, text, isDone }: PlannedStep): Facts {
  return { step: id, text, done: isDone };
}

/** Two at once would do the same steps: who asks meanwhile is shown the one that runs. */
async function deploy(deploying: Deploying, { access, keeper, progress }: ToolContext): Found {
  const jobs = deploymentsOf(keeper);
  const id =
    jobs.running() ??
    jobs.begin(async (say) => {
      try {
        return await deploying.run(access, say);
      } catch (error) {
        return refuse(broken(error instanceof Error ? error.message : String(error)));
      }
    });
  let said = '';
  const look = async () => {
    const job = jobs.look(id);
    if (job !== null && job.said !== said) {
      said = job.said;
      progress(said);
    }
    return job;
  };
  await waitUntil(look, (job) => job === null || job.outcome !== null, wait);
  return readDeployment(keeper, id);
}

export function readDeployment(keeper: Keeper, id: string): Result<Facts, Problem> {
  const job = deploymentsOf(keeper).look(id);
  if (job === null) return refuse(unknown);
  const { said, outcome } = job;
  const handle = jobToHandle({ kind: 'deployment', id });
  if (outcome === null)
    return ok({ status: 'under_way', job: handle, said, next: 'It goes on by itself: look with `job`.' });
  return outcome.ok ? ok({ status: 'deployed', steps: outcome.value }) : outcome;
}

const unknown: Problem = {
  code: 'JobUnknown',
  message: 'this server knows no such deployment: it was restarted since, or forgot it after sixteen others',
  nextStep: 'Call `deploy` again: its plan shows what is done, and only the rest is done.',
};

function broken(message: string): Problem {
  return { code: 'DeploymentBroken', message, nextStep: 'Call `deploy` again: what is done is not done twice.' };
}
