// What a store says when its files are not as it left them: which damage is torn and cut, which is refused, in what words.

import { bytesToHex, concatBytes, textToBytes } from '@tamc/base/bytes';
import { createRandom } from '@tamc/base/random';
import { describe, expect, it } from 'vitest';
import type { Disk } from './disk.ts';
import { encodeFlushedEnd, encodeHeader, flushedEndOffset, parseHeader } from './file-header.ts';
import { createMemoryDisk } from './memory-disk.ts';
import { createSimulatedDisk } from './simulated-disk.ts';
import { openStore, type Store, type StoreOptions } from './store.ts';
import { StoreError } from './store-error.ts';

async function openOrThrow(disk: Disk, options?: StoreOptions): Promise<Store> {
  const opened = await openStore(disk, options);
  if (!opened.ok) throw opened.error;
  return opened.value;
}

async function errorOfOpening(disk: Disk, options?: StoreOptions): Promise<StoreError> {
  const opened = await openStore(disk, options);
  if (opened.ok) throw new Error('the store opened');
  return opened.error;
}

async function copyOf(disk: Disk): Promise<Disk> {
  const copy = createMemoryDisk();
  for (const name of await disk.list()) await setContent(copy, name, disk.readWhole(name));
  return copy;
}

async function setContent(disk: Disk, name: string, content: Uint8Array): Promise<void> {
  const file = await disk.createFile(name);
  await file.writeAt(content, 0);
}

async function flip(disk: Disk, name: string, offset: number): Promise<void> {
  const content = disk.readWhole(name);
  content[offset] = content[offset]! ^ 0x10;
  await setContent(disk, name, content);
}

async function roundsOf(store: Store, afterRound = 0): Promise<number[]> {
  const rounds: number[] = [];
  for await (const { round } of store.readRounds(afterRound)) rounds.push(round);
  return rounds;
}

const journal = 'journal-000000001';
const headerBytes = 64;
/** A flush of one record of 20 bytes: frame header, record header, record. */
const frameBytes = 32 + 12 + 20;

/** The head of a journal says how far it was flushed when it was last written there. */
function withFlushedEnd(content: Uint8Array, end: number): Uint8Array {
  const header = parseHeader(content.subarray(0, headerBytes), 'journal', journal);
  if (!header.ok) throw header.error;
  const changed = content.slice();
  changed.set(encodeFlushedEnd(end, header.value.salt), flushedEndOffset);
  return changed;
}

/** Three flushes of one round each, then what a killed process leaves. */
async function threeRounds(): Promise<Disk> {
  const disk = createMemoryDisk();
  const store = await openOrThrow(disk);
  for (const round of [1, 2, 3]) await store.appendRound(round, new Uint8Array(20).fill(round));
  return copyOf(disk);
}

describe('a torn last flush', () => {
  it('is cut wherever it tore, and the rounds before it are kept [durable.torn-tail]', async () => {
    const whole = await threeRounds();
    const lastStart = headerBytes + 2 * frameBytes;
    for (let length = lastStart; length < lastStart + frameBytes; length++) {
      const disk = await copyOf(whole);
      const written = withFlushedEnd(whole.readWhole(journal), lastStart);
      await setContent(disk, journal, written.subarray(0, length));
      const store = await openOrThrow(disk);
      expect(await roundsOf(store)).toEqual([1, 2]);
      await store.appendRound(3, textToBytes('again'));
      await store.close();
      expect(await roundsOf(await openOrThrow(disk))).toEqual([1, 2, 3]);
    }
  });

  it('is torn also when its record holds a copy of earlier flushes [durable.torn-tail]', async () => {
    const disk = createSimulatedDisk(createRandom(1));
    const store = await openOrThrow(disk);
    await store.appendRound(1, textToBytes('one'));
    await store.appendRound(2, textToBytes('two'));
    const imitation = disk.contentOf(journal);
    await store.appendRound(3, concatBytes(imitation, imitation, imitation));
    const torn = createMemoryDisk();
    await setContent(torn, journal, disk.contentOf(journal).subarray(0, headerBytes + 400));
    expect(await roundsOf(await openOrThrow(torn))).toEqual([1, 2]);
  });
});

