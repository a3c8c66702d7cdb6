// Random lives of a network on the simulated disk: what its users send, what they were told, and the judgement of what
// is left when it is opened again.
import { Principal } from '@dfinity/principal';
import { assert } from '@tamc/base/assert';
import type { Random } from '@tamc/base/random';
import { createCanister, type Mode, manage, tryInstall } from '../../tests/harness/canisters.ts';
import { type OpenReplica, openReplicaIn } from '../src/replica.ts';
import type { Answer } from '../src/runtime/calls.ts';
import { genesisRound } from '../src/runtime/genesis.ts';
import { replayFromGenesis } from '../src/runtime/recovery.ts';
import { hashState } from '../src/runtime/state-hash.ts';
import { openDiskFolder } from '../src/runtime/store-folder.ts';
import type { Disk, DiskFile } from '../src/store/disk.ts';
import type { SimulatedDisk } from '../src/store/simulated-disk.ts';
import { decodeDiary, encodeId } from './diary.ts';

/** What the users of a network know, over all its lives. */
export interface Users {
  readonly random: Random;
  readonly modules: readonly Uint8Array[];
  readonly diaries: Map<string, Diary>;
  /** State hashes seen while the rounds were executed for the first time. */
  readonly seen: Map<number, string>;
  nextId: bigint;
  /** Notes whose call was answered. */
  told: number;
  /** How many lives have ended. What a process still does after its disk has stopped nobody sees. */
  ended: number;
}

/** What a canister must hold: the ids whose calls were answered, as long as nothing was sent that empties it. */
interface Diary {
  readonly told: Set<bigint>;
  /** Rises when something is sent that empties it: what was sent before may be gone. */
  emptied: number;
  /** Sent and not answered yet: a query may still show what is about to go. Nothing is left of these when a life ends:
   * the round that takes such a call up executes it. */
  emptying: Set<symbol>;
}

export function createUsers(random: Random, modules: readonly Uint8Array[]): Users {
  return { random, modules, diaries: new Map(), seen: new Map(), nextId: 1n, told: 0, ended: 0 };
}

/** The same disk, but for many of its operations the network gets a turn or more before they are done. */
function slowed(disk: SimulatedDisk, random: Random): Disk {
  const wait = async () => {
    for (let turns = random.below(4) - 1; turns > 0; turns--) await new Promise(setImmediate);
  };
  const slowedFile = (file: DiskFile): DiskFile => ({
    ...file,
    writeAt: (bytes, offset) => wait().then(() => file.writeAt(bytes, offset)),
    sync: () => wait().then(() => file.sync()),
  });
  return {
    ...disk,
    openFile: async (name) => slowedFile(await disk.openFile(name)),
    createFile: async (name) => slowedFile(await disk.createFile(name)),
    rename: (from, to) => wait().then(() => disk.rename(from, to)),
    syncDirectory: () => wait().then(() => disk.syncDirectory()),
  };
}

/** Small, so that rounds end in the middle of things, checkpoints come often and memory has to leave. */
export async function openOn(disk: SimulatedDisk, random: Random): Promise<OpenReplica> {
  return await openReplicaIn(await openDiskFolder(slowed(disk, random), { limits: storeLimits }), {
    virtualTime: { startNs: 1_700_000_000_000_000_000n },
    instructionLimits: { round: 6_000n },
    checkpointInstructions: BigInt(1_000 * (1 + random.below(200))),
    pageMemoryBytesMax: random.below(2) === 0 ? 0 : 2 ** 21,
    hotMemoryBytesMax: random.below(2) === 0 ? 0 : 2 ** 23,
    log: () => {},
  });
}

const storeLimits = {
  segmentBytes: 200_000,
  flushBytes: 20_000,
  markBytes: 5_000,
  compactAboveBytes: 400_000,
  indexDeltas: 4,
  writeBytes: 4_000,
};

/** Uses the network until its disk stops or fails, or `steps` are done. */
export async function live(users: Users, { replica, driver }: OpenReplica, steps: number): Promise<void> {
  const { random, ended } = users;
  const underWay: Promise<unknown>[] = [];
  for (let step = 0; step < steps && driver.failure() === null && ended === users.ended; step++) {
    underWay.push(actionOf(users, replica)().catch(() => {}));
    if (random.below(3) === 0) await new Promise(setImmediate);
    if (random.below(6) === 0) replica.time.advanceNs(BigInt(random.below(2_000_000_000)));
    if (random.below(6) === 0) await replica.time.tick().catch(() => {});
    if (random.below(12) === 0) await settle(replica, underWay);
    if (random.below(12) === 0 && ended === users.ended) users.seen.set(replica.round(), replica.stateHash());
    if (random.below(20) === 0) void driver.checkpoint().catch(() => {});
  }
  await settle(replica, underWay);
}

/** Time stands still, so what waits for a deadline or for its turn needs somebody to turn it. */
async function settle(replica: Replica, underWay: Promise<unknown>[]): Promise<void> {
  let isDone = false;
  const all = Promise.all(underWay.splice(0)).then(() => {
    isDone = true;
  });
  while (!isDone) {
    replica.time.advanceNs(30_000_000_000n);
    await replica.time.tick().catch(() => {});
    await new Promise(setImmediate);
  }
  await all;
}

type Replica = OpenReplica['replica'];
type Action = () => Promise<unknown>;

