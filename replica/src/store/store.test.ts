import { bytesEqual, bytesToHex, textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import type { Disk } from './disk.ts';
import { createMemoryDisk } from './memory-disk.ts';
import { openStore, type Store, type StoreOptions } from './store.ts';

async function openOrThrow(disk: Disk, options?: StoreOptions): Promise<Store> {
  const opened = await openStore(disk, options);
  if (!opened.ok) throw opened.error;
  return opened.value;
}

async function roundsOf(store: Store, afterRound = 0): Promise<string[]> {
  const rounds: string[] = [];
  for await (const { round, record } of store.readRounds(afterRound)) rounds.push(`${round}:${bytesToHex(record)}`);
  return rounds;
}

const value = (size: number, seed: number) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed) & 0xff);

describe('the journal', () => {
  it('begins empty [durable.journal]', async () => {
    const store = await openOrThrow(createMemoryDisk());
    expect(store.lastRound()).toBe(0);
    expect(await roundsOf(store)).toEqual([]);
  });

  it('gives back every round in order after opening again, from any round on [durable.journal]', async () => {
    const disk = createMemoryDisk();
    const store = await openOrThrow(disk);
    await Promise.all([1, 2, 5, 9].map((round) => store.appendRound(round, Uint8Array.of(round))));
    expect(store.lastRound()).toBe(9);
    await store.close();
    const again = await openOrThrow(disk);
    expect(again.lastRound()).toBe(9);
    expect(await roundsOf(again)).toEqual(['1:01', '2:02', '5:05', '9:09']);
    expect(await roundsOf(again, 2)).toEqual(['5:05', '9:09']);
    expect(await roundsOf(again, 9)).toEqual([]);
  });

  it('goes on over many segments and flushes [durable.segments]', async () => {
    const disk = createMemoryDisk();
    const limits = { segmentBytes: 1000, flushBytes: 200, markBytes: 300 };
    const store = await openOrThrow(disk, { limits });
    for (let round = 1; round <= 300; round++) {
      const done = store.appendRound(round, value(round % 50, round));
      if (round % 7 === 0) await done;
    }
    await store.close();
    const again = await openOrThrow(disk, { limits });
    expect((await disk.list()).length).toBeGreaterThan(5);
    const rounds = await roundsOf(again, 100);
    expect(rounds).toEqual(
      Array.from({ length: 200 }, (_, i) => `${i + 101}:${bytesToHex(value((i + 101) % 50, i + 101))}`),
    );
  });
});

describe('the state', () => {
  it('is what the newest checkpoint made it, over many checkpoints and compactions [durable.checkpoint]', async () => {
    const disk = createMemoryDisk();
    const limits = { compactAboveBytes: 50_000, writeBytes: 1000, indexDeltas: 5 };
    const expected = new Map<string, Uint8Array>();
    let store = await openOrThrow(disk, { limits });
    for (let round = 1; round <= 120; round++) {
      const changes = Array.from({ length: 20 }, (_, i) => {
        const key = `k/${(round * 13 + i * 7) % 100}`;
        const isGone = (round + i) % 11 === 0;
        return { key, value: isGone ? null : value(100 + ((round * i) % 400), round + i) };
      });
      for (const { key, value } of changes) value === null ? expected.delete(key) : expected.set(key, value);
      await store.checkpoint(round, changes);
      if (round % 10 === 0) {
        await store.close();
        store = await openOrThrow(disk, { limits });
      }
      expect(store.checkpointRound()).toBe(round);
      expect([...store.keys('k/')]).toEqual([...expected.keys()].sort());
      for (const [key, value] of expected) expect(bytesEqual(store.read(key)!, value)).toBe(true);
    }
    expect(store.sizeBytes().state).toBeLessThan(4 * 50_000);
    expect((await disk.list()).filter((name) => name.startsWith('state'))).not.toContain('state-000000001');
  });

  it('lists keys with a prefix in order [durable.state]', async () => {
    const store = await openOrThrow(createMemoryDisk());
    const changes = ['b', 'a/2', 'a/10', 'a', 'c', 'a/1'].map((key) => ({ key, value: textToBytes(key) }));
    await store.checkpoint(1, changes);
    expect([...store.keys('a/')]).toEqual(['a/1', 'a/10', 'a/2']);
    expect([...store.keys('')]).toEqual(['a', 'a/1', 'a/10', 'a/2', 'b', 'c']);
    expect(store.read('nobody')).toBeNull();
  });
});

describe('blobs', () => {
  it('are stored once and found by their hash [durable.blobs]', async () => {
    const disk = createMemoryDisk();
    const store = await openOrThrow(disk);
    const hash = store.putBlob(textToBytes('abc'));
    expect(hash).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(store.putBlob(textToBytes('abc'))).toBe(hash);
    expect(store.readBlob(hash)).toEqual(textToBytes('abc'));
    await store.appendRound(1, textToBytes(hash));
    await store.close();
    const again = await openOrThrow(disk);
    expect(again.readBlob(hash)).toEqual(textToBytes('abc'));
  });
});