describe('a damaged flush', () => {
  it('is refused at every byte, with file and place, when a later one is there [durable.damage]', async () => {
    const whole = await threeRounds();
    for (let offset = headerBytes; offset < headerBytes + 2 * frameBytes; offset++) {
      const disk = await copyOf(whole);
      await flip(disk, journal, offset);
      const error = await errorOfOpening(disk);
      const start = offset - ((offset - headerBytes) % frameBytes);
      expect(error).toMatchObject({ kind: 'broken', code: 'fileDamaged', offset: start, file: `memory:${journal}` });
      expect(await disk.list()).toEqual(await whole.list());
    }
  });

  it('is refused also when it is the last, once the store had a moment to say so [durable.damage]', async () => {
    const disk = await threeRounds();
    await flip(disk, journal, headerBytes + 2 * frameBytes + 50);
    expect((await errorOfOpening(disk)).message).toMatchInlineSnapshot(
      `"A file of the store is damaged (memory:journal-000000001, byte 192): the rounds of a flush do not match their checksum, and it was on the disk up to byte 256. Nothing was changed. Restore the store from a backup, or start with a new directory."`,
    );
  });

  it('is refused when a checkpoint knows that more was there [durable.damage]', async () => {
    const disk = createMemoryDisk();
    const store = await openOrThrow(disk);
    for (const round of [1, 2, 3]) await store.appendRound(round, new Uint8Array(20));
    await store.checkpoint(2, []);
    await setContent(disk, journal, disk.readWhole(journal).subarray(0, headerBytes + 2 * frameBytes + 7));
    expect(await errorOfOpening(disk)).toMatchObject({ code: 'fileDamaged', offset: headerBytes + 2 * frameBytes });
  });

  it('before the checkpoint is found when the rounds are read [durable.damage]', async () => {
    const disk = createMemoryDisk();
    const store = await openOrThrow(disk);
    for (const round of [1, 2, 3]) await store.appendRound(round, new Uint8Array(20));
    await store.checkpoint(3, []);
    await store.close();
    await flip(disk, journal, headerBytes + frameBytes + 50);
    const again = await openOrThrow(disk);
    await expect(roundsOf(again)).rejects.toMatchObject({ code: 'fileDamaged', offset: headerBytes + frameBytes });
    expect(await roundsOf(again, 3)).toEqual([]);
  });
});

describe('a journal that was cut from outside', () => {
  const histories = {
    'before the first checkpoint, of a killed process': threeRounds,
    'before the first checkpoint, closed': () => closed(async () => {}),
    'behind a checkpoint, closed': () => closed((store) => store.checkpoint(2, [])),
    'right after a checkpoint, closed': () => closed((store) => store.checkpoint(3, [])),
    'with rounds that never waited for each other, killed': async () => {
      const disk = createMemoryDisk();
      const store = await openOrThrow(disk, { limits: { flushBytes: frameBytes - 1 } });
      const appended = [1, 2, 3, 4, 5, 6].map((round) => store.appendRound(round, new Uint8Array(20).fill(round)));
      await appended[3];
      return copyOf(disk);
    },
  };

  async function closed(use: (store: Store) => Promise<void>): Promise<Disk> {
    const disk = createMemoryDisk();
    const store = await openOrThrow(disk);
    for (const round of [1, 2, 3]) await store.appendRound(round, new Uint8Array(20).fill(round));
    await use(store);
    await store.close();
    return disk;
  }

  it.each(Object.entries(histories))('is refused, and left as it is: %s [durable.cut]', async (_name, play) => {
    const whole = await play();
    const content = whole.readWhole(journal);
    // Of the rounds that never waited, the last flush may be known or not.
    const known = headerBytes + 3 * frameBytes;
    expect(content.length).toBeGreaterThanOrEqual(known);
    for (let length = 0; length < known; length++) {
      const disk = await copyOf(whole);
      await setContent(disk, journal, content.subarray(0, length));
      expect(await errorOfOpening(disk)).toMatchObject({ kind: 'broken', code: 'fileDamaged' });
      expect(disk.readWhole(journal)).toEqual(content.subarray(0, length));
      // What a checkpoint makes superfluous is looked at when it is read.
      const zeroed = content.slice().fill(0, Math.max(length, headerBytes));
      await setContent(disk, journal, zeroed);
      await expect(openOrThrow(disk).then((store) => roundsOf(store))).rejects.toMatchObject({ code: 'fileDamaged' });
      expect(disk.readWhole(journal)).toEqual(zeroed);
    }
  });

  it('is refused also when a restart has found the rounds and nothing was written since [durable.cut]', async () => {
    const disk = await threeRounds();
    await setContent(disk, journal, withFlushedEnd(disk.readWhole(journal), 0));
    await openOrThrow(disk);
    await setContent(disk, journal, disk.readWhole(journal).subarray(0, headerBytes + 2 * frameBytes));
    expect((await errorOfOpening(disk)).message).toContain(
      'the file is shorter than it was, and it was on the disk up to byte 256',
    );
  });

  it('opens where the power went while its head was written [durable.cut]', async () => {
    const whole = await threeRounds();
    const content = whole.readWhole(journal);
    const before = withFlushedEnd(content, headerBytes + 2 * frameBytes);
    for (let written = 0; written <= 12; written++) {
      const torn = before.slice();
      torn.set(content.subarray(flushedEndOffset, flushedEndOffset + written), flushedEndOffset);
      const disk = await copyOf(whole);
      await setContent(disk, journal, torn);
      expect(await roundsOf(await openOrThrow(disk))).toEqual([1, 2, 3]);
    }
  });
});

