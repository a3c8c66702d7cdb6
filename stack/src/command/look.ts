// Shell: the running network as commands of people see it: found by its folder, asked with a key that is made for the look alone.
import { resolve } from 'node:path';
import { ok, type Result, refuse } from '@tamc/base/result';
import { type CallError, type Connection, createIdentity, type Ed25519KeyIdentity } from '@tamc/client';
import { defaultNetworkPath, type NetworkFolder, openNetworkFolder } from '../deploy/network-folder.ts';
import { readStatus } from '../show/read-status.ts';
import type { Status } from '../show/status.ts';
import { attach, notRunning } from '../world/attach.ts';
import { inTerminalOf } from '../world/in-terminal.ts';
import { openPeople, type People } from '../world/people.ts';
import { type Places, readPlaces } from '../world/places.ts';
import { CommandFailure } from './failure.ts';

export interface Watched {
  readonly path: string;
  readonly folder: NetworkFolder;
  readonly people: People;
  readonly places: Places;
  connection(): Connection;
  /** What a person types for this network, from the words after `npx tamc`. */
  inTerminal(words: string): string;
  readStatus(): Promise<Result<Status, CallError>>;
  /** The same network, called as somebody. */
  as(identity: Ed25519KeyIdentity): Promise<Connection>;
}

export async function openNetworkToLook(store: string | undefined): Promise<Watched> {
  const path = store === undefined ? defaultNetworkPath() : resolve(store);
  const folder = openNetworkFolder(path);
  const looker = createIdentity();
  let connection = await attachOrFail(folder, looker);
  const places = readPlaces(folder);
  if (!places.ok) throw new CommandFailure(places.error, 'If it is starting just now, try again in a moment.');
  const people = openPeople(path);
  return {
    path,
    folder,
    people,
    places: places.value,
    connection: () => connection,
    inTerminal: inTerminalOf(path),
    as: (identity) => attachOrFail(folder, identity),
    readStatus: async () => {
      const network = folder.running();
      if (network === null) return refuse(problemToCallError(notRunning));
      if (new URL(network.url).host !== new URL(connection.url).host) {
        // It was started again, at another port.
        const again = await attach(folder, looker);
        if (!again.ok) return refuse(problemToCallError(again.error));
        connection = again.value;
      }
      const owner = people.owner()?.id ?? null;
      const facts = await readStatus(connection, places.value.registry, owner);
      return facts.ok ? ok({ ...facts.value, network, owner, nowNs: connection.nowNs() }) : facts;
    },
  };
}

async function attachOrFail(folder: NetworkFolder, identity: Ed25519KeyIdentity): Promise<Connection> {
  const attached = await attach(folder, identity);
  if (attached.ok) return attached.value;
  const { message, nextStep } = attached.error;
  throw new CommandFailure(`${message[0]!.toUpperCase()}${message.slice(1)}.`, nextStep);
}

function problemToCallError(problem: typeof notRunning): CallError {
  return { ...problem, kind: 'unreachable', rejectCode: null };
}

export function failureOf({ message, nextStep }: CallError): CommandFailure {
  return new CommandFailure(message, nextStep);
}
