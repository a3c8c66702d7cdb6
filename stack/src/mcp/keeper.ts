// Shell: what an assistant with the toolset `operate` may have done for who keeps the network of a folder: our canisters brought there,
// simulated money given, virtual time turned. The keeper's key lies in the folder.
import { ok, type Result, refuse } from '@tamc/base/result';
import { createTimeKeeping, type Deploying, type Funding, type Keeper, type Problem } from '@tamc/mcp-server';
import type { NetworkFolder } from '../deploy/network-folder.ts';
import type { Step, StepProblem } from '../deploy/steps.ts';
import { readPlaces } from '../world/places.ts';

export function createFolderKeeper(folder: NetworkFolder): Keeper {
  return { deploying: createDeploying(folder), funding: createFunding(folder), time: createTimeKeeping() };
}

/** What connects is loaded by the first call, as in a world. */
async function connectAsKeeper(folder: NetworkFolder) {
  const { attach } = await import('../world/attach.ts');
  return await attach(folder, folder.identity());
}

function createDeploying(folder: NetworkFolder): Deploying {
  /** The builder of canisters is loaded only here: most servers never deploy. */
  const open = async (progress: (text: string) => void): Promise<Result<readonly Step[], Problem>> => {
    const connection = await connectAsKeeper(folder);
    if (!connection.ok) return connection;
    const { worldSteps } = await import('../deploy/deploy-world.ts');
    const { rememberInFolder } = await import('../deploy/deployer.ts');
    const { readKeptConfiguration } = await import('../deploy/kept-configuration.ts');
    const configuration = readKeptConfiguration(folder.path, 'embedded');
    const remembered = rememberInFolder(folder);
    const steps = await worldSteps(connection.value, { configuration, remembered, say: progress });
    return steps.ok ? steps : refuse(toProblem(steps.error));
  };
  return {
    plan: async (_, progress) => {
      const steps = await open(progress);
      if (!steps.ok) return steps;
      const { planSteps } = await import('../deploy/steps.ts');
      const planned = await planSteps(steps.value);
      if (!planned.ok) return refuse(toProblem(planned.error));
      return ok(planned.value.map(({ step: { id, text }, isDone }) => ({ id, text, isDone })));
    },
    run: async (_, progress) => {
      const steps = await open(progress);
      if (!steps.ok) return steps;
      const { runSteps } = await import('../deploy/steps.ts');
      const watcher = { started: ({ text }: Step) => progress(text), ended: () => {} };
      const ran = await runSteps(steps.value, watcher);
      return ran.ok ? ran : refuse(toProblem(ran.error));
    },
  };
}

function toProblem({ message, nextStep }: StepProblem): Problem {
  return { code: 'StepFailed', message, nextStep };
}

function createFunding(folder: NetworkFolder): Funding {
  return {
    fund: async (_, to, amount, commandId) => {
      const places = readPlaces(folder);
      if (!places.ok) return refuse({ code: 'NotDeployed', message: 'there is no ledger', nextStep: places.error });
      const minter = await connectAsKeeper(folder);
      if (!minter.ok) return minter;
      const gift = { key: `fund ${commandId}`, isWelcome: false, to, amount };
      const { giveOnce } = await import('../world/gifts.ts');
      const given = await giveOnce(folder.path, minter.value, places.value.ledger, gift);
      if (given.ok) return ok(given.value ?? 0n);
      const { code, message, nextStep } = given.error;
      return refuse({ code, message, nextStep });
    },
  };
}
