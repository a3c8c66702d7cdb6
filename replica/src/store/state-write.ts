// Writes checkpoints: behind the newest one in the same file, or into a new file that gets its name when it is complete.
// Either way the checkpoint exists from one moment on (a slot, a rename), and before it everything else is on the disk.

import { type AppendBuffer, appendExtent, createAppendBuffer } from './append-buffer.ts';
import type { Disk, DiskFile } from './disk.ts';
import { encodeHeader, readHeader } from './file-header.ts';
import { stateName, unfinishedName } from './file-names.ts';
import type { JournalAnchor } from './journal-open.ts';
import type { StoreLimits } from './limits.ts';
import { encodeIndex } from './state-index.ts';
import type { OpenedState, StateFile } from './state-open.ts';
import { type Commit, type Extent, encodeSlot, firstValueOffset, slotOffset } from './state-slot.ts';

export interface StateChange {
  readonly key: string;
  /** Null removes the key. Must not change before the next one is asked for. */
  readonly value: Uint8Array | null;
}

export type Changed = Map<string, Extent | null>;

/** Resolves with the journal's part of the commit once the journal is on the disk as far as the checkpoint needs it. */
export type JournalReady = () => Promise<JournalAnchor>;

export async function writeValues(buffer: AppendBuffer, changes: Iterable<StateChange>): Promise<Changed> {
  const changed: Changed = new Map();
  for (const { key, value } of changes) changed.set(key, value === null ? null : await appendExtent(buffer, value));
  return changed;
}

export async function appendCheckpoint(
  opened: OpenedState,
  round: number,
  changes: Iterable<StateChange>,
  journalReady: JournalReady,
  limits: StoreLimits,
): Promise<OpenedState & { readonly changed: Changed }> {
  const { stateFile, commit: before } = opened;
  const buffer = createAppendBuffer(stateFile.file, before.end, limits.writeBytes);
  const changed = await writeValues(buffer, changes);
  const delta = encodeIndex({ previous: before.index, changes: changed });
  const isFull = opened.deltas >= limits.indexDeltas || opened.deltaBytes + delta.length > opened.fullBytes;
  const section = isFull ? encodeIndex({ previous: null, changes: merge(opened.places, changed) }) : delta;
  const index = await appendExtent(buffer, section);
  await buffer.flush();
  await stateFile.file.sync();
  const anchor = await journalReady();
  const commit: Commit = { sequence: before.sequence + 1, round, index, end: buffer.position(), anchor };
  await stateFile.file.writeAt(encodeSlot(commit, stateFile.header.salt), slotOffset(commit.sequence));
  await stateFile.file.sync();
  return {
    stateFile,
    commit,
    changed,
    places: opened.places,
    fullBytes: isFull ? section.length : opened.fullBytes,
    deltaBytes: isFull ? 0 : opened.deltaBytes + section.length,
    deltas: isFull ? 0 : opened.deltas + 1,
    firstSegmentNeeded: before.anchor.scanFrom.segment,
  };
}

/** A new file with one checkpoint: the first of a store, or a compaction. */
export interface NewState {
  readonly generation: number;
  readonly round: number;
  /** Puts the values behind each other. */
  readonly write: (buffer: AppendBuffer) => Promise<Changed>;
  readonly journalReady: JournalReady;
}

/** Writes and syncs the file under a name that does not count yet. On failure nothing of it is left. */
export async function writeStateFile(disk: Disk, state: NewState, limits: StoreLimits): Promise<OpenedState> {
  const name = unfinishedName(stateName(state.generation));
  const file = await disk.createFile(name);
  try {
    return await fillStateFile(file, disk, state, limits);
  } catch (error) {
    await file.close();
    // If this fails too, the next opening removes it; what to tell is why it was not written.
    await disk.remove(name).catch(() => {});
    throw error;
  }
}

/** From here on the file is the state. Whether a failure happened before or after that, only opening again can tell. */
export async function publishStateFile(disk: Disk, generation: number): Promise<void> {
  const name = stateName(generation);
  await disk.rename(unfinishedName(name), name);
  await disk.syncDirectory();
}

async function fillStateFile(file: DiskFile, disk: Disk, state: NewState, limits: StoreLimits): Promise<OpenedState> {
  const { generation, round } = state;
  const header = encodeHeader({ kind: 'state', salt: disk.freshSalt(), number: generation, previousRound: 0 });
  await file.writeAt(header, 0);
  const path = disk.pathOf(stateName(generation));
  const stateFile: StateFile = { file, path, header: readHeader(file, 'state', generation, path) };
  const buffer = createAppendBuffer(file, firstValueOffset, limits.writeBytes);
  const places = new Map(merge(new Map(), await state.write(buffer)));
  const section = encodeIndex({ previous: null, changes: places });
  const index = await appendExtent(buffer, section);
  await buffer.flush();
  const commit: Commit = { sequence: 1, round, index, end: buffer.position(), anchor: await state.journalReady() };
  await file.writeAt(encodeSlot(commit, stateFile.header.salt), slotOffset(commit.sequence));
  await file.sync();
  const firstSegmentNeeded = commit.anchor.scanFrom.segment;
  return { stateFile, commit, places, fullBytes: section.length, deltaBytes: 0, deltas: 0, firstSegmentNeeded };
}

function* merge(places: ReadonlyMap<string, Extent>, changed: Changed): Generator<[string, Extent]> {
  for (const [key, place] of places) if (!changed.has(key)) yield [key, place];
  for (const [key, place] of changed) if (place !== null) yield [key, place];
}
