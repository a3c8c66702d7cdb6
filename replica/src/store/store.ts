// The replica's durable memory: a journal of recorded inputs, content-addressed blobs, and a state of key → value that
// changes only at checkpoints. What was acknowledged survives kill -9 and a power cut; damage is an error, never a silence.

import { ok, type Result, refuse } from '@tamc/base/result';
import { type Blobs, createBlobs } from './blobs.ts';
import type { Disk } from './disk.ts';
import { parseFileNames, type StoreFiles, stateName } from './file-names.ts';
import { createHealth, type Health } from './health.ts';
import { openJournal } from './journal-open.ts';
import { readRounds, type StoredRound } from './journal-reader.ts';
import { createJournalWriter, type JournalWriter } from './journal-writer.ts';
import { defaultLimits, type StoreLimits } from './limits.ts';
import { createState, type State } from './state.ts';
import { openState } from './state-open.ts';
import type { StateChange } from './state-write.ts';
import { isStoreError, StoreError } from './store-error.ts';
import { trackFiles } from './tracked-files.ts';

export interface StoreOptions {
  /** Called while the journal is read at open. */
  readonly onProgress?: (journalBytesRead: number) => void;
  /** False removes the recorded inputs that no checkpoint needs any more. */
  readonly retainInputs?: boolean;
  readonly limits?: Partial<StoreLimits>;
}

export interface StoreSizes {
  readonly journal: number;
  readonly blobs: number;
  /** The state's file, and how much of it are values that are still the newest. */
  readonly state: number;
  readonly stateLive: number;
}

export interface Store {
  /** Resolves once the record is on the disk. Rounds ascend. The record is copied. */
  appendRound(round: number, record: Uint8Array): Promise<void>;
  /** The newest round on the disk, 0 if none. */
  lastRound(): number;
  /** What is on the disk of the rounds after `afterRound`, in order. Throws a StoreError at damage. */
  readRounds(afterRound: number): AsyncIterable<StoredRound>;
  /** The hash. On the disk no later than the next round or checkpoint after this call. The bytes are copied. */
  putBlob(bytes: Uint8Array): string;
  /** Throws a StoreError when it is not there or damaged. */
  readBlob(hash: string): Uint8Array;
  hasBlob(hash: string): boolean;
  /**
   * All or nothing, after every round and blob of before this call. Values are taken one by one while appends go on, so the
   * caller hands over values that do not change until the next one is asked for.
   */
  checkpoint(round: number, changes: Iterable<StateChange>): Promise<void>;
  /** The round of the newest complete checkpoint, 0 if none. */
  checkpointRound(): number;
  /** The value as of that checkpoint. Throws a StoreError when it is damaged. */
  read(key: string): Uint8Array | null;
  keys(prefix: string): Iterable<string>;
  /** What made the store stop taking writes, or null. */
  failure(): StoreError | null;
  sizeBytes(): StoreSizes;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

export async function openStore(disk: Disk, options: StoreOptions = {}): Promise<Result<Store, StoreError>> {
  const tracked = trackFiles(disk);
  try {
    return ok(await open(tracked.disk, tracked.closeAll, options));
  } catch (error) {
    await tracked.closeAll();
    if (isStoreError(error)) return refuse(error);
    throw error;
  }
}

async function open(disk: Disk, closeFiles: () => Promise<void>, options: StoreOptions): Promise<Store> {
  const limits = { ...defaultLimits, ...options.limits };
  const names = await disk.list();
  const files = parseFileNames(names);
  const newest = files.states.at(-1);
  const openedState = newest === undefined ? null : await openState(disk, newest);
  const anchor = openedState?.commit.anchor ?? null;
  const openedJournal = await openJournal(disk, files.segments, anchor, limits.markBytes, options.onProgress);
  await tidy(disk, files);
  const health = createHealth();
  const blobs = createBlobs(disk, files.blobs);
  const journal = createJournalWriter({ disk, limits, health, flushFirst: blobs.flush }, openedJournal);
  const state = createState(disk, limits, openedState);
  const retainInputs = options.retainInputs ?? true;
  return createStore({ disk, health, blobs, journal, state, retainInputs, closeFiles });
}

/** Removes what a crash left unfinished, and makes sure that the names found are on the disk. */
async function tidy(disk: Disk, files: StoreFiles): Promise<void> {
  for (const name of files.unfinished) await disk.remove(name);
  const isEmpty = files.segments.length + files.states.length + files.blobs.size + files.unfinished.length === 0;
  if (!isEmpty) await disk.syncDirectory();
  for (const generation of files.states.slice(0, -1)) await disk.remove(stateName(generation));
}

interface Parts {
  readonly disk: Disk;
  readonly health: Health;
  readonly blobs: Blobs;
  readonly journal: JournalWriter;
  readonly state: State;
  readonly retainInputs: boolean;
  readonly closeFiles: () => Promise<void>;
}

function createStore(parts: Parts): Store {
  const { disk, health, blobs, journal, state } = parts;
  let checkpoints: Promise<unknown> = Promise.resolve();
  let isClosing = false;
  const closedError = () => new StoreError('closed', { file: disk.pathOf('.') });

  const makeCheckpoint = async (round: number, changes: Iterable<StateChange>, flushed: Promise<void>) => {
    health.assertUsable();
    const journalReady = async () => {
      await flushed;
      return { scanFrom: journal.markBefore(round), flushedEnd: journal.end() };
    };
    await state.checkpoint(round, changes, journalReady);
  };
  const giveBackSpace = async () => {
    if (!parts.retainInputs) await journal.removeBefore(state.firstSegmentNeeded());
    await state.compact();
  };

  return {
    appendRound: (round, record) => (isClosing ? Promise.reject(closedError()) : journal.append(round, record)),
    lastRound: journal.lastRound,
    readRounds(afterRound) {
      const range = { segments: journal.segments(), mark: journal.knownMark(afterRound), end: journal.end() };
      return readRounds(disk, range, afterRound);
    },
    putBlob(bytes) {
      if (isClosing) throw closedError();
      health.assertUsable();
      const hash = blobs.put(bytes);
      // Not waited for: a failure is told by the next round or checkpoint.
      journal.flushed().catch(() => {});
      return hash;
    },
    readBlob: blobs.read,
    hasBlob: blobs.has,
    checkpoint(round, changes) {
      if (isClosing) return Promise.reject(closedError());
      const flushed = journal.flushed();
      flushed.catch(() => {}); // told where it is awaited
      const made = checkpoints.then(() => makeCheckpoint(round, changes, flushed));
      const failed = (error: unknown) => health.fail(error);
      checkpoints = made.then(giveBackSpace).catch(failed);
      return made.catch((error) => Promise.reject(failed(error)));
    },
    checkpointRound: state.round,
    read: state.read,
    keys: state.keys,
    failure: health.failure,
    sizeBytes() {
      const { fileBytes, liveBytes } = state.sizes();
      return { journal: journal.sizeBytes(), blobs: blobs.sizeBytes(), state: fileBytes, stateLive: liveBytes };
    },
    async close() {
      if (isClosing) return;
      isClosing = true;
      await checkpoints;
      await journal.idle();
      const isSound = health.failure() === null;
      health.close(disk.pathOf('.'));
      try {
        if (isSound) await journal.seal();
      } finally {
        await parts.closeFiles();
      }
    },
  };
}
