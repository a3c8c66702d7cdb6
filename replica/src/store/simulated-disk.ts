// The twin of a disk: keeps what is written but not synced apart, and can lose it; fails any operation at a chosen count.
// Everything follows from one seed, so a failing run can be repeated byte for byte.

import type { Random } from '@tamc/base/random';
import { type Disk, type DiskFile, saltBytes } from './disk.ts';
import { createInode, type Inode } from './simulated-inode.ts';
import { createDiskError } from './store-error.ts';

export const operationNames = ['list', 'open', 'create', 'write', 'truncate', 'sync', 'rename', 'remove'] as const;
export type OperationName = (typeof operationNames)[number];

/** A full disk fails these and no others. */
const takesSpace: ReadonlySet<OperationName> = new Set(['create', 'write', 'sync', 'rename']);

/** The `count`th operation, or the `count`th of a name. */
export interface FaultPlace {
  readonly count: number;
  readonly operation?: OperationName;
}

export interface Faults {
  /** There the process stops for ever. */
  readonly stop?: FaultPlace;
  /** That operation fails, and how; `forGood`: so does every one after it, as on a disk that stays full. */
  readonly fail?: FaultPlace & { readonly code: 'ENOSPC' | 'EIO'; readonly forGood: boolean };
}

export interface SimulatedDisk extends Disk {
  operations(): number;
  /** Resolves when the process was stopped by a fault. */
  readonly stopped: Promise<void>;
  /** The same machine after the process was killed: what was written is there, synced or not. */
  afterKill(faults?: Faults): SimulatedDisk;
  /** The machine after its power came back: of what was not synced, all, nothing or any part is there. */
  afterPowerCut(faults?: Faults): SimulatedDisk;
  flipBit(name: string, offset: number, bit: number): void;
  contentOf(name: string): Uint8Array;
}

type NameChange =
  | { readonly kind: 'set'; readonly name: string; readonly inode: Inode }
  | { readonly kind: 'rename'; readonly name: string; readonly from: string; readonly inode: Inode }
  | { readonly kind: 'remove'; readonly name: string };

interface Platter {
  readonly names: Map<string, Inode>;
  readonly durableNames: Map<string, Inode>;
  unsyncedNames: NameChange[];
}

export function createSimulatedDisk(random: Random, faults: Faults = {}): SimulatedDisk {
  return attach({ names: new Map(), durableNames: new Map(), unsyncedNames: [] }, random, faults);
}

