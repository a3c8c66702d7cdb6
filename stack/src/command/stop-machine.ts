// `tamc machine X stop`: the stop is sent before anything is asked that it does not need. Who gives an id waits for no answer but the
// machine's; who gives a name, for the registry's list and no machine's.
import { bindMachine, type Ed25519KeyIdentity } from '@tamc/client';
import { type PrincipalHex, parsePrincipal, principalToHex, principalToText } from '@tamc/protocol/principal';
import { stopLimits } from '@tamc/protocol/stop';
import { harmless } from '../show/cells.ts';
import { machinesNamed } from '../show/find-machine.ts';
import { readRegistry } from '../town/read-town.ts';
import { quoted } from '../world/in-terminal.ts';
import { givenPassphrase } from '../world/passphrase.ts';
import { unsealAsOwner } from './as-owner.ts';
import { machineMeant } from './choose-machine.ts';
import { CommandFailure } from './failure.ts';
import { failureOf, type Watched } from './look.ts';

export async function stopMachine(
  watched: Watched,
  words: string,
  reason: string | undefined,
  isJson: boolean,
): Promise<number> {
  const { id, name } = await chooseToStop(watched, words, reason);
  const assistant = await stopAtOnce(watched, id, reasonOf(reason).slice(0, stopLimits.reasonCharsMax));
  const by = assistant === null ? 'by you' : `by the key of the assistant "${assistant}"`;
  const release = watched.inTerminal(`machine ${principalToText(id)} release`);
  const sentence = `${harmless(name)} is stopped, ${by}. \`${release}\` lets it work again.`;
  console.log(isJson ? JSON.stringify({ machine: principalToText(id), stopped: true, assistant }) : sentence);
  return 0;
}

/** Who is in a hurry gives none; who finds the machine reads at least where the stop came from. */
function reasonOf(given = ''): string {
  return given.trim() === '' ? 'from the terminal' : given;
}

/** To be pasted as it is. */
function stopCommand(watched: Watched, id: PrincipalHex, given = ''): string {
  const reason = harmless(given).trim();
  const words = `machine ${principalToText(id)} stop`;
  return watched.inTerminal(reason === '' ? words : `${words} --reason ${quoted(reason)}`);
}

interface Meant {
  readonly id: PrincipalHex;
  readonly name: string;
}

/** Somebody else's machine of the same name does not keep yours from being stopped. */
async function chooseToStop(watched: Watched, words: string, reason?: string): Promise<Meant> {
  // A whole id has its sum in it: no slip of the finger makes another one. What is no machine refuses by itself.
  const id = parsePrincipal(words.trim().toLowerCase());
  if (id !== null) return { id, name: principalToText(id) };
  const machines = await readRegistered(watched);
  const named = machinesNamed(machines, words);
  const owner = ownerOf(watched);
  const own = named.filter(({ operator }) => operator === owner);
  const [only, ...others] = own.length > 0 ? own : named;
  if (only === undefined) return machineMeant(machines, words);
  if (others.length === 0) return only;
  const commands = [only, ...others].slice(0, shownMax).map(({ id }) => stopCommand(watched, id, reason));
  throw new CommandFailure(`"${harmless(words)}" may be ${others.length + 1} machines.`, commands.join('\n    '));
}

const shownMax = 10;

async function readRegistered({
  places,
  connection,
}: Watched): Promise<readonly (Meant & { operator: PrincipalHex })[]> {
  const registered = await readRegistry(connection(), places.registry);
  if (!registered.ok) throw failureOf(registered.error);
  return registered.value.map(({ canister, operator, model }) => ({
    id: principalToHex(canister),
    operator: principalToHex(operator),
    name: model,
  }));
}

/** A file that is damaged must not keep a machine from being stopped. */
function ownerOf({ people }: Watched): PrincipalHex | null {
  try {
    return people.owner()?.id ?? null;
  } catch {
    return null;
  }
}

/**
 * Whose key it was by: an assistant's name, or null for the owner. A stop waits for no passphrase: the key of any assistant here that
 * has to do with the machine does; else the owner's is opened.
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
