// Key → value as of the newest complete checkpoint. Values stay in the file; the memory holds where they are.

import { crc32 } from 'node:zlib';
import { assert } from '@tamc/base/assert';
import { type AppendBuffer, appendExtent } from './append-buffer.ts';
import { type Disk, type DiskFile, readExactly } from './disk.ts';
import { stateName } from './file-names.ts';
import { type StoreLimits, valueBytesMax } from './limits.ts';
import { createOrderedKeys } from './ordered-keys.ts';
import type { OpenedState } from './state-open.ts';
import { type Extent, firstValueOffset } from './state-slot.ts';
import {
  appendCheckpoint,
  type Changed,
  type JournalReady,
  publishStateFile,
  type StateChange,
  writeStateFile,
  writeValues,
} from './state-write.ts';
import { StoreError, stateDamageStep } from './store-error.ts';

export interface State {
  round(): number;
  read(key: string): Uint8Array | null;
  keys(prefix: string): Iterable<string>;
  /** One at a time. */
  checkpoint(round: number, changes: Iterable<StateChange>, journalReady: JournalReady): Promise<void>;
  /** Rewrites the file without its garbage when there is much of it. */
  compact(): Promise<void>;
  firstSegmentNeeded(): number;
  sizes(): { readonly fileBytes: number; readonly liveBytes: number };
}

export function createState(disk: Disk, limits: StoreLimits, initial: OpenedState | null): State {
  let opened = initial;
  let liveBytes = sum(initial?.places.values() ?? []);
  let compactAboveBytes = limits.compactAboveBytes;
  const keys = createOrderedKeys(initial?.places.keys() ?? []);

  const first = async (round: number, changes: Iterable<StateChange>, journalReady: JournalReady) => {
    const write = (buffer: AppendBuffer) => writeValues(buffer, checked(changes));
    const written = await writeStateFile(disk, { generation: 1, round, write, journalReady }, limits);
    await publishStateFile(disk, 1);
    opened = written;
    liveBytes = sum(opened.places.values());
    keys.add(opened.places.keys());
  };
  const next = async (before: OpenedState, round: number, changes: Iterable<StateChange>, ready: JournalReady) => {
    assert(round >= before.commit.round, `checkpoint of round ${round} after that of ${before.commit.round}`);
    const { changed, ...after } = await appendCheckpoint(before, round, checked(changes), ready, limits);
    opened = after;
    apply(after.places, changed);
  };
  const apply = (places: Map<string, Extent>, changed: Changed) => {
    for (const [key, place] of changed) {
      const old = places.get(key);
      liveBytes += (place?.length ?? 0) - (old?.length ?? 0);
      if (place === null) places.delete(key);
      else places.set(key, place);
      if (old === undefined && place !== null) keys.add([key]);
      if (old !== undefined && place === null) keys.remove(key);
    }
  };
  const isWasteful = ({ commit, fullBytes, deltaBytes }: OpenedState) =>
    commit.end > compactAboveBytes && 2 * (liveBytes + fullBytes + deltaBytes + firstValueOffset) < commit.end;

  return {
    round: () => opened?.commit.round ?? 0,
    read(key) {
      const place = opened?.places.get(key);
      return place === undefined ? null : readValue(opened!, place);
    },
    keys: (prefix) => keys.withPrefix(prefix),
    checkpoint: (round, changes, ready) =>
      opened === null ? first(round, changes, ready) : next(opened, round, changes, ready),
    async compact() {
      if (opened === null || !isWasteful(opened)) return;
      const old = opened;
      const compacted = await writeCompacted(disk, old, limits);
      if (compacted === null) {
        // No room for a second copy now: a bigger file will be worth another try.
        compactAboveBytes = old.commit.end + old.commit.end / 4;
        return;
      }
      await publishStateFile(disk, compacted.stateFile.header.number);
      opened = compacted;
      await old.stateFile.file.close();
      await disk.remove(stateName(old.stateFile.header.number));
    },
    firstSegmentNeeded: () => opened?.firstSegmentNeeded ?? 0,
    sizes: () => ({ fileBytes: opened?.commit.end ?? 0, liveBytes }),
  };
}

/** Null when the disk has no room for the new file; the old one is as it was. */
async function writeCompacted(disk: Disk, old: OpenedState, limits: StoreLimits): Promise<OpenedState | null> {
  const { round, anchor } = old.commit;
  const generation = old.stateFile.header.number + 1;
  const write = (buffer: AppendBuffer) => copyValues(old, buffer);
  try {
    return await writeStateFile(disk, { generation, round, write, journalReady: async () => anchor }, limits);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'diskFull') return null;
    throw error;
  }
}

/** In the order of the file. Checksums are copied, not made anew: a damaged value stays a damaged value. */
async function copyValues({ stateFile, places }: OpenedState, buffer: AppendBuffer): Promise<Changed> {
  const copied: Changed = new Map();
  const inOrder = [...places].sort(([, a], [, b]) => a.offset - b.offset);
  for (const [key, place] of inOrder) {
    const bytes = readExactly(stateFile.file, place.offset, place.length);
    if (bytes === null) throw damagedValue(stateFile.path, place);
    copied.set(key, await appendExtent(buffer, bytes, place.crc));
  }
  return copied;
}

function readValue({ stateFile, commit }: OpenedState, place: Extent): Uint8Array {
  if (place.offset + place.length > commit.end) throw damagedValue(stateFile.path, place);
  const bytes = new Uint8Array(place.length);
  if (readFrom(stateFile.file, bytes, place) !== place.crc) throw damagedValue(stateFile.path, place);
  return bytes;
}

function readFrom(file: DiskFile, target: Uint8Array, place: Extent): number | null {
  return file.readAt(target, place.offset) === place.length ? crc32(target) : null;
}

function damagedValue(file: string, place: Extent): StoreError {
  const detail = 'a value does not match its checksum';
  return new StoreError('fileDamaged', { file, offset: place.offset, detail, nextStep: stateDamageStep });
}

function* checked(changes: Iterable<StateChange>): Generator<StateChange> {
  for (const change of changes) {
    assert(change.key.length > 0, 'an empty key');
    assert((change.value?.length ?? 0) <= valueBytesMax, `a value of ${change.value?.length} bytes`);
    yield change;
  }
}

function sum(places: Iterable<Extent>): number {
  let total = 0;
  for (const place of places) total += place.length;
  return total;
}
