// The example canister and the page that shows it: brought to the network, upgraded when its source changed.
import { join } from 'node:path';
import type { Connection } from '@tamc/client';
import { type PrincipalHex, parsePrincipal, principalToText } from '@tamc/protocol/principal';
import { buildCanister } from '../azle/build.ts';
import { renderProblem } from '../azle/problem.ts';
import { readMethods } from '../candid/read-methods.ts';
import { createCanister, deploy } from '../deploy/deploy-folder.ts';
import type { NetworkFolder } from '../deploy/network-folder.ts';
import { type Page, type PageSettings, startPage } from '../page/page-server.ts';
import { findRoot } from '../root.ts';
import { listenOn, type WantedPort } from './ports.ts';

const name = 'counter';

/** A mistake in the example, or one that nobody could foresee in what lies in the store. */
export class ExampleFailure extends Error {
  override readonly name = 'ExampleFailure';
  readonly nextStep: string;

  constructor(message: string, nextStep: string) {
    super(message);
    this.nextStep = nextStep;
  }
}

export async function openExample(
  folder: NetworkFolder,
  shown: Pick<PageSettings, 'url' | 'town'> & { readonly connection: Connection },
  pagePort: WantedPort,
  say: (text: string) => void,
): Promise<Page> {
  const { connection } = shown;
  const canister = await deployExample(folder, connection, say);
  const methods = await readMethods(connection, canister);
  if (!methods.ok) throw new ExampleFailure(methods.error, 'Remove the store and start again.');
  const settings = { ...shown, name, canister, methods: methods.value };
  return await listenOn(pagePort, (port) => startPage({ ...settings, port }));
}

async function deployExample(
  folder: NetworkFolder,
  connection: Connection,
  say: (text: string) => void,
): Promise<PrincipalHex> {
  const built = await buildCanister(join(findRoot(), 'examples', name));
  if (!built.ok) {
    throw new ExampleFailure(built.error.map(renderProblem).join('\n'), 'Correct it and run `npm start` again.');
  }
  const kept = parsePrincipal(folder.canisters()[name] ?? '');
  const canister = kept ?? (await createCanister(connection));
  if (kept === null) folder.setCanister(name, principalToText(canister));
  const deployment = await deploy(connection, canister, built.value);
  if (deployment !== 'unchanged') say(`The example canister is ${deployment}.`);
  return canister;
}
