// What one file of the simulated disk is: what every reader sees now (the cache), and what a power cut would leave.
// A write counts as under way until it completes; a sync makes durable what was complete when it was called.

import type { Random } from '@tamc/base/random';
import { createGrowingBytes, type GrowingBytes } from './memory-disk.ts';

type Change =
  | { readonly kind: 'write'; readonly bytes: Uint8Array; readonly offset: number }
  | { readonly kind: 'truncate'; readonly length: number };

export interface Inode {
  readonly cache: GrowingBytes;
  begin(change: Change): void;
  /** The first `part` (0 to 1) of the change arrives in the cache. */
  complete(change: Change, part?: number): void;
  /** Call when a sync starts; call the result when it ends. On failure the system forgets the writes but still shows them. */
  startSync(): (outcome: 'done' | 'failed', random: Random) => void;
  /** The process is gone: writes under way may have arrived in part. */
  loseProcess(random: Random): void;
  losePower(random: Random): Inode;
  flipBit(offset: number, bit: number): void;
}

/** Disks write sectors; a torn write tears between them, or, to be harsher than disks, anywhere. */
const sectorBytes = 512;

export function createInode(initial: Uint8Array = new Uint8Array(0)): Inode {
  const cache = createGrowingBytes(initial);
  const durable = createGrowingBytes(initial);
  const underWay = new Set<Change>();
  let unsynced: Change[] = [];
  const arrive = (change: Change, part: number) => {
    // Copied only now: a writer that reuses its buffer too early writes the wrong bytes, as it would on a real system.
    const arrived = change.kind === 'write' ? { ...change, bytes: prefix(change.bytes, part).slice() } : change;
    apply(cache, arrived);
    unsynced.push(arrived);
  };
  const inode: Inode = {
    cache,
    begin: (change) => underWay.add(change),
    complete(change, part = 1) {
      underWay.delete(change);
      arrive(change, part);
    },
    startSync() {
      const included = unsynced.slice();
      return (outcome, random) => {
        unsynced = unsynced.filter((change) => !included.includes(change));
        for (const change of outcome === 'done' ? included : survivors(included, random)) apply(durable, change);
      };
    },
    loseProcess(random) {
      for (const change of underWay) if (random.below(2) === 0) arrive(change, random.fraction());
      underWay.clear();
    },
    losePower(random) {
      inode.loseProcess(random);
      for (const change of survivors(unsynced, random)) apply(durable, change);
      return createInode(durable.all());
    },
    flipBit(offset, bit) {
      for (const content of [cache, durable]) {
        const byte = content.all()[offset];
        if (byte !== undefined) content.all()[offset] = byte ^ (1 << bit);
      }
    },
  };
  return inode;
}

function apply(content: GrowingBytes, change: Change): void {
  if (change.kind === 'truncate') content.truncate(change.length);
  else content.write(change.bytes, change.offset);
}

function prefix(bytes: Uint8Array, part: number): Uint8Array {
  return bytes.subarray(0, Math.ceil(bytes.length * part));
}

/** What of the unsynced changes reached the platter: nothing, all, the first few, any subset, or sectors at random. */
function survivors(changes: readonly Change[], random: Random): Change[] {
  switch (random.below(6)) {
    case 0:
      return [];
    case 1:
      return [...changes];
    case 2:
      return changes.slice(0, random.below(changes.length + 1));
    case 3:
      return changes.filter(() => random.below(2) === 0);
    case 4:
      return changes.flatMap((change) => (change.kind === 'write' ? tornSectors(change, random) : [change]));
    default:
      return changes.map((change) =>
        change.kind === 'write' ? { ...change, bytes: prefix(change.bytes, random.fraction()) } : change,
      );
  }
}

/** Each sector is there, or not, or was allocated and never filled (whatever lay there before). */
function tornSectors(change: Change & { kind: 'write' }, random: Random): Change[] {
  const kept: Change[] = [];
  let start = change.offset;
  const end = change.offset + change.bytes.length;
  while (start < end) {
    const next = Math.min(end, (Math.floor(start / sectorBytes) + 1) * sectorBytes);
    const bytes = change.bytes.subarray(start - change.offset, next - change.offset);
    if (random.below(3) > 0) kept.push({ kind: 'write', offset: start, bytes });
    start = next;
  }
  return kept;
}
