// What a network that is opened again must still know, and what it must say when it cannot be opened.
import { createRandom } from '@tamc/base/random';
import { beforeAll, describe, expect, it } from 'vitest';
import { createCanister, createWith, install, manage, reply, tryInstall } from '../../tests/harness/canisters.ts';
import { withCustomSection } from '../../tests/harness/custom-section.ts';
import { decodeRecord, encodeRecord } from '../src/codec/record.ts';
import { openReplicaIn, type ReplicaOptions } from '../src/replica.ts';
import { ReplicaError } from '../src/runtime/replica-error.ts';
import { openDiskFolder } from '../src/runtime/store-folder.ts';
import type { Canister } from '../src/state/canister.ts';
import type { Disk, DiskFile } from '../src/store/disk.ts';
import { createSimulatedDisk, type SimulatedDisk } from '../src/store/simulated-disk.ts';
import type { StateChange } from '../src/store/state-write.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { buildDiary, decodeDiary, encodeId } from './diary.ts';
import { lostReferences } from './leaks.ts';

const startNs = 1_700_000_000_000_000_000n;
const secondNs = 1_000_000_000n;
let diary: Uint8Array;
let diaryWithHeartbeat: Uint8Array;

beforeAll(async () => {
  diary = await buildDiary({ edition: 1 });
  diaryWithHeartbeat = await buildDiary({ edition: 2, hasHeartbeat: true });
});

const newDisk = () => createSimulatedDisk(createRandom(1));

async function open(disk: SimulatedDisk, options: ReplicaOptions = {}) {
  const folder = await openDiskFolder(disk);
  return await openReplicaIn(folder, { virtualTime: { startNs }, log: () => {}, ...options });
}

type Open = Awaited<ReturnType<typeof open>>;

const firstOf = ({ network }: Open): Canister => [...network.state.canisters.values()][0]!;

/** Tells which files are read whole: blobs are. */
function listening(disk: SimulatedDisk): { left: SimulatedDisk; read: string[] } {
  const read: string[] = [];
  const readWhole = (name: string) => {
    read.push(name);
    return disk.readWhole(name);
  };
  return { left: { ...disk, readWhole }, read };
}

/** As kill -9 leaves it, and opened again. */
async function reopen(disk: SimulatedDisk, options?: ReplicaOptions): Promise<Open> {
  return await open(disk.afterKill(), options);
}

async function problemOf(opening: Promise<unknown>): Promise<ReplicaError> {
  const problem = await opening.then(
    () => null,
    (error: unknown) => error,
  );
  expect(problem).toBeInstanceOf(ReplicaError);
  return problem instanceof ReplicaError ? problem : expect.unreachable();
}

const ticks = async ({ replica }: Open, canister: string) =>
  Buffer.from(await reply(replica.query({ canister, method: 'ticks' }))).readUInt32LE();

const ids = async ({ replica }: Open, canister: string) =>
  decodeDiary(await reply(replica.query({ canister, method: 'diary' })));

