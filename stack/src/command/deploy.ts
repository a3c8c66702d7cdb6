// `tamc deploy`: shows what is open, asks, does it. What is done is never done twice; what was cut off goes on.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Result } from '@tamc/base/result';
import { machineVersion } from '@tamc/machine/version';
import { type PrincipalHex, parsePrincipal, principalToText } from '@tamc/protocol/principal';
import { type Configuration, createConfiguration, type Fields, parseFields } from '../deploy/configuration.ts';
import { createDeployer, rememberInFolder } from '../deploy/deployer.ts';
import { buildModules, deploymentSteps } from '../deploy/deployment.ts';
import { type KeptConfiguration, keptConfigurationIn } from '../deploy/kept-configuration.ts';
import { defaultNetworkPath, type NetworkFolder, openNetworkFolder } from '../deploy/network-folder.ts';
import { folderNameOf, type Network, parseNetwork } from '../deploy/networks.ts';
import { openNetwork } from '../deploy/open-network.ts';
import { type PlannedStep, planSteps, runSteps, type Step, type StepProblem } from '../deploy/steps.ts';
import { findRoot } from '../root.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';

export async function run({ values, switches }: Given): Promise<number> {
  const network = parseNetwork(values.network ?? 'embedded');
  if (!network.ok) throw new CommandFailure(network.error, '`tamc deploy --help` shows them.');
  const folder = openNetworkFolder(resolve(values.store ?? defaultFolder(network.value)));
  const kept = keptConfigurationIn(folder.path);
  const { configuration, given, fields } = readConfiguration(values.config, network.value, kept);
  const subnet = readSubnet(values.subnet, configuration.kind);
  const isJson = switches.has('json');
  const say = (text: string) => (isJson ? console.error(text) : console.log(text));
  const modules = expectOk(await buildModules(say));
  const opened = expectOk(await openNetwork(network.value, folder, folder.identity()));
  try {
    const { kind } = configuration;
    const remembered = rememberInFolder(folder);
    const deployer = createDeployer(opened.connection, { kind, remembered, subnet });
    const steps = deploymentSteps(deployer, configuration, modules, machineVersion);
    say(`Network: ${opened.text}\nYou are: ${principalToText(opened.connection.self)}`);
    const before = keptText(kept, values.config, given);
    if (before !== null) say(before);
    const planned = expectOk(await planSteps(steps));
    say(renderPlan(planned));
    const untold = onlyAtCreation(configuration, planned);
    if (untold !== null) say(untold);
    const isOpen = planned.some(({ isDone }) => !isDone);
    if (isOpen && !(await isAgreed(switches.has('yes')))) return refusePlan(planned, isJson);
    // Before anything is done: a deployment that is cut off goes on with the same.
    if (values.config !== undefined) kept.keep(fields);
    if (isOpen) expectOk(await runSteps(steps, watcher(say)));
    report(folder, network.value, planned, isJson);
    return 0;
  } finally {
    await opened.close();
  }
}

function expectOk<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: StepProblem },
): T {
  if (!result.ok) throw new CommandFailure(result.error.message, result.error.nextStep);
  return result.value;
}

/** The embedded network is the one that `npm start` runs. */
function defaultFolder(network: Network): string {
  if (network.kind === 'embedded') return defaultNetworkPath();
  const networks = join(findRoot(), '.tamc', 'networks');
  return join(
    networks,
    folderNameOf(network, (name) => existsSync(join(networks, name))),
  );
}

/** What the network was deployed with before, changed by the file. */
function readConfiguration(path: string | undefined, { kind }: Network, kept: KeptConfiguration) {
  const before = kept.read();
  const given = path === undefined ? {} : usable(path, parseFields(readFileSync(path, 'utf8')));
  const configuration = usable(path ?? kept.path, createConfiguration(given, kind, before));
  return { configuration, given, fields: { ...before, ...given } };
}

