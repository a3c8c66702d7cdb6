// Brings all canisters of ours to the network of a connection, in the steps of `tamc deploy`: what is there stays, what is open is
// done, and a second time nothing is.
import { assert } from '@tamc/base/assert';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Connection } from '@tamc/client';
import { machineVersion } from '@tamc/machine/version';
import type { Places } from '../world/places.ts';
import type { Remembered } from './canister-steps.ts';
import { type Configuration, defaultConfiguration } from './configuration.ts';
import { createDeployer, rememberInMemory } from './deployer.ts';
import { buildModules, deploymentSteps, type Modules } from './deployment.ts';
import { runSteps, type Step, type StepProblem, type StepWatcher } from './steps.ts';

export interface DeployWorldOptions {
  /** Default: that of an embedded network. */
  readonly configuration?: Configuration;
  /** Default: nothing is known of what is there, and it is all created. */
  readonly remembered?: Remembered;
  readonly watcher?: StepWatcher;
  /** Default: built from this checkout. */
  readonly modules?: Modules;
  readonly say?: (text: string) => void;
}

export interface DeployedWorld extends Places {
  /** Ids of the steps that were open: empty when everything was there. */
  readonly ran: readonly string[];
}

/** The connection's identity becomes the governor of the registry and, where the ledger is ours, its minter. */
export async function deployWorld(
  connection: Connection,
  options: DeployWorldOptions = {},
): Promise<Result<DeployedWorld, StepProblem>> {
  const remembered = options.remembered ?? rememberInMemory();
  const steps = await worldSteps(connection, { ...options, remembered });
  if (!steps.ok) return steps;
  const ran = await runSteps(steps.value, options.watcher ?? silent);
  if (!ran.ok) return ran;
  const [registry, ledger] = [remembered.idOf('registry'), remembered.idOf('ledger')];
  assert(registry !== null, 'the steps end with a registry');
  if (ledger === null) return refuse(foreignMoneyOnly);
  return ok({ registry, ledger, desk: remembered.idOf('simulated-desk'), ran: ran.value });
}

const foreignMoneyOnly: StepProblem = {
  message: 'this network was deployed with ledgers of others only, and what lives here is given money of ours',
  nextStep: 'Name "ownLedger" in a --config of `tamc deploy`, or start with another --store.',
};

/** The steps themselves, for who shows them before they are done. */
export async function worldSteps(
  connection: Connection,
  options: DeployWorldOptions & { readonly remembered: Remembered },
): Promise<Result<readonly Step[], StepProblem>> {
  const { configuration = defaultConfiguration('embedded'), remembered, say = () => {} } = options;
  const modules = options.modules === undefined ? await buildModules(say) : ok(options.modules);
  if (!modules.ok) return modules;
  const deployer = createDeployer(connection, { kind: configuration.kind, remembered });
  return ok(deploymentSteps(deployer, configuration, modules.value, machineVersion));
}

const silent: StepWatcher = { started: () => {}, ended: () => {} };
