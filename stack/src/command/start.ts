// `tamc start`, behind `npm start`: the whole world on a store that is kept, until Ctrl-C: network, canisters, page, assistants' door,
// and a simulated town that lives beside them.
import { resolve } from 'node:path';
import { defaultNetworkPath, type NetworkFolder, openNetworkFolder } from '../deploy/network-folder.ts';
import { startInBackground } from '../world/background.ts';
import { createClosers, Ended } from '../world/closers.ts';
import { roomProblem } from '../world/disk-room.ts';
import { textFor } from '../world/in-terminal.ts';
import { type OpenWorld, openWorld } from '../world/open-world.ts';
import { canAsk, givenPassphrase } from '../world/passphrase.ts';
import { defaultAssistant, openPeople } from '../world/people.ts';
import type { WantedPort } from '../world/ports.ts';
import { createProgress } from '../world/progress.ts';
import { liveInTown, type TownLife } from '../world/town-life.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';
import { parsePort } from './parse-arguments.ts';
import { renderBanner } from './start-banner.ts';
import { startToJson } from './start-json.ts';
import { createFailed, untilStopped } from './until-stopped.ts';

const defaultPorts = { port: 4943, 'page-port': 4944, 'mcp-port': 4945 } as const;
type PortName = keyof typeof defaultPorts;

export async function run(given: Given): Promise<number> {
  const { values, switches } = given;
  const [replica, page, mcp] = (['port', 'page-port', 'mcp-port'] as const).map((name) => readPort(given, name));
  const folder = openNetworkFolder(values.store === undefined ? defaultNetworkPath() : resolve(values.store));
  await refuseSecond(folder);
  if (switches.has('background')) return await runInBackground(folder, given);
  const say = sayFor(given);
  const full = roomProblem(folder.path);
  if (full !== null) throw new CommandFailure(full.message, 'Free some space, then start again.');
  const closers = createClosers();
  const { failed, fail } = createFailed();
  const stopped = untilStopped(async (isAsked) => {
    if (isAsked) say('\nStopping …');
    await closers.closeAll();
    if (isAsked) say(textFor(values.store, 'Stopped. Everything is kept; `npm start` goes on from here.'));
  }, failed);
  const settings = {
    folder,
    ports: { replica: replica!, page: page!, mcp: mcp! },
    makesOwner: !switches.has('no-owner') && (isSomebodyThere(given) || givenPassphrase() !== null),
    progress: createProgress(say),
    closers,
    onNetworkFailure: fail,
  };
  folder.setStarting(true);
  try {
    await closers.add(async () => folder.setRunning(null));
    const world = await openWorld(settings);
    folder.setRunning(world.running);
    tell(world, folder, given);
    if (!switches.has('no-town')) await settle(world, folder, given, closers.add);
  } catch (error) {
    // What fails because the end came is its consequence.
    if (!closers.isClosing() && !(error instanceof Ended)) {
      await closers.closeAll();
      throw error;
    }
  } finally {
    folder.setStarting(false);
  }
  await stopped;
  return 0;
}

/** With `--json` standard output has one line, for a program. */
const sayFor = ({ switches }: Given) => (switches.has('json') ? console.error : console.log);

/** A passphrase that a program reads has been noted by nobody. */
const isSomebodyThere = ({ switches }: Given) => canAsk() && !switches.has('json');

function tell({ running, people, passphrase }: OpenWorld, folder: NetworkFolder, { switches }: Given): void {
  if (switches.has('json')) {
    console.log(JSON.stringify(startToJson(running, folder, people)));
    return;
  }
  console.log(
    renderBanner({
      ...running,
      folderPath: folder.path,
      isDefaultFolder: folder.path === defaultNetworkPath(),
      tokenPath: people.assistantPath(defaultAssistant),
      town: switches.has('no-town') ? 'none (--no-town)' : '15 machines and 6 customers, all simulated; moving in …',
      passphrase,
      hasOwner: people.owner() !== null,
    }),
  );
}

async function settle(
  { places, connectAs }: OpenWorld,
  folder: NetworkFolder,
  given: Given,
  add: (close: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const connection = await connectAs(folder.identity());
  const town = liveInTown({ folderPath: folder.path, connection, places, minter: folder.identity() });
  await add(town.end);
  void sayWhenSettled(town, textFor(given.values.store, '`npx tamc status` shows it'), sayFor(given));
}

async function sayWhenSettled({ settled, isEnding }: TownLife, look: string, say: (text: string) => void) {
  const startedMs = performance.now();
  const problem = await settled;
  if (isEnding()) return;
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  if (problem === null) say(`  The town is in (${seconds} s); ${look}.`);
  else say(`  The town waits: ${problem.replace(/\.$/, '')}. It tries again; town.jsonl in the folder tells more.`);
}

function readPort({ values }: Given, name: PortName): WantedPort {
  const parsed = parsePort(values[name], defaultPorts[name]);
  if (!parsed.ok) throw new CommandFailure(parsed.error, '`tamc start --help` shows its options.');
  return { port: parsed.value, isChosen: values[name] !== undefined, option: `--${name}` };
}

/** Two processes on one store would each know only half of it. */
async function refuseSecond(folder: NetworkFolder): Promise<void> {
  const running = folder.running();
  if (running === null || !(await isAnswering(running.url))) return;
  const next = `Use it as it is, or stop it with Ctrl-C where it runs, or with \`npx tamc stop\` (process ${running.pid}).`;
  throw new CommandFailure(`It already runs: the replica at ${running.url}, the page at ${running.page}.`, next);
}

/** A file that was left by a process which was killed names a number that another program may have by now. */
async function isAnswering(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/api/v2/status`, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}

/** Longer than a first start on a slow computer. */
const backgroundTimeoutMs = 600_000;

async function runInBackground(folder: NetworkFolder, given: Given): Promise<number> {
  const { values, switches } = given;
  const ports = Object.keys(defaultPorts).flatMap((name) =>
    values[name] === undefined ? [] : [`--${name}`, values[name]],
  );
  const words = [...ports, ...(switches.has('no-town') ? ['--no-town'] : [])];
  const started = await startInBackground(folder, { say: sayFor(given), timeoutMs: backgroundTimeoutMs, words });
  if (!started.ok) throw new CommandFailure(started.error.message, started.error.nextStep);
  if (switches.has('json')) {
    console.log(JSON.stringify(startToJson(started.value, folder, openPeople(folder.path))));
    return 0;
  }
  const { url, page, mcp, pid } = started.value;
  console.log(`It runs in the background (process ${pid}): page ${page}, network ${url}, MCP ${mcp}.`);
  console.log(textFor(values.store, '`npx tamc status` shows it, `npx tamc stop` ends it.'));
  return 0;
}