describe('a missing file', () => {
  const limits = { segmentBytes: 200 };

  async function manySegments(): Promise<{ disk: Disk; segments: string[] }> {
    const disk = createMemoryDisk();
    const store = await openOrThrow(disk, { limits });
    for (let round = 1; round <= 20; round++) await store.appendRound(round, new Uint8Array(50));
    await store.close();
    return { disk, segments: (await disk.list()).filter((name) => name.startsWith('journal')).sort() };
  }

  it('of the journal is named, whichever it is [durable.missing]', async () => {
    const { disk, segments } = await manySegments();
    expect(segments.length).toBeGreaterThan(4);
    for (const name of segments) {
      const copy = await copyOf(disk);
      await copy.remove(name);
      expect(await errorOfOpening(copy)).toMatchObject({ code: 'fileMissing', file: `memory:${name}` });
    }
  });

  it('is no loss where the state alone is missing and every input is there [durable.missing]', async () => {
    const { disk } = await manySegments();
    const store = await openOrThrow(disk);
    await store.checkpoint(20, [{ key: 'a', value: textToBytes('a') }]);
    await store.close();
    await disk.remove('state-000000001');
    const again = await openOrThrow(disk);
    expect(again.checkpointRound()).toBe(0);
    expect((await roundsOf(again)).length).toBe(20);
  });

  it('of a blob is named by its hash [durable.missing]', async () => {
    const store = await openOrThrow(createMemoryDisk());
    const hash = 'ab'.repeat(32);
    expect(() => store.readBlob(hash)).toThrow(`memory:blob-${hash}`);
  });
});

