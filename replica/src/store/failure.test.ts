// What a store does when a write fails or while others go on: refuses with one error, keeps reading, comes back.

import { textToBytes } from '@tamc/base/bytes';
import { createRandom } from '@tamc/base/random';
import { describe, expect, it } from 'vitest';
import type { Disk } from './disk.ts';
import { createMemoryDisk } from './memory-disk.ts';
import { createSimulatedDisk } from './simulated-disk.ts';
import { openStore, type Store, type StoreOptions } from './store.ts';

async function openOrThrow(disk: Disk, options?: StoreOptions): Promise<Store> {
  const opened = await openStore(disk, options);
  if (!opened.ok) throw opened.error;
  return opened.value;
}

async function roundsOf(store: Store, afterRound = 0): Promise<number[]> {
  const rounds: number[] = [];
  for await (const { round } of store.readRounds(afterRound)) rounds.push(round);
  return rounds;
}

const change = { key: 'a', value: textToBytes('value') };

describe('after a failed write', () => {
  it('everything that writes is refused with the same error, what is stored can be read, and it opens again [durable.failed-write]', async () => {
    const disk = createSimulatedDisk(createRandom(1), {
      fail: { operation: 'write', count: 12, code: 'ENOSPC', forGood: true },
    });
    const store = await openOrThrow(disk);
    await store.appendRound(1, textToBytes('one'));
    await store.checkpoint(1, [change]);
    let error: unknown = null;
    let round = 2;
    while (error === null) {
      await store.appendRound(round, textToBytes('more')).catch((reason) => {
        error = reason;
      });
      round++;
    }
    expect(error).toMatchObject({ kind: 'disk', code: 'diskFull' });
    await expect(store.appendRound(round, textToBytes('x'))).rejects.toBe(error);
    await expect(store.checkpoint(round, [])).rejects.toBe(error);
    expect(() => store.putBlob(textToBytes('x'))).toThrow(expect.objectContaining({ code: 'diskFull' }));
    expect(store.failure()).toBe(error);
    expect(store.read('a')).toEqual(change.value);
    const acknowledged = Array.from({ length: round - 2 }, (_, i) => i + 1);
    expect(await roundsOf(store)).toEqual(acknowledged);
    await store.close();
    const again = await openOrThrow(disk.afterKill());
    expect(await roundsOf(again)).toEqual(acknowledged);
    await again.appendRound(round, textToBytes('goes on'));
  });

  it('a compaction that finds no room leaves everything as it was and the store in use [durable.compaction]', async () => {
    const limits = { compactAboveBytes: 20_000 };
    const disk = createSimulatedDisk(createRandom(1), {
      fail: { operation: 'create', count: 3, code: 'ENOSPC', forGood: false },
    });
    const store = await openOrThrow(disk, { limits });
    for (let round = 1; round <= 40; round++) {
      await store.appendRound(round, textToBytes('r'));
      await store.checkpoint(round, [{ key: 'a', value: new Uint8Array(2000).fill(round) }]);
    }
    await store.close();
    expect(store.failure()).toMatchObject({ code: 'closed' });
    expect((await disk.list()).filter((name) => name.startsWith('state'))).toHaveLength(1);
    const again = await openOrThrow(disk.afterKill(), { limits });
    expect(again.read('a')).toEqual(new Uint8Array(2000).fill(40));
    expect(again.sizeBytes().state).toBeLessThan(45_000);
  });
});

describe('a sync that fails around a compaction', () => {
  it('never lets an older checkpoint come back, whichever it is [durable.compaction]', async () => {
    const limits = { compactAboveBytes: 20_000 };
    const play = async (count: number) => {
      const disk = createSimulatedDisk(createRandom(count), {
        fail: { operation: 'sync', count, code: 'EIO', forGood: false },
      });
      const store = await openOrThrow(disk, { limits });
      let complete = 0;
      for (let round = 1; round <= 40 && store.failure() === null; round++) {
        const value = new Uint8Array(2000).fill(round);
        const made = store.checkpoint(round, [{ key: 'a', value }]).then(() => {
          complete = round;
        });
        await made.catch(() => {});
      }
      const again = await openOrThrow(disk.afterKill(), { limits });
      expect(again.checkpointRound()).toBeGreaterThanOrEqual(complete);
      expect(again.read('a') ?? new Uint8Array(2000)).toEqual(new Uint8Array(2000).fill(again.checkpointRound()));
      return { isFailed: store.failure() !== null, compactions: await disk.afterKill().list() };
    };
    let count = 1;
    while ((await play(count)).isFailed) count++;
    expect(count).toBeGreaterThan(80);
    expect((await play(count)).compactions.join()).toMatch(/state-0*[3-9]/);
  });
});

describe('while a checkpoint is written', () => {
  it('rounds are appended and the state is still that of the one before [durable.checkpoint]', async () => {
    const disk = createSimulatedDisk(createRandom(7));
    const store = await openOrThrow(disk, { limits: { writeBytes: 100 } });
    await store.appendRound(1, textToBytes('one'));
    await store.checkpoint(1, [change]);
    let isDone = false;
    const values = Array.from({ length: 200 }, (_, i) => ({ key: `k${i}`, value: new Uint8Array(100) }));
    const checkpoint = store.checkpoint(1, [...values, { key: 'a', value: null }]).then(() => {
      isDone = true;
    });
    await store.appendRound(2, textToBytes('two'));
    expect(isDone).toBe(false);
    expect([...store.keys('')]).toEqual(['a']);
    expect(store.read('a')).toEqual(change.value);
    expect(await roundsOf(store)).toEqual([1, 2]);
    await checkpoint;
    expect([...store.keys('')]).toHaveLength(200);
    expect(store.read('a')).toBeNull();
    const killed = await openOrThrow(disk.afterPowerCut());
    expect(killed.checkpointRound()).toBe(1);
    expect(await roundsOf(killed, 1)).toEqual([2]);
  });
});

describe('without retained inputs', () => {
  it('segments before the checkpoint go, later rounds stay, and who asks for the earlier is told [durable.retain]', async () => {
    const disk = createMemoryDisk();
    const options = { retainInputs: false, limits: { segmentBytes: 100 } };
    const store = await openOrThrow(disk, options);
    for (let round = 1; round <= 30; round++) {
      await store.appendRound(round, textToBytes('round'));
      if (round % 10 === 5) await store.checkpoint(round, []);
    }
    await store.close();
    expect(await disk.list()).not.toContain('journal-000000001');
    const again = await openOrThrow(disk, options);
    expect(again.checkpointRound()).toBe(25);
    expect(await roundsOf(again, 25)).toEqual([26, 27, 28, 29, 30]);
    await expect(roundsOf(again, 0)).rejects.toMatchObject({ code: 'inputsNotKept' });
  });
});

describe('a closed store', () => {
  it('has finished what was under way and takes nothing more [durable.close]', async () => {
    const disk = createMemoryDisk();
    const store = await openOrThrow(disk);
    const append = store.appendRound(1, textToBytes('one'));
    const checkpoint = store.checkpoint(1, [change]);
    await store.close();
    await store.close();
    await Promise.all([append, checkpoint]);
    await expect(store.appendRound(2, textToBytes('two'))).rejects.toMatchObject({ kind: 'closed' });
    await expect(store.checkpoint(2, [])).rejects.toMatchObject({ kind: 'closed' });
    expect(() => store.putBlob(textToBytes('x'))).toThrow('The store is closed');
    expect((await openOrThrow(disk)).checkpointRound()).toBe(1);
  });
});
