// `tamc owner`: whose world this is. Makes the owner where there is none, changes the passphrase, lets an assistant in: all of it by
// whoever sits at a terminal.
import { resolve } from 'node:path';
import type { Ed25519KeyIdentity } from '@tamc/client';
import { type Mode, narrowMode } from '@tamc/mcp-server';
import { accountOf } from '@tamc/protocol/account';
import { type PrincipalHex, principalToHex, principalToText } from '@tamc/protocol/principal';
import { defaultNetworkPath, type NetworkFolder, openNetworkFolder } from '../deploy/network-folder.ts';
import { admitAssistant, dismissAssistant } from '../world/admit.ts';
import { attach } from '../world/attach.ts';
import { giveOnce } from '../world/gifts.ts';
import { inTerminalOf } from '../world/in-terminal.ts';
import { defaultMode, type ModeFlags, modeToFile, modeToText } from '../world/mode.ts';
import { welcome } from '../world/open-world.ts';
import { canAsk, createPassphrase, givenPassphrase } from '../world/passphrase.ts';
import { type Assistant, defaultAssistant, isAssistantName, openPeople, type People } from '../world/people.ts';
import { readPlaces } from '../world/places.ts';
import { unsealAsOwner } from './as-owner.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';
import { modeFlags } from './mode-flags.ts';

interface Here {
  readonly folder: NetworkFolder;
  readonly people: People;
  /** To the person; beside what a program reads. */
  say(text: string): void;
}

interface Admission {
  readonly name: string;
  /** Null: what stands in its file stays. */
  readonly flags: ModeFlags | null;
}

export async function run({ values, switches }: Given): Promise<number> {
  const admission = parseAdmission(values, switches);
  const folder = openNetworkFolder(values.store === undefined ? defaultNetworkPath() : resolve(values.store));
  const isJson = switches.has('json');
  const here = { folder, people: openPeople(folder.path), say: isJson ? console.error : console.log };
  const isToLook = admission === null && !switches.has('new-passphrase');
  // Who gives a passphrase where there is no owner becomes the owner, in JSON as in words.
  if (isJson && isToLook && (here.people.owner() !== null || givenPassphrase() === null)) return showJson(here);
  const made = here.people.owner() === null ? await makeOwner(here) : null;
  if (switches.has('new-passphrase') && made === null) await renewPassphrase(here);
  if (admission !== null) await admitAs(here, admission, made ?? (await unsealAsOwner(here.people)));
  if (isJson) return showJson(here);
  show(here);
  return 0;
}

function parseAdmission({ admit, toolsets }: Given['values'], switches: Given['switches']): Admission | null {
  const flags = modeFlags(toolsets, switches);
  if (flags.isReadOnly && flags.toolsets?.has('default') === false) {
    const next = 'Leave out --read-only, or add the toolset that can look: --toolsets default,operate.';
    throw new CommandFailure('An assistant that may only look would have no tool: operate has none that looks.', next);
  }
  const isModeGiven = flags.toolsets !== null || flags.isReadOnly || flags.isSimulated;
  if (admit === undefined) {
    if (!isModeGiven) return null;
    throw new CommandFailure('It is not said whom this is about.', 'Add --admit NAME, the name of the assistant.');
  }
  if (isAssistantName(admit)) return { name: admit, flags: isModeGiven ? flags : null };
  throw new CommandFailure(`"${admit}" is no name of an assistant.`, 'Use 1 to 32 of a-z, 0-9 and hyphens.');
}

/** What is taken away is gone before anything else is tried; what is added comes when all else was done. */
async function admitAs(here: Here, { name, flags }: Admission, owner: Ed25519KeyIdentity): Promise<void> {
  if (flags === null) return await admit(here, name, owner);
  const wanted = { ...flags, toolsets: flags.toolsets ?? defaultMode.toolsets };
  const meanwhile = bothAllow(here.people.assistant(name).mode ?? defaultMode, wanted);
  here.people.setMode(name, meanwhile);
  try {
    await admit(here, name, owner, wanted);
  } catch (error) {
    console.error(
      `What you took from the assistant "${name}" is gone, and nothing was added: ${modeToText(meanwhile)}.`,
    );
    throw error;
  }
  here.people.setMode(name, wanted);
  here.say('What is connected keeps to it at once; more tools are seen by who connects anew.');
}