describe('a damaged state', () => {
  const state = 'state-000000001';
  const change = (key: string, size: number) => ({ key, value: createRandom(size).bytes(size) });

  async function twoCheckpoints(): Promise<Disk> {
    const disk = createMemoryDisk();
    const store = await openOrThrow(disk);
    await store.appendRound(1, textToBytes('one'));
    await store.checkpoint(1, [change('a', 100), change('b', 200)]);
    await store.appendRound(2, textToBytes('two'));
    await store.checkpoint(2, [change('b', 300)]);
    await store.close();
    return disk;
  }

  it('of a value is told when that value is read, and only then [durable.damage]', async () => {
    const disk = await twoCheckpoints();
    await flip(disk, state, 3 * 4096 + 20);
    const store = await openOrThrow(disk);
    expect(() => store.read('a')).toThrow(StoreError);
    expect(() => store.read('a')).toThrow('state-000000001, byte 12288');
    expect(store.read('b')).toEqual(change('b', 300).value);
  });

  it('of the newest slot leaves the checkpoint before and the rounds after that [durable.damage]', async () => {
    const disk = await twoCheckpoints();
    await flip(disk, state, 4096 + 30); // the second checkpoint has an even number and the first slot
    const store = await openOrThrow(disk);
    expect(store.checkpointRound()).toBe(1);
    expect(store.read('b')).toEqual(change('b', 200).value);
    expect(await roundsOf(store, 1)).toEqual([2]);
  });

  it('of a slot loses no round even when inputs are not retained [durable.damage]', async () => {
    const disk = createMemoryDisk();
    const options = { retainInputs: false, limits: { segmentBytes: 100 } };
    let store = await openOrThrow(disk, options);
    for (let round = 1; round <= 40; round++) {
      await store.appendRound(round, new Uint8Array(30));
      if (round % 5 === 0) await store.checkpoint(round, [change('a', round)]);
      if (round !== 20) continue;
      await store.close();
      store = await openOrThrow(disk, options);
    }
    await store.close();
    const slot = 4096 * (1 + (8 % 2)); // eight checkpoints
    await flip(disk, state, slot + 20);
    const again = await openOrThrow(disk, options);
    expect(again.checkpointRound()).toBe(35);
    expect(await roundsOf(again, 35)).toEqual([36, 37, 38, 39, 40]);
  });

  it('of the index, or a file that is cut, is refused with a way to go on [durable.damage]', async () => {
    const disk = await twoCheckpoints();
    const content = disk.readWhole(state);
    await flip(disk, state, content.length - 3);
    const error = await errorOfOpening(disk);
    expect(error).toMatchObject({ kind: 'broken', code: 'fileDamaged' });
    expect(error.nextStep).toContain('remove the state file');
    await setContent(disk, state, content.subarray(0, content.length - 3));
    expect(await errorOfOpening(disk)).toMatchObject({ code: 'fileDamaged', offset: content.length - 3 });
  });

  it('of a blob is told when it is read [durable.damage]', async () => {
    const disk = createMemoryDisk();
    const store = await openOrThrow(disk);
    const hash = store.putBlob(textToBytes('a module'));
    await store.appendRound(1, textToBytes(hash));
    await flip(disk, `blob-${hash}`, 66);
    expect(() => store.readBlob(hash)).toThrow('its content is not what its name says');
  });
});

describe('a file of another version', () => {
  const files = { 'journal-000000001': 'journal', 'state-000000001': 'state' } as const;

  it.each(Object.entries(files))('is refused with a sentence: %s [durable.version]', async (name, kind) => {
    for (const [version, code] of [
      [0, 'olderVersion'],
      [2, 'newerVersion'],
      [4_000_000_000, 'newerVersion'],
    ] as const) {
      const disk = createMemoryDisk();
      const header = { kind, salt: new Uint8Array(8), number: 1, previousRound: 0 };
      await setContent(disk, name, encodeHeader(header, version));
      const error = await errorOfOpening(disk);
      expect(error).toMatchObject({ kind: 'version', code });
      expect(error.message).toContain(`it has format version ${version}, this program writes 1. Use the`);
      expect(bytesToHex(disk.readWhole(name))).toBe(bytesToHex(encodeHeader(header, version)));
    }
  });

  it('is refused also when it is a blob [durable.version]', async () => {
    const disk = createMemoryDisk();
    const name = 'cd'.repeat(32);
    const header = { kind: 'blob', salt: new Uint8Array(8), number: 0, previousRound: 0 } as const;
    await setContent(disk, `blob-${name}`, encodeHeader(header, 0));
    const store = await openOrThrow(disk);
    expect(() => store.readBlob(name)).toThrow('it has format version 0');
  });

  it('is refused when it only has the name of a store file [durable.version]', async () => {
    const disk = createMemoryDisk();
    await setContent(disk, journal, textToBytes('dear diary, '.repeat(20)));
    expect(await errorOfOpening(disk)).toMatchObject({ kind: 'version', code: 'notOurs' });
  });
});
