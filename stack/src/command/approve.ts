// `tamc approve`: what waits for the owner, one after the other or one by name, decided with the owner's key.
import { principalToText } from '@tamc/protocol/principal';
import { type Decided, type Decision, decide } from '../approve/decide.ts';
import { readWaiting, type Waiting } from '../approve/waiting.ts';
import { paintFor } from '../show/paint.ts';
import { type RequestLook, renderRequestCard, renderRequestList } from '../show/request.ts';
import { sizeOf } from '../show/screen.ts';
import { waitingToJson } from '../show/status-json.ts';
import { readTown } from '../town/read-town.ts';
import { unsealAsOwner } from './as-owner.ts';
import { readKey } from './ask-key.ts';
import { chooseMachine } from './choose-machine.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';
import { failureOf, openNetworkToLook, type Watched } from './look.ts';

export async function run({ positionals: [machine, request], values, switches }: Given): Promise<number> {
  const watched = await openNetworkToLook(values.store);
  const isJson = switches.has('json');
  if (machine !== undefined && request !== undefined) {
    const one = await chooseRequest(watched, machine, request);
    return await decideOne(watched, one, switches.has('decline') ? 'decline' : 'approve', isJson);
  }
  const waiting = await readAll(watched, machine);
  if (isJson) console.log(JSON.stringify({ waiting: waiting.map(waitingToJson) }));
  else if (waiting.length > 0 && process.stdin.isTTY && process.stdout.isTTY) await walk(watched, waiting);
  else console.log(renderRequestList(waiting, lookOf(watched)).join('\n'));
  return 0;
}

function lookOf({ connection, inTerminal }: Watched): RequestLook {
  const { stdout } = process;
  const paint = paintFor(stdout.isTTY === true, process.env);
  return { columns: sizeOf(stdout).columns, paint, nowNs: connection().nowNs(), inTerminal };
}

async function readAll(watched: Watched, machine: string | undefined): Promise<readonly Waiting[]> {
  const { people, places, connection } = watched;
  const owner = people.owner();
  if (owner === null) throw new CommandFailure('There is no owner here yet.', 'Run `npx tamc owner`.');
  const chosen = machine === undefined ? null : await chooseMachine(watched, machine);
  const machines = await readTown(connection(), places.registry);
  if (!machines.ok) throw failureOf(machines.error);
  const own = machines.value.filter(
    ({ id, operator }) => operator === owner.id && (chosen === null || chosen.id === id),
  );
  const waiting = await readWaiting(connection(), own);
  if (!waiting.ok) throw failureOf(waiting.error);
  return waiting.value;
}

async function chooseRequest(watched: Watched, words: string, number: string): Promise<Waiting> {
  const machine = await chooseMachine(watched, words);
  const waiting = await readWaiting(watched.connection(), [machine]);
  if (!waiting.ok) throw failureOf(waiting.error);
  const one = waiting.value.find(({ request }) => String(request) === number);
  if (one !== undefined) return one;
  const id = principalToText(machine.id);
  throw new CommandFailure(`No request ${number} waits there.`, `\`npx tamc approve ${id}\` shows those that do.`);
}

/** What was wanted by name is shown whole before the passphrase is asked for. */
async function decideOne(watched: Watched, one: Waiting, decision: Decision, isJson: boolean): Promise<number> {
  console.error(renderRequestCard(one, lookOf(watched)).join('\n'));
  if (one.problem !== null && decision === 'approve') {
    throw new CommandFailure(
      'It was not approved.',
      'Decline it with --decline, and find out what runs on that machine.',
    );
  }
  const owner = await watched.as(await unsealAsOwner(watched.people));
  const decided = await decide(owner, one, decision);
  if (!decided.ok) throw failureOf(decided.error);
  console.log(isJson ? JSON.stringify(decided.value) : decided.value.text);
  return isDone(decided.value) ? 0 : 1;
}

const isDone = ({ outcome }: Decided) => outcome !== 'refused' && outcome !== 'open';

/** The key is opened at the first decision, for this walk alone. */
async function walk(watched: Watched, waiting: readonly Waiting[]): Promise<void> {
  let owner: Awaited<ReturnType<Watched['as']>> | null = null;
  for (const [i, one] of waiting.entries()) {
    console.log(`\n${renderRequestCard(one, lookOf(watched)).join('\n')}\n`);
    const choices = one.problem === null ? 'a approve · d decline · s skip · q quit' : 'd decline · s skip · q quit';
    const key = await readKey(`${i + 1} of ${waiting.length}: ${choices} ? `, one.problem === null ? 'adsq' : 'dsq');
    if (key === 'q') return;
    if (key === 's') continue;
    owner ??= await watched.as(await unsealAsOwner(watched.people));
    const decided = await decide(owner, one, key === 'a' ? 'approve' : 'decline');
    console.log(decided.ok ? decided.value.text : `Not done: ${decided.error.message}\n  → ${decided.error.nextStep}`);
  }
  console.log('\nThat was all.');
}
