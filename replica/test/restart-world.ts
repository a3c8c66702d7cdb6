// A network on a simulated disk that is opened, killed, looked into and opened again: what the tests of restarts share.
import { createRandom } from '@tamc/base/random';
import { expect } from 'vitest';
import { reply } from '../../tests/harness/canisters.ts';
import { decodeRecord, encodeRecord } from '../src/codec/record.ts';
import { openReplicaIn, type ReplicaOptions } from '../src/replica.ts';
import { ReplicaError } from '../src/runtime/replica-error.ts';
import { openDiskFolder } from '../src/runtime/store-folder.ts';
import type { Canister } from '../src/state/canister.ts';
import { createSimulatedDisk, type SimulatedDisk } from '../src/store/simulated-disk.ts';
import type { StateChange } from '../src/store/state-write.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { decodeDiary } from './diary.ts';

export const startNs = 1_700_000_000_000_000_000n;
export const secondNs = 1_000_000_000n;

export const newDisk = () => createSimulatedDisk(createRandom(1));

export async function open(disk: SimulatedDisk, options: ReplicaOptions = {}) {
  const folder = await openDiskFolder(disk);
  return await openReplicaIn(folder, { virtualTime: { startNs }, log: () => {}, ...options });
}

export type Open = Awaited<ReturnType<typeof open>>;

export const firstOf = ({ network }: Open): Canister => [...network.state.canisters.values()][0]!;

/** Tells which files are read whole: blobs are. */
export function listening(disk: SimulatedDisk): { left: SimulatedDisk; read: string[] } {
  const read: string[] = [];
  const readWhole = (name: string) => {
    read.push(name);
    return disk.readWhole(name);
  };
  return { left: { ...disk, readWhole }, read };
}

/** As kill -9 leaves it, and opened again. */
export async function reopen(disk: SimulatedDisk, options?: ReplicaOptions): Promise<Open> {
  return await open(disk.afterKill(), options);
}

export async function problemOf(opening: Promise<unknown>): Promise<ReplicaError> {
  const problem = await opening.then(
    () => null,
    (error: unknown) => error,
  );
  expect(problem).toBeInstanceOf(ReplicaError);
  return problem instanceof ReplicaError ? problem : expect.unreachable();
}

export const ticks = async ({ replica }: Open, canister: string) =>
  Buffer.from(await reply(replica.query({ canister, method: 'ticks' }))).readUInt32LE();

export const ids = async ({ replica }: Open, canister: string) =>
  decodeDiary(await reply(replica.query({ canister, method: 'diary' })));

export async function keysOf(disk: SimulatedDisk, prefix: string): Promise<string[]> {
  const store = await openStore(disk.afterKill());
  if (!store.ok) throw store.error;
  return [...store.value.keys(prefix)];
}

/** Writes the newest checkpoint once more, as another version would have. */
export async function editMeta(disk: SimulatedDisk, changes: object): Promise<void> {
  await edit(disk, (store) => {
    const meta = decodeRecord(store.read('meta')!);
    return [{ key: 'meta', value: encodeRecord({ ...Object(meta), ...changes }) }];
  });
}

export async function edit(disk: SimulatedDisk, changesOf: (store: Store) => StateChange[]): Promise<void> {
  const store = await openStore(disk.afterKill());
  if (!store.ok) throw store.error;
  await store.value.checkpoint(store.value.checkpointRound(), changesOf(store.value));
  await store.value.close();
}
