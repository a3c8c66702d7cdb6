// `tamc owner`: whose world this is. Makes the owner where there is none, changes the passphrase, lets an assistant in: all of it by
// whoever sits at a terminal.
import { resolve } from 'node:path';
import type { Ed25519KeyIdentity } from '@tamc/client';
import { accountOf } from '@tamc/protocol/account';
import { type PrincipalHex, principalToHex, principalToText } from '@tamc/protocol/principal';
import { defaultNetworkPath, type NetworkFolder, openNetworkFolder } from '../deploy/network-folder.ts';
import { admitAssistant } from '../world/admit.ts';
import { attach } from '../world/attach.ts';
import { giveOnce } from '../world/gifts.ts';
import { inTerminalOf } from '../world/in-terminal.ts';
import { welcome } from '../world/open-world.ts';
import { canAsk, createPassphrase, givenPassphrase } from '../world/passphrase.ts';
import { type Assistant, defaultAssistant, isAssistantName, openPeople, type People } from '../world/people.ts';
import { readPlaces } from '../world/places.ts';
import { unsealAsOwner } from './as-owner.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';

interface Here {
  readonly folder: NetworkFolder;
  readonly people: People;
}

export async function run({ values, switches }: Given): Promise<number> {
  const folder = openNetworkFolder(values.store === undefined ? defaultNetworkPath() : resolve(values.store));
  const here = { folder, people: openPeople(folder.path) };
  if (values.admit !== undefined && !isAssistantName(values.admit)) {
    throw new CommandFailure(`"${values.admit}" is no name of an assistant.`, 'Use 1 to 32 of a-z, 0-9 and hyphens.');
  }
  if (switches.has('json') && values.admit === undefined && !switches.has('new-passphrase')) return showJson(here);
  const made = here.people.owner() === null ? await makeOwner(here) : null;
  if (switches.has('new-passphrase') && made === null) await renewPassphrase(here);
  if (values.admit !== undefined) await admit(here, values.admit, made ?? (await unsealAsOwner(here.people)));
  if (switches.has('json')) return showJson(here);
  show(here);
  return 0;
}

async function makeOwner(here: Here): Promise<Ed25519KeyIdentity> {
  const given = givenPassphrase();
  if (given === null && !canAsk()) {
    const next = 'Run `npx tamc owner` in your own terminal: it shows a passphrase that only you should see.';
    throw new CommandFailure('This world has no owner yet.', next);
  }
  const passphrase = given ?? createPassphrase();
  const made = await here.people.createOwner(passphrase);
  console.log('You are the owner of this world now.');
  if (given === null) showPassphrase(passphrase);
  if (here.folder.running() !== null) await admit(here, defaultAssistant, made);
  else {
    const next = inTerminalOf(here.folder.path)(`owner --admit ${defaultAssistant}`);
    console.log(`When the network runs, let your assistant in: ${next}`);
  }
  return made;
}

function showPassphrase(passphrase: string): void {
  console.log(`Your passphrase, shown this once. With it you approve what an assistant may not decide; note it now:
  ${passphrase}`);
}

async function renewPassphrase(here: Here): Promise<void> {
  if (!canAsk()) throw new CommandFailure('Nobody could see a new passphrase.', 'Run it in your own terminal.');
  const owner = await unsealAsOwner(here.people);
  const passphrase = createPassphrase();
  await here.people.resealOwner(owner, passphrase);
  showPassphrase(passphrase);
}

async function admit({ folder, people }: Here, name: string, owner: Ed25519KeyIdentity): Promise<void> {
  const connection = expectOk(await attach(folder, owner));
  const keeper = expectOk(await attach(folder, folder.identity()));
  const places = readPlaces(folder);
  if (!places.ok) throw new CommandFailure('Nobody can be let in yet.', places.error);
  const assistant = people.assistant(name);
  const id = idOf(assistant);
  expectOk(await admitAssistant(connection, places.value, id, name, connection.nowNs()));
  for (const [to, amount] of [
    [connection.self, welcome.owner],
    [id, welcome.assistant],
  ] as const) {
    const gift = { key: to, isWelcome: true, to: accountOf(to), amount };
    expectOk(await giveOnce(folder.path, keeper, places.value.ledger, gift));
  }
  console.log(`The assistant "${name}" may act on machines that it brings to life for you: up to 20 simUSD a day,
asking you above 5, for a year. Connect it with: ${inTerminalOf(folder.path)(`mcp${name === defaultAssistant ? '' : ` --as ${name}`}`)}`);
}

function expectOk<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: { message: string; nextStep: string } },
): T {
  if (!result.ok) throw new CommandFailure(result.error.message, result.error.nextStep);
  return result.value;
}

const idOf = ({ identity }: Assistant): PrincipalHex => principalToHex(identity.getPrincipal());

function facts({ people }: Here) {
  const owner = people.owner();
  const assistants = people.assistants().map((name) => {
    const assistant = people.readAssistant(name);
    return { name, id: assistant.ok ? principalToText(idOf(assistant.value)) : null };
  });
  return { owner: owner === null ? null : principalToText(owner.id), assistants };
}

function showJson(here: Here): number {
  console.log(JSON.stringify(facts(here)));
  return 0;
}

function show(here: Here): void {
  const { owner, assistants } = facts(here);
  console.log(`owner      ${owner}`);
  for (const { name, id } of assistants) console.log(`assistant  ${id ?? 'its file is damaged'}  (${name})`);
}