describe('a network that is opened again', () => {
  it('has nothing to execute again after a clean close [durable.close]', async () => {
    const disk = newDisk();
    const first = await open(disk);
    const canister = await createWith(first.replica, diary);
    await reply(first.replica.call({ canister, method: 'note', arg: encodeId(5n) }));
    const hash = first.replica.stateHash();
    await first.replica.close();
    const second = await reopen(disk);
    expect(second.replica.replayedRounds).toBe(0);
    expect(second.replica.stateHash()).toBe(hash);
    expect(await ids(second, canister)).toEqual([5n]);
  });

  it('executes what no checkpoint holds again, and says how far it is [durable.replay]', async () => {
    const disk = newDisk();
    const { replica } = await open(disk);
    const canister = await createWith(replica, diary);
    for (let i = 0; i < 10; i++) await reply(replica.call({ canister, method: 'note', arg: encodeId(BigInt(i)) }));
    const told: number[] = [];
    const again = await reopen(disk, { onProgress: (round, last) => told.push(last - round) });
    expect(again.replica.replayedRounds).toBe(replica.round() - 1);
    expect(told.length).toBe(again.replica.replayedRounds);
    expect(told.at(-1)).toBe(0);
    expect(again.replica.stateHash()).toBe(replica.stateHash());
  });

  it('executes no round again twice when that was enough for a checkpoint [durable.replay]', async () => {
    const disk = newDisk();
    const { replica } = await open(disk);
    const canister = await createWith(replica, diary);
    for (let i = 0; i < 10; i++) await reply(replica.call({ canister, method: 'note', arg: encodeId(BigInt(i)) }));
    const second = disk.afterKill();
    expect((await open(second, { checkpointInstructions: 1n })).replica.replayedRounds).toBeGreaterThan(10);
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    const third = await reopen(second);
    expect(third.replica.replayedRounds).toBe(0);
    expect(third.replica.stateHash()).toBe(replica.stateHash());
  });

  it('reads a module once that is installed many times in a row [durable.blobs]', async () => {
    const disk = newDisk();
    const big = withCustomSection(diary, 'filler', 'x'.repeat(100_000));
    const { replica } = await open(disk);
    for (let i = 0; i < 5; i++) await createWith(replica, big);
    const { left, read } = listening(disk.afterKill());
    const again = await open(left);
    expect(again.replica.stateHash()).toBe(replica.stateHash());
    expect(read.length).toBe(1);
    expect(read[0]).toMatch(/^blob-/);
  });

  it('takes a call that it has answered before for what it is: the same one [durable.once]', async () => {
    const disk = newDisk();
    const first = await open(disk);
    const canister = await createWith(first.replica, diary);
    const call = firstCall(first, canister);
    await submit(first, call);
    const second = await reopen(disk);
    await submit(second, call);
    expect(await ids(second, canister)).toEqual([9n]);
    expect(second.network.state.requests.get(call.requestId)?.status.kind).toBe('replied');
  });

  it('goes on with calls that were under way [durable.calls]', async () => {
    const disk = newDisk();
    // A round ends after each message.
    const options = { instructionLimits: { round: 1n }, checkpointInstructions: 1n };
    const first = await open(disk, options);
    const canister = await createWith(first.replica, diary);
    void first.replica.call({ canister, method: 'spin', arg: encodeId(7n, 20) }).catch(() => {});
    for (let i = 0; i < 10; i++) await first.replica.time.tick();
    const openCalls = firstOf(first).callContexts.size;
    expect(openCalls).toBeGreaterThan(3);
    const second = await reopen(disk, options);
    expect(firstOf(second).callContexts.size).toBe(openCalls);
    for (let i = 0; i < 60; i++) await second.replica.time.tick();
    expect(await ids(second, canister)).toEqual([7n]);
    expect(firstOf(second).callContexts.size).toBe(0);
  });

  it('still knows when best-effort calls end [durable.deadlines]', async () => {
    const disk = newDisk();
    const options = { instructionLimits: { round: 1n } };
    const first = await open(disk, options);
    const canister = await createWith(first.replica, diary);
    const other = await createWith(first.replica, diary);
    const callee = [...first.network.state.canisters.keys()][1]!;
    const arg = encodeId(7n, 10, 40, ...Buffer.from(callee, 'hex'));
    void first.replica.call({ canister, method: 'relay', arg }).catch(() => {});
    for (let i = 0; i < 6; i++) await first.replica.time.tick();
    await first.driver.checkpoint();
    const second = await reopen(disk, options);
    const caller = firstOf(second);
    expect(caller.callbacks.size).toBe(1);
    second.replica.time.advanceNs(11n * secondNs);
    for (let i = 0; i < 4; i++) await second.replica.time.tick();
    expect(caller.callbacks.size).toBe(0);
    expect([...second.network.state.requests.values()].at(-1)!.status.kind).toBe('rejected');
    for (let i = 0; i < 100; i++) await second.replica.time.tick();
    expect(await ids(second, other)).toEqual([7n]);
  });

  it('rings timers and beats hearts [durable.timers]', async () => {
    const disk = newDisk();
    const first = await open(disk);
    const canister = await createWith(first.replica, diary);
    await reply(first.replica.call({ canister, method: 'arm', arg: encodeId(5n * secondNs) }));
    const beating = await createWith(first.replica, diaryWithHeartbeat);
    await first.driver.checkpoint();
    const second = await reopen(disk);
    expect([await ticks(second, canister), await ticks(second, beating)]).toEqual([0, 0]);
    second.replica.time.advanceNs(6n * secondNs);
    await second.replica.time.tick();
    expect([await ticks(second, canister), await ticks(second, beating)]).toEqual([1, 1]);
  });

  it('is the network that it was made as, whatever the options say [durable.genesis]', async () => {
    const disk = newDisk();
    const first = await open(disk, { seed: 'one', nodeCount: 34 });
    const { rootKey } = first.replica;
    await createCanister(first.replica);
    const problem = await problemOf(reopen(disk, { seed: 'two', nodeCount: 34 }));
    expect(problem).toMatchObject({ kind: 'input', code: 'otherNetwork' });
    expect(problem.message).toContain('another seed');
    const again = await reopen(disk);
    expect(again.replica.rootKey).toEqual(rootKey);
    expect(again.network.genesis.nodeCount).toBe(34);
  });
});

