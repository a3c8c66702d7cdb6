// A network in this process that is deployed to with real Wasm, as often as a test wants and with what it wants.
import type { Result } from '@tamc/base/result';
import { bindLedger, bindRegistry, type Connection, connect, createIdentity, createManagement } from '@tamc/client';
import { machineVersion } from '@tamc/machine/version';
import { createReplica } from '@tamc/replica';
import type { Remembered } from '../../stack/src/deploy/canister-steps.ts';
import { createConfiguration, type Fields } from '../../stack/src/deploy/configuration.ts';
import { createDeployer, rememberInMemory } from '../../stack/src/deploy/deployer.ts';
import { buildModules, deploymentSteps, type Modules } from '../../stack/src/deploy/deployment.ts';
import { planSteps, runSteps, type Step, type StepProblem } from '../../stack/src/deploy/steps.ts';

export interface Given {
  readonly config?: Fields;
  /** What the network was deployed with before. */
  readonly kept?: Fields;
  readonly network?: 'local' | 'main';
  readonly modules?: Modules;
  readonly machineVersion?: string;
}

export interface Deployments {
  readonly connection: Connection;
  readonly modules: Modules;
  /** Another one is another deployment on the same network. */
  remembered: Remembered;
  steps(given?: Given): readonly Step[];
  /** As the command does it: the plan first. Ids of the steps that were done, or why nothing was. */
  deploy(given?: Given): Promise<readonly string[] | string>;
  problem(given?: Given): Promise<StepProblem | null>;
  deployUntil(stepId: string, given?: Given): Promise<void>;
  registry(): ReturnType<typeof bindRegistry>;
  ledger(): ReturnType<typeof bindLedger>;
  readonly management: ReturnType<typeof createManagement>;
  close(): Promise<void>;
}

export async function openDeployments(): Promise<Deployments> {
  const replica = await createReplica({ memory: true });
  const fetch = (...request: Parameters<typeof replica.fetch>) => replica.fetch(...request);
  const connection = expectOk(await connect({ url: 'http://replica', identity: createIdentity(), fetch }));
  const built = expectOk(await buildModules(() => {}));
  const deployments: Deployments = {
    connection,
    modules: built,
    remembered: rememberInMemory(),
    management: createManagement(connection),
    steps: ({ config = {}, kept = {}, network = 'local', modules = built, machineVersion: version } = {}) => {
      const configuration = createConfiguration(config, network, kept);
      if (!configuration.ok) throw new Error(configuration.error);
      const { remembered } = deployments;
      const deployer = createDeployer(connection, { kind: configuration.value.kind, remembered });
      return deploymentSteps(deployer, configuration.value, modules, version ?? machineVersion);
    },
    deploy: async (given) => {
      const steps = deployments.steps(given);
      const planned = await planSteps(steps);
      if (!planned.ok) return planned.error.message;
      const ran = await runSteps(steps, silent);
      return ran.ok ? ran.value : ran.error.message;
    },
    problem: async (given) => {
      const planned = await planSteps(deployments.steps(given));
      return planned.ok ? null : planned.error;
    },
    deployUntil: async (stepId, given) => {
      const steps = deployments.steps(given);
      const end = steps.findIndex(({ id }) => id === stepId) + 1;
      if (end === 0) throw new Error(`there is no step ${stepId}`);
      expectOk(await runSteps(steps.slice(0, end), silent));
    },
    registry: () => bindRegistry(connection, deployments.remembered.idOf('registry')!),
    ledger: () => bindLedger(connection, deployments.remembered.idOf('ledger')!),
    close: () => replica.close(),
  };
  return deployments;
}

const silent = { started: () => {}, ended: () => {} };

export function expectOk<T>(result: Result<T, { readonly message: string } | string>): T {
  if (!result.ok) throw new Error(typeof result.error === 'string' ? result.error : result.error.message);
  return result.value;
}
