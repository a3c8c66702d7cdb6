// Whether an id is that of a machine: the registry knows, and is asked once for each. A stranger's canister could have the same
// methods, and an id may come from a text of a stranger.
import type { Connection } from '@tamc/client';
import { bindRegistry } from '@tamc/client/registry';
import { hexToPrincipal, type PrincipalHex, parsePrincipal } from '@tamc/protocol/principal';
import { toProblem } from './found.ts';
import type { Problem } from './tool.ts';
import type { Access } from './world.ts';

/** As many as a registry has machines at most; each some 60 characters. */
const knownMax = 100_000;
/** A machine stays one, so what was found once holds as long as the connection to this network. */
const knownOn = new WeakMap<Connection, Set<PrincipalHex>>();

/** Null for what is no id at all: the tool says so itself. */
export async function machineProblem({ connection, registry }: Access, text: string): Promise<Problem | null> {
  const id = parsePrincipal(text.trim());
  const known = knownOn.get(connection) ?? new Set();
  if (id === null || known.has(id)) return null;
  const found = await bindRegistry(connection, registry).machine(hexToPrincipal(id));
  if (!found.ok) return toProblem(found.error);
  if (found.value.length === 0) return unknownMachine;
  if (known.size < knownMax) knownOn.set(connection, known.add(id));
  return null;
}

export const unknownMachine: Problem = {
  code: 'MachineUnknown',
  message:
    'this id is of no machine that the registry of this network knows, whatever the canister behind it says of itself',
  nextStep: 'Take the id from `machines`.',
};
