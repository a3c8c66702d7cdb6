// The folder a replica keeps its state in: locked while a process has it.
import { createDiscardingStore } from '../store/discarding-store.ts';
import { openNodeDisk } from '../store/node-disk.ts';
import { openStore, type Store } from '../store/store.ts';
import type { StoreError } from '../store/store-error.ts';
import { ReplicaError } from './replica-error.ts';

export interface StoreFolder {
  readonly store: Store;
  /** Tells other processes where the replica listens. */
  announce(url: string): void;
  close(): Promise<void>;
}

export async function openStoreFolder(path: string | null): Promise<StoreFolder> {
  if (path === null) return { store: createDiscardingStore(), announce: () => {}, close: () => Promise.resolve() };
  const disk = openNodeDisk(path);
  if (!disk.ok) throw storeFailure(disk.error);
  const store = await openStore(disk.value);
  if (!store.ok) throw storeFailure(store.error);
  return { store: store.value, announce: () => {}, close: () => store.value.close() };
}

function storeFailure(error: StoreError): ReplicaError {
  return new ReplicaError('store', error.code, error.message, '');
}
