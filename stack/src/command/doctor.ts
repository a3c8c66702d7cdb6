// `tamc doctor`: looks at everything that has to be right, from Node to the town, and says of each what to do. It mends nothing itself.
import { existsSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { readLockOwner } from '@tamc/replica';
import { defaultNetworkPath, type NetworkFolder, openNetworkFolder } from '../deploy/network-folder.ts';
import { type Check, fine, renderChecks, warning } from '../doctor/check.ts';
import { checkBundle, checkDisk, checkKeys, checkMemory, checkNode, checkPackages } from '../doctor/checkout.ts';
import {
  checkAssistants,
  checkClock,
  checkMcp,
  checkOwner,
  checkPorts,
  checkReplica,
  checkStore,
  checkTown,
  keyFilesOf,
} from '../doctor/network.ts';
import { findRoot } from '../root.ts';
import { paintFor } from '../show/paint.ts';
import { claudeCommand, textFor } from '../world/in-terminal.ts';
import { defaultAssistant, openPeople, type People } from '../world/people.ts';
import type { Given } from './commands.ts';

const usualPorts = [4943, 4944, 4945];

export async function run({ values, switches }: Given): Promise<number> {
  const folder = openNetworkFolder(values.store === undefined ? defaultNetworkPath() : resolve(values.store));
  const found = [...checkComputer(folder), ...(await checkNetwork(folder)), checkClaude(folder)];
  const checks = found.map((check) => ({
    ...check,
    next: check.next === null ? null : textFor(values.store, check.next),
  }));
  const isWrong = checks.some(({ state }) => state === 'wrong');
  if (switches.has('json')) console.log(JSON.stringify({ isWell: !isWrong, checks }));
  else console.log(renderChecks(checks, paintFor(process.stdout.isTTY === true, process.env)).join('\n'));
  return isWrong ? 1 : 0;
}

function checkComputer(folder: NetworkFolder): readonly Check[] {
  const root = findRoot();
  const { bavail, bsize } = statfsSync(existing(folder.path));
  return [
    checkNode(process.versions.node),
    checkPackages(root),
    checkBundle(root),
    checkDisk(bavail * bsize, folder.path),
    checkMemory(freemem()),
    checkKeys(keyFilesOf(folder)),
  ];
}

/** The nearest folder that is there: on the same disk as what will be in it. */
function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
}

async function checkNetwork(folder: NetworkFolder): Promise<readonly Check[]> {
  const running = folder.running();
  const people = openPeople(folder.path);
  const owner = existsSync(folder.store) ? readLockOwner(folder.store) : null;
  const store = checkStore(owner?.process.pid ?? null, running, folder.isStarting());
  const ports = await checkPorts(usualPorts, running);
  const whose = [checkOwner(people), ...checkAssistants(people)];
  if (running === null) {
    const network = folder.isStarting()
      ? fine('network', 'It is starting.')
      : warning('network', 'No network runs here.', 'Start it: `npm start`, or `npx tamc start --background`.');
    return [ports, store, ...whose, network];
  }
  const answers = [
    checkReplica(running),
    checkClock(running, () => BigInt(Date.now()) * 1_000_000n),
    checkMcp(running, tokenOf(people)),
  ];
  return [ports, store, ...whose, ...(await Promise.all(answers)), checkTown(folder.path, Date.now())];
}

/** Looked at, never made. */
function tokenOf(people: People): string | null {
  if (!people.assistants().includes(defaultAssistant)) return null;
  const assistant = people.readAssistant(defaultAssistant);
  return assistant.ok ? assistant.value.token : null;
}

/** A host is not needed to run anything here. */
function checkClaude({ path }: NetworkFolder): Check {
  const isThere = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'claude')));
  const next = claudeCommand(path);
  const text = isThere
    ? 'Claude Code is here; it knows the machines after:'
    : 'No Claude Code here; with it, or alike in another host:';
  return { name: 'assistant', state: 'ok', text, next };
}
