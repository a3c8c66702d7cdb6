// The folder a replica keeps its state in: locked while a process has it. Whatever goes wrong with it is told as a
// ReplicaError with the next step in words.
import { DeepStackMissing } from '../execution/deep-thread.ts';
import { createDiscardingStore } from '../store/discarding-store.ts';
import type { Disk } from '../store/disk.ts';
import { acquireLock } from '../store/lock.ts';
import { openNodeDisk } from '../store/node-disk.ts';
import { openStore, type Store, type StoreOptions } from '../store/store.ts';
import { isStoreError, type StoreError, type StoreErrorKind } from '../store/store-error.ts';
import { ReplicaError, type ReplicaErrorKind } from './replica-error.ts';

export interface StoreFolder {
  readonly store: Store;
  /** False when nothing outlives the process, so that nothing needs to be collected for the store. */
  readonly isKept: boolean;
  /** Tells other processes where the replica listens. */
  announce(url: string): void;
  close(): Promise<void>;
}

/** Null: nothing is kept. */
export async function openStoreFolder(path: string | null, options: StoreOptions = {}): Promise<StoreFolder> {
  if (path === null) return memoryOnly();
  const lock = acquireLock(path);
  if (!lock.ok) throw storeFailure(lock.error);
  const { setURL, release } = lock.value;
  try {
    const disk = openNodeDisk(path);
    if (!disk.ok) throw storeFailure(disk.error);
    const { close, ...folder } = await openDiskFolder(disk.value, options);
    return { ...folder, announce: setURL, close: () => close().catch(throwWithStoreWords).finally(release) };
  } catch (error) {
    release();
    throw error;
  }
}

function throwWithStoreWords(error: unknown): never {
  throw withStoreWords(error);
}

/** Without a lock: whoever brings the disk sees to it that nobody else has it. */
export async function openDiskFolder(disk: Disk, options: StoreOptions = {}): Promise<StoreFolder> {
  const store = await openStore(disk, options);
  if (!store.ok) throw storeFailure(store.error);
  return { store: store.value, isKept: true, announce: () => {}, close: () => store.value.close() };
}

function memoryOnly(): StoreFolder {
  return { store: createDiscardingStore(), isKept: false, announce: () => {}, close: () => Promise.resolve() };
}

const kinds: Record<StoreErrorKind, ReplicaErrorKind> = {
  disk: 'store',
  broken: 'store',
  version: 'store',
  closed: 'store',
  locked: 'busy',
};

/** The store's own words, as a replica tells them. */
function storeFailure(error: StoreError): ReplicaError {
  return new ReplicaError(kinds[error.kind], error.code, error.problem, error.nextStep);
}

/** An error of any origin, as it is to be told. */
export function withStoreWords(error: unknown): unknown {
  if (error instanceof DeepStackMissing) return memoryFailure();
  return isStoreError(error) ? storeFailure(error) : error;
}

/** Only of an execution that cannot be ended, because it has returned before: everything else goes on without it. */
function memoryFailure(): ReplicaError {
  const problem = 'An execution that has to be repeated needs a deep stack, and the machine has no memory for one.';
  const nextStep = 'Nothing that was acknowledged is lost: end other programs, and open the store again.';
  return new ReplicaError('memory', 'noDeepStack', problem, nextStep);
}
