// Which machine of the network the words of a command mean.
import { findMachine } from '../show/find-machine.ts';
import { readTown, type TownMachine } from '../town/read-town.ts';
import { CommandFailure } from './failure.ts';
import { failureOf, type Watched } from './look.ts';

async function readMachines({ places, connection }: Watched): Promise<readonly TownMachine[]> {
  const machines = await readTown(connection(), places.registry);
  if (!machines.ok) throw failureOf(machines.error);
  return machines.value;
}

export async function chooseMachine(watched: Watched, words: string): Promise<TownMachine> {
  return machineMeant(await readMachines(watched), words);
}

export function machineMeant<M extends Pick<TownMachine, 'id' | 'name'>>(machines: readonly M[], words: string): M {
  const found = findMachine(machines, words);
  if (!found.ok) throw new CommandFailure(`${found.error}.`, '`npx tamc machine` lists them with their ids.');
  return found.value;
}
