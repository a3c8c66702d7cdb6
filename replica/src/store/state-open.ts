// Finds the newest complete checkpoint: two slots, then a bounded chain of index sections; no value is read.

import type { Disk, DiskFile } from './disk.ts';
import { type FileHeader, readHeader } from './file-header.ts';
import { stateName } from './file-names.ts';
import { applyIndex, readIndexChain } from './state-index.ts';
import { type Commit, type Extent, encodeSlot, readCommits, slotOffset } from './state-slot.ts';
import { StoreError, stateDamageStep } from './store-error.ts';

export interface StateFile {
  readonly file: DiskFile;
  readonly path: string;
  readonly header: FileHeader;
}

/** A checkpoint as it stands in its file, and what is known of the file's index. */
export interface OpenedState {
  readonly stateFile: StateFile;
  readonly commit: Commit;
  /** Length of the chain's full section, of its deltas, and how many those are. */
  readonly fullBytes: number;
  readonly deltaBytes: number;
  readonly deltas: number;
  readonly places: Map<string, Extent>;
  /** Journal segments before this are needed neither by this checkpoint nor by the one in the other slot. */
  readonly firstSegmentNeeded: number;
}

export async function openState(disk: Disk, generation: number): Promise<OpenedState> {
  const file = await disk.openFile(stateName(generation));
  const path = disk.pathOf(file.name);
  const stateFile = { file, path, header: readHeader(file, 'state', generation, path) };
  const commit = readCommits(file, stateFile.header)[0];
  if (commit === undefined) throw damage(path, slotOffset(0), 'neither slot names a complete checkpoint');
  if (!(commit.end <= file.size())) throw damage(path, file.size(), 'the file is shorter than its newest checkpoint');
  const { sections, problemAt } = readIndexChain(file, commit.index);
  if (problemAt !== null) throw damage(path, problemAt, 'an index does not match its checksum');
  const places = new Map<string, Extent>();
  for (const section of sections.toReversed()) {
    if (!applyIndex(places, section)) throw damage(path, commit.index.offset, 'an index does not parse');
  }
  const opened: OpenedState = {
    stateFile,
    commit,
    fullBytes: sections.at(-1)!.length,
    deltaBytes: sections.slice(0, -1).reduce((sum, section) => sum + section.length, 0),
    deltas: sections.length - 1,
    places,
    firstSegmentNeeded: 0, // nothing is given up before there is a newer checkpoint
  };
  await settleCommit(stateFile, commit);
  return opened;
}

/**
 * A sync that failed in an earlier run may have left the newest slot in the system's cache alone, marked clean: written
 * again, it is on the disk. What lies behind is of a checkpoint that was not completed: its space is given back.
 */
async function settleCommit({ file, header }: StateFile, commit: Commit): Promise<void> {
  await file.writeAt(encodeSlot(commit, header.salt), slotOffset(commit.sequence));
  await file.sync();
  if (file.size() > commit.end) await file.truncate(commit.end);
}

function damage(file: string, offset: number, detail: string): StoreError {
  return new StoreError('fileDamaged', { file, offset, detail, nextStep: stateDamageStep });
}