function usable<T>(path: string, result: Result<T, string>): T {
  if (!result.ok) throw new CommandFailure(`${path} cannot be used: ${result.error}.`, 'Correct it, or leave it out.');
  return result.value;
}

/** Nobody should wonder why a plan is not that of the defaults. */
function keptText(kept: KeptConfiguration, file: string | undefined, given: Fields): string | null {
  const left = Object.entries(kept.read()).filter(([name]) => !Object.hasOwn(given, name));
  if (left.length === 0) return null;
  const fields = left.map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`);
  const how = file === undefined ? '--config changes it' : `${file} does not name it`;
  return [`As at the deployment before (${kept.path}; ${how}):`, ...fields].join('\n');
}

/** Where it could not be followed it is refused: a canister elsewhere than was asked for stays there. */
function readSubnet(text: string | undefined, kind: Configuration['kind']): PrincipalHex | null {
  if (text === undefined) return null;
  if (kind === 'embedded' || kind === 'local')
    throw new CommandFailure(
      'This network chooses itself where canisters are created: --subnet is for the main network and for an engine.',
      'Leave --subnet out, or add --network ic, or a --config with "engine": true.',
    );
  const subnet = parsePrincipal(text);
  if (subnet === null)
    throw new CommandFailure(`"${text}" is no id of a subnet.`, 'Its checksum is part of it: copy it whole.');
  return subnet;
}

function renderPlan(planned: readonly PlannedStep[]): string {
  const lines = planned.map(({ step, isDone }) => `  ${isDone ? '✓' : '•'} ${step.text}`);
  const open = planned.filter(({ isDone }) => !isDone).length;
  const head =
    open === 0 ? 'Nothing to do: everything is there.' : `Plan: ${open} of ${planned.length} steps are open.`;
  return [head, ...lines].join('\n');
}

/** What a configuration names and no step can bring to canisters that are there. */
function onlyAtCreation({ named }: Configuration, planned: readonly PlannedStep[]): string | null {
  const fields = named.filter((name) => name === 'canisterCycles' || name === 'registryCycles');
  const isThere = planned.some(({ step, isDone }) => step.id.endsWith('/create') && isDone);
  if (fields.length === 0 || !isThere) return null;
  return `Canisters that are there keep the cycles that they have: ${fields.join(', ')} only count when one is created.`;
}

/** Nobody to ask is no agreement. */
async function isAgreed(isYes: boolean): Promise<boolean> {
  if (isYes) return true;
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Do it? (y/N) ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function refusePlan(planned: readonly PlannedStep[], isJson: boolean): number {
  if (isJson) console.log(JSON.stringify({ steps: stepsToJson(planned, 'open') }));
  console.error('Nothing was done. Add --yes to do it without asking.');
  return 3;
}

function watcher(say: (text: string) => void) {
  const startedMs = new Map<string, number>();
  return {
    started: ({ id, text }: Step) => {
      startedMs.set(id, performance.now());
      say(`… ${text}`);
    },
    ended: ({ id, text }: Step) => {
      const seconds = (performance.now() - (startedMs.get(id) ?? 0)) / 1_000;
      say(`✓ ${text} (${seconds.toFixed(1)} s)`);
    },
  };
}

/** Where all went well no step is open any more: an earlier one may have done what a later one looks for. */
function stepsToJson(planned: readonly PlannedStep[], otherwise: 'open' | 'done now') {
  return planned.map(({ step: { id, text }, isDone }) => ({ id, text, state: isDone ? 'was done' : otherwise }));
}

function report(folder: NetworkFolder, { name }: Network, planned: readonly PlannedStep[], isJson: boolean): void {
  const canisters = folder.canisters();
  if (isJson) {
    console.log(JSON.stringify({ network: name, steps: stepsToJson(planned, 'done now'), canisters }));
    return;
  }
  const width = Math.max(...Object.keys(canisters).map((canister) => canister.length));
  const lines = Object.entries(canisters).map(([canister, id]) => `  ${canister.padEnd(width)}  ${id}`);
  console.log(['Canisters:', ...lines].join('\n'));
}
