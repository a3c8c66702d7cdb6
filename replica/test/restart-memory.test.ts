// What stays in the store and in memory over restarts: prepared modules, memories of canisters, and nothing of what is gone.
import { beforeAll, describe, expect, it } from 'vitest';
import { createCanister, createWith, install, manage, reply, tryInstall } from '../../tests/harness/canisters.ts';
import { withCustomSection } from '../../tests/harness/custom-section.ts';
import { openStore } from '../src/store/store.ts';
import { buildDiary, encodeId } from './diary.ts';
import { lostReferences } from './leaks.ts';
import { edit, firstOf, ids, keysOf, listening, newDisk, open, reopen } from './restart-world.ts';

let diary: Uint8Array;
let diaryWithHeartbeat: Uint8Array;

beforeAll(async () => {
  diary = await buildDiary({ edition: 1 });
  diaryWithHeartbeat = await buildDiary({ edition: 2, hasHeartbeat: true });
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