/** Without a toolset in common, it looks at what it had. */
function bothAllow(mode: Mode, wanted: Mode): Mode {
  const both = narrowMode(mode, wanted);
  return both.toolsets.size > 0 ? both : { ...both, toolsets: mode.toolsets, isReadOnly: true };
}

async function makeOwner(here: Here): Promise<Ed25519KeyIdentity> {
  const given = givenPassphrase();
  if (given === null && !canAsk()) {
    const next = 'Run `npx tamc owner` in your own terminal: it shows a passphrase that only you should see.';
    throw new CommandFailure('This world has no owner yet.', next);
  }
  const passphrase = given ?? createPassphrase();
  const made = await here.people.createOwner(passphrase);
  here.say('You are the owner of this world now.');
  if (given === null) showPassphrase(here, passphrase);
  if (here.folder.running() !== null) await admit(here, defaultAssistant, made);
  else {
    const next = inTerminalOf(here.folder.path)(`owner --admit ${defaultAssistant}`);
    here.say(`When the network runs, let your assistant in: ${next}`);
  }
  return made;
}

function showPassphrase({ say }: Here, passphrase: string): void {
  say(`Your passphrase, shown this once. With it you approve what an assistant may not decide; note it now:
  ${passphrase}`);
}

async function renewPassphrase(here: Here): Promise<void> {
  if (!canAsk()) throw new CommandFailure('Nobody could see a new passphrase.', 'Run it in your own terminal.');
  const owner = await unsealAsOwner(here.people);
  const passphrase = createPassphrase();
  await here.people.resealOwner(owner, passphrase);
  showPassphrase(here, passphrase);
}

async function admit(
  { folder, people, say }: Here,
  name: string,
  owner: Ed25519KeyIdentity,
  wanted: Mode | null = null,
): Promise<void> {
  const connection = expectOk(await attach(folder, owner));
  const keeper = expectOk(await attach(folder, folder.identity()));
  const places = readPlaces(folder);
  if (!places.ok) throw new CommandFailure('Nobody can be let in yet.', places.error);
  const assistant = people.assistant(name);
  const id = idOf(assistant);
  const mode = wanted ?? assistant.mode;
  if (mode?.isReadOnly === true) {
    expectOk(await dismissAssistant(connection, places.value, id));
    const next = inTerminalOf(folder.path)(`owner --admit ${name} --toolsets default`);
    say(`The assistant "${name}" may only look. To let it act: ${next}`);
    return;
  }
  expectOk(await admitAssistant(connection, places.value, id, name, connection.nowNs()));
  for (const [to, amount] of [
    [connection.self, welcome.owner],
    [id, welcome.assistant],
  ] as const) {
    const gift = { key: to, isWelcome: true, to: accountOf(to), amount };
    expectOk(await giveOnce(folder.path, keeper, places.value.ledger, gift));
  }
  say(`The assistant "${name}" may act on machines that it brings to life for you: up to 20 simUSD a day,
asking you above 5, for a year${mode === null ? '' : ` (${modeToText(mode)})`}. Connect it with: ${inTerminalOf(folder.path)(`mcp${name === defaultAssistant ? '' : ` --as ${name}`}`)}`);
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
    if (!assistant.ok) return { name, id: null, mode: null };
    return { name, id: principalToText(idOf(assistant.value)), mode: assistant.value.mode };
  });
  return { owner: owner === null ? null : principalToText(owner.id), assistants };
}

function showJson(here: Here): number {
  const { owner, assistants } = facts(here);
  const told = assistants.map(({ mode, ...one }) => (mode === null ? one : { ...one, mode: modeToFile(mode) }));
  console.log(JSON.stringify({ owner, assistants: told }));
  return 0;
}

function show(here: Here): void {
  const { owner, assistants } = facts(here);
  console.log(`owner      ${owner}`);
  for (const { name, id, mode } of assistants) {
    const allowed = mode === null ? '' : `: ${modeToText(mode)}`;
    console.log(`assistant  ${id ?? 'its file is damaged'}  (${name}${allowed})`);
  }
}
