// `tamc machine`: the list, one machine in depth, and what its owner does about a stop.
import { bindMachine } from '@tamc/client';
import { principalToText } from '@tamc/protocol/principal';
import { stopLimits } from '@tamc/protocol/stop';
import { harmless } from '../show/cells.ts';
import { findMachine } from '../show/find-machine.ts';
import { machineToJson, renderMachine } from '../show/machine.ts';
import { paintFor } from '../show/paint.ts';
import { readMachineFacts } from '../show/read-machine.ts';
import { renderMachineList } from '../show/status.ts';
import { statusToJson } from '../show/status-json.ts';
import { readTown, type TownMachine } from '../town/read-town.ts';
import { unsealAsOwner } from './as-owner.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';
import { clockNs, failureOf, openNetworkToLook, type Watched } from './look.ts';

const defaultColumns = 80;

export async function run({ positionals: [words, action], values, switches }: Given): Promise<number> {
  const watched = await openNetworkToLook(values.store);
  const isJson = switches.has('json');
  if (words === undefined) return await list(watched, isJson);
  const machine = await chooseMachine(watched, words);
  if (action === undefined) return await showOne(watched, machine, isJson);
  if (action === 'stop') return await stop(watched, machine, values.reason);
  if (action === 'release') return await release(watched, machine);
  throw new CommandFailure(`"${action}" is nothing that can be done here.`, 'Write stop, release, or nothing to look.');
}

export async function chooseMachine({ places, connection }: Watched, words: string): Promise<TownMachine> {
  const machines = await readTown(connection(), places.registry);
  if (!machines.ok) throw failureOf(machines.error);
  const found = findMachine(machines.value, words);
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
  const { columns, isTTY } = process.stdout;
  return { columns: columns ?? defaultColumns, paint: paintFor(isTTY === true, process.env) };
}

async function showOne({ connection, people }: Watched, { id }: TownMachine, isJson: boolean): Promise<number> {
  const facts = await readMachineFacts(connection(), id);
  if (!facts.ok) throw failureOf(facts.error);
  const look = { ...lookOf(), nowNs: clockNs(), owner: people.owner()?.id ?? null };
  console.log(isJson ? JSON.stringify(machineToJson(facts.value)) : renderMachine(facts.value, look).join('\n'));
  return 0;
}

async function stop(watched: Watched, { id, name }: TownMachine, reason: string | undefined): Promise<number> {
  if (reason === undefined || reason.trim() === '') {
    const next = `tamc machine ${principalToText(id)} stop --reason "water on the floor"`;
    throw new CommandFailure('A stop has a reason: who finds the machine wants to know.', next);
  }
  const machine = bindMachine(await asOwner(watched), id);
  const stopped = await machine.stop({ reason: reason.slice(0, stopLimits.reasonCharsMax) });
  if (!stopped.ok) throw failureOf(stopped.error);
  console.log(`${harmless(name)} is stopped. \`npx tamc machine ${principalToText(id)} release\` lets it work again.`);
  return 0;
}

async function release(watched: Watched, { id, name }: TownMachine): Promise<number> {
  const known = await bindMachine(watched.connection(), id).stopped();
  if (!known.ok) throw failureOf(known.error);
  const [stop] = known.value;
  if (stop === undefined) {
    console.log(`${harmless(name)} is not stopped.`);
    return 0;
  }
  console.error(`${harmless(name)} was stopped by ${stop.by.toText()}: "${harmless(stop.reason)}"`);
  const released = await bindMachine(await asOwner(watched), id).release_stop();
  if (!released.ok) throw failureOf(released.error);
  console.log(`${harmless(name)} is released and works again.`);
  return 0;
}

async function asOwner(watched: Watched) {
  return await watched.as(await unsealAsOwner(watched.people));
}
