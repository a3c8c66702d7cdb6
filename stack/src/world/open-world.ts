// Shell: everything that `tamc start` runs, brought up in the order in which it is needed: network, canisters, page, people, assistants'
// door. What was there stays; an end at any point leaves what the next start goes on from.
import { assert } from '@tamc/base/assert';
import { type Connection, connect, createIdentity, type Ed25519KeyIdentity } from '@tamc/client';
import { serveHttp } from '@tamc/mcp-server/http';
import { accountOf } from '@tamc/protocol/account';
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { CallFailure } from '../deploy/call-failure.ts';
import { deployWorld } from '../deploy/deploy-world.ts';
import { rememberInFolder } from '../deploy/deployer.ts';
import { readKeptConfiguration } from '../deploy/kept-configuration.ts';
import type { NetworkFolder, Running } from '../deploy/network-folder.ts';
import type { StepProblem } from '../deploy/steps.ts';
import { createAudit } from '../mcp/audit-log.ts';
import { createDoors } from '../mcp/doors.ts';
import { createFaultLog } from '../mcp/fault-log.ts';
import { createFolderKeeper } from '../mcp/keeper.ts';
import { createTownPort } from '../page/town-port.ts';
import { admitAssistant } from './admit.ts';
import type { Closers } from './closers.ts';
import { openExample } from './example.ts';
import { giveOnce, simulatedDollar } from './gifts.ts';
import { inTerminalOf } from './in-terminal.ts';
import { createPassphrase, givenPassphrase } from './passphrase.ts';
import { defaultAssistant, openPeople, type People } from './people.ts';
import type { Places } from './places.ts';
import { listenOn, type WantedPort } from './ports.ts';
import type { Progress } from './progress.ts';

export interface OpenWorldOptions {
  readonly folder: NetworkFolder;
  readonly ports: { readonly replica: WantedPort; readonly page: WantedPort; readonly mcp: WantedPort };
  /** Somebody is there to note a passphrase, or has given one. */
  readonly makesOwner: boolean;
  readonly progress: Progress;
  readonly closers: Closers;
  /** The network takes nothing more until it is started anew. */
  readonly onNetworkFailure?: (error: Error) => void;
}

export interface OpenWorld {
  readonly running: Running;
  readonly people: People;
  readonly places: Places;
  /** Of an owner who was made now, when nobody gave it. */
  readonly passphrase: string | null;
  connectAs(identity: Ed25519KeyIdentity): Promise<Connection>;
}

/** To try with: simulated, and said so. */
export const welcome = { owner: 1_000n * simulatedDollar, assistant: 100n * simulatedDollar };

export async function openWorld(options: OpenWorldOptions): Promise<OpenWorld> {
  const { folder, ports, progress, closers, onNetworkFailure: onFailure = () => {} } = options;
  progress.begin('open the network');
  const replica = await createReplica({ store: folder.store, onFailure });
  await closers.add(() => replica.close());
  const url = await listenOn(ports.replica, async (port) => (await replica.listen({ port })).url);
  const connectAs = (identity: Ed25519KeyIdentity) => connectTo(replica, url, identity);
  const keeper = await connectAs(folder.identity());
  const places = await bringCanisters(options, keeper);
  closers.assertOpen();
  progress.begin('bring the example canister, and the page');
  const people = openPeople(folder.path);
  const { registry } = places;
  const network = () => folder.running() ?? { url, page: null, mcp: null };
  const town = createTownPort({ connection: keeper, connectAs, registry, people, network });
  const page = await openExample(folder, { url, connection: keeper, town }, ports.page, progress.say);
  await closers.add(page.close);
  progress.begin('let in the owner and the assistants');
  const passphrase = await letIn(options, people, places, keeper, connectAs);
  const mcp = await openDoor(options, people, places, connectAs);
  progress.end();
  const running = { url, page: page.url, mcp, pid: process.pid };
  return { running, people, places, passphrase, connectAs };
}

/** In this process: no socket between the network and who lives beside it. */
async function connectTo({ fetch, rootKey }: Replica, url: string, identity: Ed25519KeyIdentity): Promise<Connection> {
  const connected = await connect({ url, identity, fetch, rootKey });
  assert(connected.ok, 'the network of this process answers');
  return connected.value;
}

async function bringCanisters({ folder, progress }: OpenWorldOptions, keeper: Connection): Promise<Places> {
  progress.begin('look whether our canisters are there');
  const deployed = await deployWorld(keeper, {
    configuration: readKeptConfiguration(folder.path, 'embedded'),
    remembered: rememberInFolder(folder),
    say: (text) => progress.begin(text.replace(/ …$/, '')),
    watcher: { started: ({ text }) => progress.begin(text), ended: () => progress.end() },
  });
  if (!deployed.ok) throw new StepFailure(deployed.error);
  return deployed.value;
}

class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly nextStep: string;

  constructor({ message, nextStep }: StepProblem) {
    super(message);
    this.nextStep = nextStep;
  }
}

/**
 * The owner's key does what only it can do while it is open; its file is written last, so that no passphrase is lost by an
 * interruption.
 */
async function letIn(
  { folder, makesOwner, progress }: OpenWorldOptions,
  people: People,
  places: Places,
  keeper: Connection,
  connectAs: OpenWorld['connectAs'],
): Promise<string | null> {
  const give = async (id: PrincipalHex, amount: bigint) =>
    expectOk(
      await giveOnce(folder.path, keeper, places.ledger, { key: id, isWelcome: true, to: accountOf(id), amount }),
    );
  if (!people.assistants().includes(defaultAssistant)) people.assistant(defaultAssistant);
  const assistant = people.readAssistant(defaultAssistant);
  for (const name of people.assistants()) {
    const one = people.readAssistant(name);
    // Who starts is told; the others are let in.
    if (one.ok) await give(principalToHex(one.value.identity.getPrincipal()), welcome.assistant);
    else progress.say(`An assistant is left out: ${one.error} Put it back from a copy, or move it away.`);
  }
  const known = people.owner();
  if (known !== null) await give(known.id, welcome.owner);
  if (known !== null || !makesOwner) return null;
  const owner = createIdentity();
  if (assistant.ok) {
    const delegate = principalToHex(assistant.value.identity.getPrincipal());
    expectOk(await admitAssistant(await connectAs(owner), places, delegate, defaultAssistant, keeper.nowNs()));
  }
  await give(principalToHex(owner.getPrincipal()), welcome.owner);
  const given = givenPassphrase();
  const passphrase = given ?? createPassphrase();
  await people.createOwner(passphrase, owner);
  return given === null ? passphrase : null;
}

function expectOk<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CallFailure['error'] },
): T {
  if (!result.ok) throw new CallFailure(result.error);
  return result.value;
}

async function openDoor(
  { folder, ports, closers }: OpenWorldOptions,
  people: People,
  places: Places,
  connectAs: OpenWorld['connectAs'],
): Promise<string> {
  const onFault = createFaultLog((line) => console.error(`mcp: ${line}`));
  const keeper = createFolderKeeper(folder);
  const [audit, inTerminal] = [createAudit(folder.path), inTerminalOf(folder.path)];
  const doors = createDoors({ folderPath: folder.path, people, places, keeper, connectAs, audit, inTerminal, onFault });
  const endpoint = await listenOn(ports.mcp, (port) => serveHttp(doors, { port, onFault }));
  await closers.add(endpoint.close);
  return endpoint.url;
}
