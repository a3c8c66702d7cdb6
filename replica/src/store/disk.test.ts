// What every driver promises, asked of every driver.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textToBytes } from '@tamc/base/bytes';
import { createRandom } from '@tamc/base/random';
import { afterAll, describe, expect, it } from 'vitest';
import { type Disk, readExactly } from './disk.ts';
import { createMemoryDisk } from './memory-disk.ts';
import { openNodeDisk } from './node-disk.ts';
import { createSimulatedDisk } from './simulated-disk.ts';

const directories: string[] = [];

function createDirectoryDisk(): Disk {
  const directory = mkdtempSync(join(tmpdir(), 'store-disk-'));
  directories.push(directory);
  const opened = openNodeDisk(join(directory, 'deep', 'store'));
  if (!opened.ok) throw opened.error;
  return opened.value;
}

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

const drivers: Record<string, () => Disk> = {
  'a directory': createDirectoryDisk,
  memory: createMemoryDisk,
  'the simulated disk': () => createSimulatedDisk(createRandom(1)),
};

describe.each(Object.entries(drivers))('a disk that is %s', (_name, createDisk) => {
  it('reads what was written, with zeros in a gap [durable.disk]', async () => {
    const disk = createDisk();
    const file = await disk.createFile('one');
    await file.writeAt(textToBytes('abc'), 0);
    await file.writeAt(textToBytes('xy'), 5);
    await file.sync();
    expect(file.size()).toBe(7);
    expect(readExactly(file, 0, 7)).toEqual(Uint8Array.of(97, 98, 99, 0, 0, 120, 121));
    expect(readExactly(file, 5, 3)).toBeNull();
    expect(file.readAt(new Uint8Array(10), 6)).toBe(1);
    expect(disk.readWhole('one')).toEqual(readExactly(file, 0, 7));
    expect(disk.sizeOf('one')).toBe(7);
    await file.close();
  });

  it('cuts a file, and what is written behind the cut later has zeros before it [durable.disk]', async () => {
    const file = await createDisk().createFile('one');
    await file.writeAt(textToBytes('abcdef'), 0);
    await file.truncate(2);
    await file.writeAt(textToBytes('z'), 4);
    expect(readExactly(file, 0, 5)).toEqual(Uint8Array.of(97, 98, 0, 0, 122));
    await file.close();
  });

  it('renames over a file, removes, and lists [durable.disk]', async () => {
    const disk = createDisk();
    for (const name of ['a', 'b', 'c']) {
      const file = await disk.createFile(name);
      await file.writeAt(textToBytes(name), 0);
      await file.close();
    }
    await disk.rename('a', 'b');
    await disk.remove('c');
    await disk.syncDirectory();
    expect(await disk.list()).toEqual(['b']);
    expect(disk.readWhole('b')).toEqual(textToBytes('a'));
  });

  it('empties a file that is created again [durable.disk]', async () => {
    const disk = createDisk();
    const file = await disk.createFile('a');
    await file.writeAt(textToBytes('abc'), 0);
    await file.close();
    const again = await disk.createFile('a');
    expect(again.size()).toBe(0);
    await again.close();
  });

  it('says with a store error that a file is not there [durable.disk]', async () => {
    const disk = createDisk();
    const missing = { name: 'StoreError', code: 'fileMissing' };
    await expect(disk.openFile('nobody')).rejects.toMatchObject(missing);
    await expect(disk.remove('nobody')).rejects.toMatchObject(missing);
    await expect(disk.rename('nobody', 'x')).rejects.toMatchObject(missing);
    expect(() => disk.readWhole('nobody')).toThrow(expect.objectContaining(missing));
    expect(() => disk.sizeOf('nobody')).toThrow(expect.objectContaining(missing));
  });
});

describe('the simulated disk', () => {
  it('keeps after a power cut what was synced and any part of the rest, and all of it after a kill [durable.disk]', async () => {
    const left = new Set<string>();
    for (let seed = 1; seed <= 200; seed++) {
      const disk = createSimulatedDisk(createRandom(seed));
      const file = await disk.createFile('a');
      await file.writeAt(textToBytes('safe'), 0);
      await file.sync();
      await disk.syncDirectory();
      await file.writeAt(textToBytes('more'), 4);
      const other = await disk.createFile('b');
      await other.sync();
      const killed = disk.afterKill();
      expect(killed.contentOf('a')).toEqual(textToBytes('safemore'));
      const cut = killed.afterPowerCut();
      const content = new TextDecoder().decode(cut.contentOf('a'));
      expect(content.slice(0, 4)).toBe('safe');
      left.add(`${content} ${(await cut.list()).includes('b')}`);
    }
    expect(left.has('safe false') && left.has('safemore true') && left.has('safem false')).toBe(true);
  });

  it('repeats itself from the same seed [durable.disk]', async () => {
    const play = async (seed: number) => {
      const disk = createSimulatedDisk(createRandom(seed));
      const file = await disk.createFile('a');
      await disk.syncDirectory();
      await file.writeAt(createRandom(5).bytes(5000), 0);
      return disk.afterPowerCut().contentOf('a');
    };
    expect(await play(3)).toEqual(await play(3));
  });

  it('fails the chosen operation, and later ones if told so [durable.disk]', async () => {
    const disk = createSimulatedDisk(createRandom(1), {
      fail: { count: 1, operation: 'write', code: 'ENOSPC', forGood: true },
    });
    const file = await disk.createFile('a');
    await expect(file.writeAt(textToBytes('abc'), 0)).rejects.toMatchObject({ code: 'diskFull' });
    await expect(file.writeAt(textToBytes('abc'), 0)).rejects.toMatchObject({ code: 'diskFull' });
  });
});