describe('an answer', () => {
  it('of an update or a query leaves when the round that it comes from is on the disk [durable.answer]', async () => {
    const disk = newDisk();
    let release = () => {};
    let synced = Promise.resolve();
    const folder = await openDiskFolder(withSync(disk, () => synced));
    const { replica } = await openReplicaIn(folder, { virtualTime: { startNs }, log: () => {} });
    const canister = await createWith(replica, diary);
    synced = new Promise((resolve) => {
      release = resolve;
    });
    const told: string[] = [];
    const update = replica.call({ canister, method: 'note', arg: encodeId(1n) }).then(() => told.push('update'));
    for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
    const query = replica.query({ canister, method: 'diary' }).then(({ kind }) => told.push(kind));
    for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
    expect(told).toEqual([]);
    release();
    await Promise.all([update, query]);
    expect(told.sort()).toEqual(['replied', 'update']);
  });
});

/** The same disk, whose syncs begin when `before` has resolved. */
function withSync(disk: SimulatedDisk, before: () => Promise<void>): Disk {
  const held = (file: DiskFile): DiskFile => ({ ...file, sync: () => before().then(() => file.sync()) });
  return {
    ...disk,
    openFile: async (name) => held(await disk.openFile(name)),
    createFile: async (name) => held(await disk.createFile(name)),
  };
}

