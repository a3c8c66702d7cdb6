// `tamc start`, behind `npm start`: the replica on a store that is kept, the example canister, and a page to look at.
import { join, resolve } from 'node:path';
import { assert } from '@tamc/base/assert';
import { type Connection, connect } from '@tamc/client';
import { type PrincipalHex, parsePrincipal, principalToText } from '@tamc/protocol/principal';
import { createReplica } from '@tamc/replica';
import { buildCanister } from '../azle/build.ts';
import { renderProblem } from '../azle/problem.ts';
import { readMethods } from '../candid/read-methods.ts';
import { createCanister, deploy } from '../deploy/deploy-folder.ts';
import { defaultNetworkPath, type NetworkFolder, openNetworkFolder } from '../deploy/network-folder.ts';
import { type Page, startPage } from '../page/page-server.ts';
import { findRoot } from '../root.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';
import { parsePort } from './parse-arguments.ts';
import { untilStopped } from './until-stopped.ts';

const defaultPort = 4943;
const defaultPagePort = 4944;
const example = 'counter';

export async function run({ values }: Given): Promise<number> {
  const port = portOf(values.port, defaultPort);
  const pagePort = portOf(values['page-port'], defaultPagePort);
  const network = openNetworkFolder(values.store === undefined ? defaultNetworkPath() : resolve(values.store));
  refuseSecond(network);
  console.log('Starting the replica …');
  const replica = await createReplica({ store: network.store });
  const closers = [() => replica.close()];
  const closeAll = async () => {
    for (const close of closers.toReversed()) await close();
    network.setRunning(null);
  };
  const stopped = untilStopped(async () => {
    console.log('\nStopping …');
    await closeAll();
    console.log('Stopped. Everything is kept; `npm start` goes on from here.');
  });
  try {
    const { url } = await replica.listen({ port });
    const shown = await showExample(network, url, pagePort);
    closers.push(shown.close);
  } catch (error) {
    await closeAll();
    throw error;
  }
  await stopped;
  return 0;
}

function portOf(text: string | undefined, otherwise: number): number {
  const port = parsePort(text, otherwise);
  if (!port.ok) throw new CommandFailure(port.error, '`tamc start --help` shows its options.');
  return port.value;
}

async function showExample(network: NetworkFolder, url: string, port: number): Promise<Page> {
  const connected = await connect({ url, identity: network.identity() });
  assert(connected.ok, 'the replica of this process answers');
  const connection = connected.value;
  const canister = await deployExample(connection, network);
  const methods = await readMethods(connection, canister);
  if (!methods.ok) throw new CommandFailure(methods.error, 'Remove the store and start again.');
  const page = await startPage({ port, url, connection, name: example, canister, methods: methods.value });
  network.setRunning({ url, page: page.url, pid: process.pid });
  console.log(renderBanner({ url, page: page.url, canister: principalToText(canister), store: network.store }));
  return page;
}

/** Two processes on one store would each know only half of it. */
function refuseSecond(network: NetworkFolder): void {
  const running = network.running();
  if (running === null) return;
  const next = `Use it as it is, or stop it with Ctrl-C where it runs (process ${running.pid}).`;
  throw new CommandFailure(`It already runs: the replica at ${running.url}, the page at ${running.page}.`, next);
}

async function deployExample(connection: Connection, network: NetworkFolder): Promise<PrincipalHex> {
  const built = await buildCanister(join(findRoot(), 'examples', example));
  if (!built.ok) {
    throw new CommandFailure(built.error.map(renderProblem).join('\n'), 'Correct it and run `npm start` again.');
  }
  const known = network.canisters()[example];
  const kept = known === undefined ? null : parsePrincipal(known);
  const canister = kept ?? (await createCanister(connection));
  if (kept === null) network.setCanister(example, principalToText(canister));
  const deployment = await deploy(connection, canister, built.value);
  if (deployment !== 'unchanged') console.log(`The example canister is ${deployment}.`);
  return canister;
}

interface Banner {
  readonly url: string;
  readonly page: string;
  readonly canister: string;
  readonly store: string;
}

function renderBanner({ url, page, canister, store }: Banner): string {
  return `
  An Internet Computer runs on this machine.

    page      ${page}
    replica   ${url}   (HTTP interface, for any client library)
    counter   ${canister}   (examples/counter/index.ts)
    store     ${store}

  From another terminal:

    npx tamc call counter increment
    npx tamc call counter greet Ana

  Ctrl-C stops it; nothing is lost.
`;
}
