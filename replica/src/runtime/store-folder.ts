// The folder a replica keeps its state in: locked while a process has it. Whatever goes wrong with it is told as a
// ReplicaError with the next step in words.
import { createDiscardingStore } from '../store/discarding-store.ts';
import { acquireLock, type StoreLock } from '../store/lock.ts';
import { openNodeDisk } from '../store/node-disk.ts';
import { openStore, type Store } from '../store/store.ts';
import { isStoreError, type StoreError, type StoreErrorKind } from '../store/store-error.ts';
import { ReplicaError, type ReplicaErrorKind } from './replica-error.ts';

export interface StoreFolder {
  readonly store: Store;
  /** Tells other processes where the replica listens. */
  announce(url: string): void;
  close(): Promise<void>;
}

export async function openStoreFolder(path: string | null): Promise<StoreFolder> {
  if (path === null) return { store: createDiscardingStore(), announce: () => {}, close: () => Promise.resolve() };
  const lock = acquireLock(path);
  if (!lock.ok) throw storeFailure(lock.error);
  try {
    const store = await openOn(path);
    return { store, announce: lock.value.setURL, close: () => closeBoth(store, lock.value) };
  } catch (error) {
    lock.value.release();
    throw error;
  }
}

async function openOn(path: string): Promise<Store> {
  const disk = openNodeDisk(path);
  if (!disk.ok) throw storeFailure(disk.error);
  const store = await openStore(disk.value);
  if (!store.ok) throw storeFailure(store.error);
  return store.value;
}

async function closeBoth(store: Store, lock: StoreLock): Promise<void> {
  try {
    await store.close();
  } finally {
    lock.release();
  }
}

const kinds: Record<StoreErrorKind, ReplicaErrorKind> = {
  disk: 'store',
  broken: 'store',
  version: 'store',
  closed: 'store',
  locked: 'busy',
};

/** The store's own words, as a replica tells them. */
export function storeFailure(error: StoreError): ReplicaError {
  return new ReplicaError(kinds[error.kind], error.code, error.problem, error.nextStep);
}

/** The same for errors of any origin. */
export function withStoreWords(error: unknown): unknown {
  return isStoreError(error) ? storeFailure(error) : error;
}