function actionOf(users: Users, replica: Replica): Action {
  const { random } = users;
  const canisters = [...users.diaries.keys()];
  if (canisters.length < 2 || (canisters.length < 7 && random.below(12) === 0)) return () => create(users, replica);
  const canister = random.pick(canisters);
  const call = (method: string, arg?: Uint8Array) =>
    replica.call({ canister, method, ...(arg === undefined ? {} : { arg }) });
  const actions: readonly (readonly [weight: number, Action])[] = [
    [24, () => note(users, canister, (id) => call('note', encodeId(id)))],
    [4, () => note(users, canister, (id) => call('spin', encodeId(id, random.below(4))))],
    [4, () => call('fail', encodeId(users.nextId++))],
    [10, () => relay(users, replica, canister)],
    [3, () => call('arm', encodeId(BigInt(random.below(3_000_000_000))))],
    [3, () => call('random')],
    [3, () => call('grow')],
    [4, () => install(users, replica, canister, 'upgrade')],
    [1, () => install(users, replica, canister, 'reinstall')],
    [2, () => install(users, replica, canister, 'install')],
    [1, () => empty(users, canister, () => manage(replica, 'uninstall_code', canister))],
    [2, () => manage(replica, random.below(2) === 0 ? 'stop_canister' : 'start_canister', canister)],
    [3, () => manage(replica, 'start_canister', canister)],
    [1, () => remove(users, replica, canister)],
    [6, () => look(users, replica, canister)],
  ];
  return random.pick(actions.flatMap(([weight, action]) => Array.from({ length: weight }, () => action)));
}

async function create({ random, modules, diaries }: Users, replica: Replica): Promise<void> {
  const canister = await createCanister(replica);
  diaries.set(canister, { told: new Set(), emptied: 0, emptying: new Set() });
  await tryInstall(replica, canister, random.pick(modules));
}

async function note(users: Users, canister: string, call: (id: bigint) => Promise<Answer>): Promise<void> {
  const diary = users.diaries.get(canister)!;
  const { emptied } = diary;
  const id = users.nextId++;
  const answer = await call(id);
  if (answer.kind !== 'replied' || diary.emptied !== emptied) return;
  diary.told.add(id);
  users.told++;
}

/** What a query has shown must not be gone later, as if it had never been. */
async function look({ diaries }: Users, replica: Replica, canister: string): Promise<void> {
  const diary = diaries.get(canister)!;
  const { emptied } = diary;
  const mayGo = diary.emptying.size > 0;
  const answer = await replica.query({ canister, method: 'diary' });
  if (answer.kind === 'rejected' || mayGo || diary.emptied !== emptied) return;
  for (const id of decodeDiary(answer.data)) diary.told.add(id);
}

/** The canister and, `depth` calls of itself later, the other one note the id; some callers do not wait for it. */
function relay(users: Users, replica: Replica, canister: string): Promise<void> {
  const { random, diaries } = users;
  const other = random.pick([...diaries.keys()].filter((each) => each !== canister));
  const seconds = random.below(2) === 0 ? 0 : 1 + random.below(40);
  return note(users, canister, (id) => {
    const arg = encodeId(id, seconds, random.below(4), ...Principal.fromText(other).toUint8Array());
    return replica.call({ canister, method: 'relay', arg });
  });
}

function install(users: Users, replica: Replica, canister: string, mode: Mode): Promise<unknown> {
  const send = () => tryInstall(replica, canister, users.random.pick(users.modules), mode);
  return mode === 'reinstall' ? empty(users, canister, send) : send();
}

async function empty({ diaries }: Users, canister: string, send: () => Promise<Answer>): Promise<Answer> {
  const diary = diaries.get(canister)!;
  diary.told.clear();
  diary.emptied++;
  const { emptying } = diary;
  const sent = Symbol();
  emptying.add(sent);
  try {
    return await send();
  } finally {
    emptying.delete(sent);
  }
}

async function remove(users: Users, replica: Replica, canister: string): Promise<void> {
  const answer = await empty(users, canister, () => manage(replica, 'delete_canister', canister));
  if (answer.kind === 'replied') users.diaries.delete(canister);
}

/** Opens what is left and compares it with what the users know and with what executing everything again gives. */
export async function judge(users: Users, disk: SimulatedDisk): Promise<OpenReplica> {
  const opened = await openOn(disk, users.random);
  const { replica } = opened;
  const round = replica.round();
  // What was executed but not on disk is forgotten; the same round numbers may come again for something else.
  for (const later of [...users.seen.keys()].filter((each) => each > round)) users.seen.delete(later);
  users.seen.set(round, replica.stateHash());
  for (const diary of users.diaries.values()) diary.emptying = new Set();
  await compareDiaries(users, replica);
  return opened;
}

async function compareDiaries({ diaries }: Users, replica: Replica): Promise<void> {
  for (const [canister, { told }] of diaries) {
    const answer = await replica.query({ canister, method: 'diary' });
    // Stopped, or emptied: there is nothing to read.
    if (answer.kind === 'rejected') continue;
    const ids = decodeDiary(answer.data);
    const known = new Set(ids);
    assert(known.size === ids.length, `canister ${canister} holds an id twice`);
    for (const id of told) assert(known.has(id), `canister ${canister} has lost ${id}, which was acknowledged`);
  }
}

/** Executes everything that was recorded again and compares it with what was seen the first time. */
export async function compareWithReplay(users: Users, disk: SimulatedDisk): Promise<void> {
  const folder = await openDiskFolder(disk, { limits: storeLimits });
  // Opened, and ended before anything was recorded.
  if (folder.store.lastRound() === 0) return await folder.close();
  let compared = 0;
  const { state } = await replayFromGenesis(folder, (round, hash) => {
    const seen = users.seen.get(round);
    assert(seen === undefined || seen === hash, `round ${round} gives another state when it is executed again`);
    compared += seen === undefined ? 0 : 1;
  });
  assert(users.seen.get(state.round) === hashState(state), 'the state that was opened is the one of its inputs');
  assert(compared > 0 || state.round === genesisRound, 'something was compared');
  await folder.close();
}
