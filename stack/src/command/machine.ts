// `tamc machine`: the list, one machine in depth, and what its owner does about a stop and about its ledgers.
import { bindMachine } from '@tamc/client';
import { principalToText } from '@tamc/protocol/principal';
import { harmless } from '../show/cells.ts';
import { machineToJson, renderMachine } from '../show/machine.ts';
import { paintFor } from '../show/paint.ts';
import { readMachineFacts } from '../show/read-machine.ts';
import { sizeOf } from '../show/screen.ts';
import { renderMachineList } from '../show/status.ts';
import { statusToJson } from '../show/status-json.ts';
import type { TownMachine } from '../town/read-town.ts';
import { unsealAsOwner } from './as-owner.ts';
import { chooseMachine } from './choose-machine.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';
import { failureOf, openNetworkToLook, type Watched } from './look.ts';
import { stopMachine } from './stop-machine.ts';
import { takeTerms } from './take-terms.ts';

export async function run({ positionals: [words, action], values, switches }: Given): Promise<number> {
  const watched = await openNetworkToLook(values.store);
  const isJson = switches.has('json');
  if (words === undefined) return await list(watched, isJson);
  if (action === 'stop') return await stopMachine(watched, words, values.reason, isJson);
  const machine = await chooseMachine(watched, words);
  if (action === undefined) return await showOne(watched, machine, isJson);
  if (action === 'release') return await release(watched, machine, isJson);
  if (action === 'terms') return await takeTerms(watched, machine, isJson);
  const others = 'Write stop, release, terms, or nothing to look.';
  throw new CommandFailure(`"${action}" is nothing that can be done here.`, others);
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