describe('a network that cannot be opened or go on', () => {
  it('says that the disk is full, acknowledges nothing more, and is there again with room [durable.disk-full]', async () => {
    const disk = newDisk();
    const canister = await createWith((await open(disk)).replica, diary);
    const full = disk.afterKill({ fail: { count: 30, operation: 'write', code: 'ENOSPC', forGood: true } });
    const filling = await open(full);
    const told: bigint[] = [];
    let problem: unknown = null;
    for (let id = 0n; problem === null; id++) {
      await filling.replica.call({ canister, method: 'note', arg: encodeId(id) }).then(
        (answer) => (answer.kind === 'replied' ? told.push(id) : expect.unreachable()),
        (error: unknown) => {
          problem = error;
        },
      );
    }
    expect(problem).toMatchObject({ kind: 'store', code: 'diskFull' });
    expect(String(problem)).toContain('Free some space');
    const later = await filling.replica.call({ canister, method: 'note', arg: encodeId(999n) });
    expect(later).toMatchObject({ kind: 'rejected', code: 2 });
    expect(JSON.stringify(later)).toContain('The disk is full');
    // What was executed but is not on the disk is not shown either.
    await expect(filling.replica.query({ canister, method: 'diary' })).rejects.toMatchObject({ code: 'diskFull' });
    await filling.replica.close().catch(() => {});
    const found = await ids(await reopen(full), canister);
    expect(found.slice(0, told.length)).toEqual(told);
    expect(found).not.toContain(999n);
    expect(told.length).toBeGreaterThan(5);
  });

  it('names the file that is damaged [durable.damage]', async () => {
    const disk = newDisk();
    const { replica } = await open(disk);
    await createWith(replica, diary);
    await replica.close();
    const damaged = disk.afterKill();
    for (const name of (await damaged.list()).filter((each) => each.startsWith('state')))
      for (let slot = 1; slot < 3; slot++) damaged.flipBit(name, 4096 * slot + 30, 3);
    const problem = await problemOf(open(damaged));
    expect(problem).toMatchObject({ kind: 'store', code: 'fileDamaged' });
    expect(problem.message).toMatch(/state.*backup/);
  });

  it.each([
    ['killed', async () => {}],
    ['closed', ({ replica }: Open) => replica.close()],
  ])(
    'refuses a journal that was cut, instead of beginning anew, also when it had done nothing and was %s [durable.cut]',
    async (_how, end) => {
      const disk = newDisk();
      const opened = await open(disk);
      await opened.replica.durable();
      await opened.replica.time.tick();
      await end(opened);
      for (const left of [100, 64, 10, 0]) {
        const cut = disk.afterKill();
        await (await cut.openFile('journal-000000001')).truncate(left);
        const problem = await problemOf(open(cut));
        expect(problem).toMatchObject({ kind: 'store', code: 'fileDamaged' });
        expect(problem.message).toMatch(/journal-000000001.*backup/);
      }
    },
  );

  it('names the canister memory that is damaged when it is needed [durable.damage]', async () => {
    const disk = newDisk();
    const { replica } = await open(disk);
    const canister = await createWith(replica, diary);
    await reply(replica.call({ canister, method: 'note', arg: encodeId(3n) }));
    await replica.close();
    const damaged = disk.afterKill();
    const state = (await damaged.list()).find((name) => name.startsWith('state'))!;
    const content = Buffer.from(damaged.contentOf(state));
    damaged.flipBit(state, content.indexOf(encodeId(3n)), 1);
    const opened = await open(damaged);
    const problem = await problemOf(opened.replica.query({ canister, method: 'diary' }));
    expect(problem).toMatchObject({ kind: 'store', code: 'fileDamaged' });
  });

  it.each([
    ['older', 0],
    ['newer', 1_000],
  ])('refuses the state of an %s version with a sentence [durable.version]', async (age, format) => {
    const disk = newDisk();
    const { replica } = await open(disk);
    await createCanister(replica);
    await replica.close();
    await editMeta(disk, { format });
    const problem = await problemOf(reopen(disk));
    expect(problem).toMatchObject({ kind: 'store', code: `${age}Version` });
    expect(problem.message).toContain(`Use the ${age} version`);
  });

  it('does not execute again what another version has executed, but goes on from its checkpoint [durable.version]', async () => {
    const disk = newDisk();
    const first = await open(disk);
    const canister = await createWith(first.replica, diary);
    await first.replica.close();
    await editMeta(disk, { execution: 999 });
    const second = await reopen(disk);
    await reply(second.replica.call({ canister, method: 'note', arg: encodeId(1n) }));
    // This version has taken it over, with a checkpoint of its own.
    const third = await reopen(disk);
    expect(third.replica.replayedRounds).toBe(1);
    await editMeta(disk, { execution: 999 });
    expect(await problemOf(reopen(disk))).toMatchObject({ kind: 'store', code: 'otherExecution' });
  });
});

