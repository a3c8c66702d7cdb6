// `tamc machine`: the list, one machine in depth, and what its owner does about a stop and about its ledgers.
import { bindMachine, type Ed25519KeyIdentity } from '@tamc/client';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { stopLimits } from '@tamc/protocol/stop';
import { harmless } from '../show/cells.ts';
import { findMachine, machinesNamed } from '../show/find-machine.ts';
import { machineToJson, renderMachine } from '../show/machine.ts';
import { paintFor } from '../show/paint.ts';
import { readMachineFacts } from '../show/read-machine.ts';
import { sizeOf } from '../show/screen.ts';
import { renderMachineList } from '../show/status.ts';
import { statusToJson } from '../show/status-json.ts';
import { readTown, type TownMachine } from '../town/read-town.ts';
import { quoted } from '../world/in-terminal.ts';
import { givenPassphrase } from '../world/passphrase.ts';
import { unsealAsOwner } from './as-owner.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';
import { failureOf, openNetworkToLook, type Watched } from './look.ts';
import { takeTerms } from './take-terms.ts';

export async function run({ positionals: [words, action], values, switches }: Given): Promise<number> {
  const watched = await openNetworkToLook(values.store);
  const isJson = switches.has('json');
  if (words === undefined) return await list(watched, isJson);
  if (action === 'stop') return await stop(watched, words, values.reason, isJson);
  const machine = await chooseMachine(watched, words);
  if (action === undefined) return await showOne(watched, machine, isJson);
  if (action === 'release') return await release(watched, machine, isJson);
  if (action === 'terms') return await takeTerms(watched, machine, isJson);
  const others = 'Write stop, release, terms, or nothing to look.';
  throw new CommandFailure(`"${action}" is nothing that can be done here.`, others);
}

async function readMachines({ places, connection }: Watched): Promise<readonly TownMachine[]> {
  const machines = await readTown(connection(), places.registry);
  if (!machines.ok) throw failureOf(machines.error);
  return machines.value;
}

export async function chooseMachine(watched: Watched, words: string): Promise<TownMachine> {
  const found = findMachine(await readMachines(watched), words);
  if (!found.ok) throw new CommandFailure(`${found.error}.`, '`npx tamc machine` lists them with their ids.');
  return found.value;
}

async function list(watched: Watched, isJson: boolean): Promise<number> {
  const status = await watched.readStatus();
  if (!status.ok) throw failureOf(status.error);
  if (isJson) console.log(JSON.stringify({ machines: statusToJson(status.value).machines }));
  else console.log(renderMachineList(status.value, lookOf()).join('\n'));
  return 0;
}

function lookOf() {
  const { stdout } = process;
  return { columns: sizeOf(stdout).columns, paint: paintFor(stdout.isTTY === true, process.env) };
}

async function showOne({ connection, people }: Watched, { id }: TownMachine, isJson: boolean): Promise<number> {
  const facts = await readMachineFacts(connection(), id);
  if (!facts.ok) throw failureOf(facts.error);
  const look = { ...lookOf(), nowNs: connection().nowNs(), owner: people.owner()?.id ?? null };
  console.log(isJson ? JSON.stringify(machineToJson(facts.value)) : renderMachine(facts.value, look).join('\n'));
  return 0;
}

async function stop(watched: Watched, words: string, reason: string | undefined, isJson: boolean): Promise<number> {
  const { id, name } = await chooseToStop(watched, words, reason);
  if (reason === undefined || reason.trim() === '') {
    throw new CommandFailure('A stop has a reason: who finds the machine wants to know.', stopCommand(watched, id));
  }
  const assistant = await stopAtOnce(watched, id, reason.slice(0, stopLimits.reasonCharsMax));
  const by = assistant === null ? 'by you' : `by the key of the assistant "${assistant}"`;
  const release = watched.inTerminal(`machine ${principalToText(id)} release`);
  const sentence = `${harmless(name)} is stopped, ${by}. \`${release}\` lets it work again.`;
  console.log(isJson ? JSON.stringify({ machine: principalToText(id), stopped: true, assistant }) : sentence);
  return 0;
}

/** To be pasted as it is; without a reason that was given it shows one. */
function stopCommand(watched: Watched, id: PrincipalHex, given = ''): string {
  const reason = harmless(given).trim() || 'water on the floor';
  return watched.inTerminal(`machine ${principalToText(id)} stop --reason ${quoted(reason)}`);
}

/** Somebody else's machine of the same name does not keep yours from being stopped. */
async function chooseToStop(watched: Watched, words: string, reason?: string): Promise<TownMachine> {
  const machines = await readMachines(watched);
  const named = machinesNamed(machines, words);
  const owner = ownerOf(watched);
  const own = named.filter(({ operator }) => operator === owner);
  const [only, ...others] = own.length > 0 ? own : named;
  if (only === undefined) return await chooseMachine(watched, words);
  if (others.length === 0) return only;
  const commands = [only, ...others].slice(0, shownMax).map(({ id }) => stopCommand(watched, id, reason));
  throw new CommandFailure(`"${harmless(words)}" may be ${others.length + 1} machines.`, commands.join('\n    '));
}

const shownMax = 10;

/** A file that is damaged must not keep a machine from being stopped. */
function ownerOf({ people }: Watched): PrincipalHex | null {
  try {
    return people.owner()?.id ?? null;
  } catch {
    return null;
  }
}

/**
 * Whose key it was by: an assistant's name, or null for the owner. A stop waits for no passphrase: the key of any assistant here that has to do with the machine does; else the
 * owner's is opened.
 */
async function stopAtOnce(watched: Watched, id: PrincipalHex, reason: string): Promise<string | null> {
  const given = givenPassphrase();
  const opened = given === null ? null : await watched.people.unsealOwner(given);
  if (opened?.ok === true) return await stopAsOwner(watched, opened.value, id, reason);
  for (const name of watched.people.assistants()) {
    const assistant = watched.people.readAssistant(name);
    if (!assistant.ok) continue;
    const stopped = await bindMachine(await watched.as(assistant.value.identity), id).stop({ reason });
    if (stopped.ok) return name;
    if (stopped.error.code !== 'MayNotStop') throw failureOf(stopped.error);
  }
  return await stopAsOwner(watched, await unsealAsOwner(watched.people), id, reason);
}

async function stopAsOwner(
  watched: Watched,
  owner: Ed25519KeyIdentity,
  id: PrincipalHex,
  reason: string,
): Promise<null> {
  const stopped = await bindMachine(await watched.as(owner), id).stop({ reason });
  if (!stopped.ok) throw failureOf(stopped.error);
  return null;
}

async function release(watched: Watched, { id, name }: TownMachine, isJson: boolean): Promise<number> {
  const known = await bindMachine(watched.connection(), id).stopped();
  if (!known.ok) throw failureOf(known.error);
  const [stop] = known.value;
  const tell = (sentence: string, released: boolean) =>
    console.log(isJson ? JSON.stringify({ machine: principalToText(id), stopped: false, released }) : sentence);
  if (stop === undefined) {
    tell(`${harmless(name)} is not stopped.`, false);
    return 0;
  }
  console.error(`${harmless(name)} was stopped by ${stop.by.toText()}: "${harmless(stop.reason)}"`);
  const released = await bindMachine(await asOwner(watched), id).release_stop_of({ since_ns: stop.since_ns });
  if (!released.ok) throw failureOf(released.error);
  tell(`${harmless(name)} is released and works again.`, true);
  return 0;
}

async function asOwner(watched: Watched) {
  return await watched.as(await unsealAsOwner(watched.people));
}
