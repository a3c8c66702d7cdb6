// A disk that is slow, full or damaged: what a network answers before it is safe, and what it says when it cannot be opened.
import { beforeAll, describe, expect, it } from 'vitest';
import { createCanister, createWith, reply } from '../../tests/harness/canisters.ts';
import { openReplicaIn } from '../src/replica.ts';
import { openDiskFolder } from '../src/runtime/store-folder.ts';
import type { Disk, DiskFile } from '../src/store/disk.ts';
import type { SimulatedDisk } from '../src/store/simulated-disk.ts';
import { buildDiary, encodeId } from './diary.ts';
import { editMeta, ids, newDisk, type Open, open, problemOf, reopen, startNs } from './restart-world.ts';

let diary: Uint8Array;

beforeAll(async () => {
  diary = await buildDiary({ edition: 1 });
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