function attach(platter: Platter, random: Random, faults: Faults): SimulatedDisk {
  const counts = new Map<OperationName | 'all', number>();
  let isStopped = false;
  let isFailing = false;
  let announceStop = () => {};
  const stopped = new Promise<void>((resolve) => {
    announceStop = resolve;
  });
  const inodes = () => new Set([...platter.names.values(), ...platter.durableNames.values()]);

  /** Counts one operation; it takes a random number of turns, so that operations in flight end in any order. */
  const run = async <T>(operation: OperationName, name: string, act: (failed: string | null) => T): Promise<T> => {
    const wasStopped = isStopped;
    const failure = startOperation(operation);
    // The last operation may have taken effect without anybody learning of it.
    if (isStopped && !wasStopped && random.below(2) === 0) act(null);
    const turns = random.below(4);
    for (let turn = 0; turn <= turns; turn++) await null;
    if (isStopped) return new Promise<T>(() => {});
    const result = act(failure);
    if (failure !== null) throw createDiskError(failure, operation, name);
    return result;
  };
  const isAt = (place: FaultPlace | undefined, operation: OperationName) =>
    place !== undefined &&
    (place.operation ?? operation) === operation &&
    counts.get(place.operation ?? 'all') === place.count;
  const canFail = (operation: OperationName) => faults.fail?.code !== 'ENOSPC' || takesSpace.has(operation);
  const startOperation = (operation: OperationName): string | null => {
    for (const name of [operation, 'all'] as const) counts.set(name, (counts.get(name) ?? 0) + 1);
    if (isAt(faults.stop, operation)) {
      isStopped = true;
      announceStop();
    }
    const isHit = isAt(faults.fail, operation) && canFail(operation);
    isFailing ||= isHit && faults.fail?.forGood === true;
    return isHit || (isFailing && canFail(operation)) ? faults.fail!.code : null;
  };
  const find = (operation: string, name: string): Inode => {
    const inode = platter.names.get(name);
    if (inode === undefined) throw createDiskError('ENOENT', operation, name);
    return inode;
  };
  const changeNames = (change: NameChange) => {
    applyName(platter.names, change);
    platter.unsyncedNames.push(change);
  };

  const openInode = (name: string, inode: Inode): DiskFile => ({
    name,
    size: () => inode.cache.all().length,
    readAt(target, offset) {
      const found = inode.cache.all().subarray(offset, offset + target.length);
      target.set(found);
      return found.length;
    },
    async writeAt(bytes, offset) {
      const change = { kind: 'write' as const, bytes, offset };
      if (!isStopped) inode.begin(change);
      await run('write', name, (failure) => inode.complete(change, failure === null ? 1 : random.fraction()));
    },
    async truncate(length) {
      const change = { kind: 'truncate' as const, length };
      await run('truncate', name, (failure) => failure ?? inode.complete(change));
    },
    async sync() {
      const finish = inode.startSync();
      await run('sync', name, (failure) => finish(failure === null ? 'done' : 'failed', random));
    },
    close: async () => {},
  });

  return {
    stopped,
    operations: () => counts.get('all') ?? 0,
    pathOf: (name) => name,
    freshSalt: () => random.bytes(saltBytes),
    list: () => run('list', '.', () => [...platter.names.keys()]),
    openFile: (name) => run('open', name, () => openInode(name, find('open', name))),
    createFile: (name) =>
      run('create', name, (failure) => {
        const inode = createInode();
        if (failure === null) changeNames({ kind: 'set', name, inode });
        return openInode(name, inode);
      }),
    readWhole: (name) => find('read', name).cache.all().slice(),
    sizeOf: (name) => find('stat', name).cache.all().length,
    rename: (from, to) =>
      run('rename', from, (failure) => {
        const inode = find('rename', from);
        if (failure === null) changeNames({ kind: 'rename', name: to, from, inode });
      }),
    remove: (name) =>
      run('remove', name, (failure) => {
        find('remove', name);
        if (failure === null) changeNames({ kind: 'remove', name });
      }),
    async syncDirectory() {
      const included = platter.unsyncedNames.slice();
      await run('sync', '.', (failure) => {
        if (failure !== null) return;
        platter.unsyncedNames = platter.unsyncedNames.filter((change) => !included.includes(change));
        for (const change of included) applyName(platter.durableNames, change);
      });
    },
    afterKill(next = {}) {
      isStopped = true;
      for (const inode of inodes()) inode.loseProcess(random);
      return attach(platter, random, next);
    },
    afterPowerCut(next = {}) {
      isStopped = true;
      for (const change of survivingNames(platter.unsyncedNames, random)) applyName(platter.durableNames, change);
      const names = new Map<string, Inode>();
      for (const [name, inode] of platter.durableNames) names.set(name, inode.losePower(random));
      return attach({ names, durableNames: new Map(names), unsyncedNames: [] }, random, next);
    },
    flipBit: (name, offset, bit) => find('flip', name).flipBit(offset, bit),
    contentOf: (name) => find('read', name).cache.all().slice(),
  };
}

function applyName(names: Map<string, Inode>, change: NameChange): void {
  if (change.kind === 'remove') names.delete(change.name);
  else names.set(change.name, change.inode);
  if (change.kind === 'rename') names.delete(change.from);
}

function survivingNames(changes: readonly NameChange[], random: Random): NameChange[] {
  switch (random.below(4)) {
    case 0:
      return [];
    case 1:
      return [...changes];
    case 2:
      return changes.slice(0, random.below(changes.length + 1));
    default:
      return changes.filter(() => random.below(2) === 0);
  }
}