describe('a prepared module', () => {
  const large = () => withCustomSection(diary, 'filler', 'x'.repeat(100_000));

  it('is kept: the module need not be read and rewritten when the store is opened [durable.prepared]', async () => {
    const disk = newDisk();
    const first = await open(disk);
    const canister = await createWith(first.replica, large());
    await reply(first.replica.call({ canister, method: 'note', arg: encodeId(1n) }));
    await first.replica.close();
    const { left, read } = listening(disk.afterKill());
    const second = await open(left);
    await reply(second.replica.call({ canister, method: 'note', arg: encodeId(2n) }));
    expect(await ids(second, canister)).toEqual([1n, 2n]);
    const { moduleHash } = firstOf(second).code!;
    const { compile: _, ...kept } = second.network.modules.get(moduleHash);
    const { compile: __, ...made } = first.network.modules.get(moduleHash);
    expect(kept).toEqual(made);
    expect(read).toEqual([]);
  });

  it('of another version is not used, and leaves the store [durable.prepared]', async () => {
    const disk = newDisk();
    const first = await open(disk);
    const canister = await createWith(first.replica, large());
    const stateHash = first.replica.stateHash();
    await first.replica.close();
    const [key, ...others] = await keysOf(disk, 'prepared/');
    expect(others).toEqual([]);
    await edit(disk, (store) => [
      { key: key!, value: null },
      { key: key!.replace(/\/.*\//, '/ffffffffffffffff/'), value: store.read(key!) },
    ]);
    const { left, read } = listening(disk.afterKill());
    const second = await open(left);
    expect(second.replica.stateHash()).toBe(stateHash);
    await reply(second.replica.call({ canister, method: 'note', arg: encodeId(2n) }));
    expect(read.length).toBe(1);
    await second.replica.close();
    expect(await keysOf(disk, 'prepared/')).toEqual([key]);
    expect(await ids(await reopen(disk), canister)).toEqual([2n]);
  });

  it('that is forgotten leaves the store [durable.prepared]', async () => {
    const disk = newDisk();
    const { replica, network } = await open(disk);
    const canister = await createCanister(replica);
    for (let edition = 10; edition < 40; edition++)
      await install(replica, canister, await buildDiary({ edition }), edition === 10 ? 'install' : 'reinstall');
    await replica.close();
    const hashes = (await keysOf(disk, 'prepared/')).map((key) => key.split('/')[2]);
    expect(hashes).toEqual([...network.modules.hashes()].sort());
  });
});

async function keysOf(disk: SimulatedDisk, prefix: string): Promise<string[]> {
  const store = await openStore(disk.afterKill());
  if (!store.ok) throw store.error;
  return [...store.value.keys(prefix)];
}

/** Writes the newest checkpoint once more, as another version would have. */
async function editMeta(disk: SimulatedDisk, changes: object): Promise<void> {
  await edit(disk, (store) => {
    const meta = decodeRecord(store.read('meta')!);
    return [{ key: 'meta', value: encodeRecord({ ...Object(meta), ...changes }) }];
  });
}

async function edit(disk: SimulatedDisk, changesOf: (store: Store) => StateChange[]): Promise<void> {
  const store = await openStore(disk.afterKill());
  if (!store.ok) throw store.error;
  await store.value.checkpoint(store.value.checkpointRound(), changesOf(store.value));
  await store.value.close();
}

describe('memory', () => {
  it('leaves nothing in the store of canisters that are gone [durable.deletion]', async () => {
    const disk = newDisk();
    const { replica, network, driver } = await open(disk);
    const canisters = [];
    for (let i = 0; i < 3; i++) canisters.push(await createWith(replica, diary));
    for (const canister of canisters) await reply(replica.call({ canister, method: 'note', arg: encodeId(1n) }));
    await driver.checkpoint();
    await install(replica, canisters[0]!, diaryWithHeartbeat, 'upgrade');
    await reply(manage(replica, 'uninstall_code', canisters[1]!));
    await driver.checkpoint();
    for (const canister of canisters) {
      await reply(manage(replica, 'stop_canister', canister));
      await reply(manage(replica, 'delete_canister', canister));
    }
    await replica.close();
    const store = await openStore(disk.afterKill());
    if (!store.ok) throw store.error;
    expect([...store.value.keys('canister/')]).toEqual([]);
    const models = [...network.modules.hashes()].map((hash) => network.modules.model(hash)!);
    const chunksOfModels = models.flatMap(({ heap, stable }) => [...heap.chunks, ...stable.chunks]).filter(Boolean);
    expect([...store.value.keys('memory/')].length).toBe(chunksOfModels.length);
  });

  it('leaves RAM after a checkpoint when it is not in use, and comes back [memory.eviction]', async () => {
    const disk = newDisk();
    const tight = await open(disk, { pageMemoryBytesMax: 0, hotMemoryBytesMax: 0 });
    const canisters = [];
    for (let i = 0; i < 8; i++) canisters.push(await createWith(tight.replica, diary));
    for (let id = 0n; id < 20n; id++)
      for (const canister of canisters)
        await reply(tight.replica.call({ canister, method: 'note', arg: encodeId(id) }));
    const { pool } = tight.network.scheduler.world;
    await tight.driver.checkpoint();
    const hash = tight.replica.stateHash();
    await tight.driver.checkpoint();
    // One canister may be live, and the model of the module stays.
    expect(pool.usedPages()).toBeLessThan(3 * 30);
    for (const canister of canisters) expect((await ids(tight, canister)).length).toBe(20);
    expect(pool.usedPages()).toBeGreaterThan(8 * 20);
    expect(tight.replica.stateHash()).toBe(hash);
  });

  it('gives every page back that nothing reaches any more [memory.pages]', async () => {
    const trapping = await buildDiary({ edition: 3, trapsWhenInstalled: true });
    const opened = await open(newDisk());
    const { replica, network } = opened;
    const canister = await createWith(replica, diary);
    await tryInstall(replica, canister, trapping, 'upgrade');
    await tryInstall(replica, canister, trapping, 'reinstall');
    await install(replica, canister, diaryWithHeartbeat, 'upgrade');
    await reply(replica.call({ canister, method: 'note', arg: encodeId(1n) }));
    await replica.call({ canister, method: 'fail', arg: encodeId(2n) });
    expect(lostReferences(network)).toBe(0);
    await reply(manage(replica, 'stop_canister', canister));
    await reply(manage(replica, 'delete_canister', canister));
    expect(lostReferences(network)).toBe(0);
  });

  it('holds a few modules that nobody runs, not all that were ever sent [memory.modules]', async () => {
    const disk = newDisk();
    const { replica, network, driver } = await open(disk);
    const canister = await createCanister(replica);
    for (let edition = 10; edition < 50; edition++)
      await install(replica, canister, await buildDiary({ edition }), edition === 10 ? 'install' : 'reinstall');
    expect(network.modules.size()).toBeLessThan(20);
    await driver.checkpoint();
    expect(lostReferences(network)).toBe(0);
    const again = await reopen(disk);
    expect(again.replica.stateHash()).toBe(replica.stateHash());
    await reply(again.replica.call({ canister, method: 'note', arg: encodeId(1n) }));
  });
});

describe('a module that was forgotten', () => {
  it('is stored once more when it comes back before the next checkpoint [memory.modules]', async () => {
    const disk = newDisk();
    const opened = await open(disk);
    const { replica, driver } = opened;
    const canister = await createWith(replica, diary);
    const hash = firstOf(opened).code!.moduleHash;
    await driver.checkpoint();
    for (let edition = 100; opened.network.modules.has(hash); edition++)
      await install(replica, canister, await buildDiary({ edition }), 'reinstall');
    await install(replica, canister, diary, 'reinstall');
    await reply(replica.call({ canister, method: 'note', arg: encodeId(1n) }));
    const stateHash = replica.stateHash();
    await replica.close();
    const again = await reopen(disk);
    expect(again.replica.stateHash()).toBe(stateHash);
    expect(await ids(again, canister)).toEqual([1n]);
    const other = await createWith(again.replica, diary);
    await reply(again.replica.call({ canister: other, method: 'note', arg: encodeId(2n) }));
  });
});

function firstCall({ core, network }: Open, canister: string) {
  const id = [...network.state.canisters.keys()][0]!;
  expect(canister).not.toBe('');
  return {
    requestId: 'ab'.repeat(32),
    sender: network.state.canisters.get(id)!.controllers[0]!,
    senderInfo: null,
    canisterId: id,
    effectiveId: id,
    method: 'note',
    arg: encodeId(9n),
    expiryNs: core.nowNs() + 60n * secondNs,
  };
}

async function submit({ core }: Open, call: ReturnType<typeof firstCall>): Promise<void> {
  const submission = core.submit(call);
  if (submission.kind === 'refused') throw new Error(submission.reject.message);
  await submission.answered;
}
