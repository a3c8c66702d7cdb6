// For tests: a history of appends, blobs and checkpoints against a store on a failing disk, and the judgement of what is
// left: every acknowledged round once and in order, and the state of exactly one checkpoint that may be the newest.

import { assert } from '@tamc/base/assert';
import { bytesEqual } from '@tamc/base/bytes';
import { createRandom, type Random } from '@tamc/base/random';
import type { SimulatedDisk } from './simulated-disk.ts';
import { openStore, type Store, type StoreOptions } from './store.ts';
import { isStoreError, type StoreErrorKind } from './store-error.ts';

type Values = ReadonlyMap<string, Uint8Array>;

/** What the outside world knows of a store, over all its crashes. */
export interface Ledger {
  /** Every round ever handed over, in order; those after a crash that lost its tail replace the lost ones. */
  readonly appended: Map<number, { readonly record: Uint8Array; readonly blob: string | null }>;
  acknowledgedRound: number;
  /** Every checkpoint started, oldest first; the first is the empty state. */
  checkpoints: Array<{ readonly round: number; readonly values: Values; readonly blob: string | null }>;
  acknowledgedCheckpoint: number;
  nextRound: number;
  /** How often the store was opened. What an earlier life still does after its end is not heard. */
  life: number;
  /** The journal may have lost its end, as only tampering can do. */
  mayBeBehind: boolean;
}

export function createLedger(): Ledger {
  const checkpoints = [{ round: 0, values: new Map(), blob: null }];
  return {
    appended: new Map(),
    acknowledgedRound: 0,
    checkpoints,
    acknowledgedCheckpoint: 0,
    nextRound: 1,
    life: 0,
    mayBeBehind: false,
  };
}

/** Few, so that values are superseded and compactions come. */
const keyCount = 6;

/** Appends in bursts, with blobs (few, so that they come again) and checkpoints between, without waiting where a replica would not wait. */
export async function runHistory(store: Store, ledger: Ledger, random: Random, steps: number): Promise<void> {
  const underWay: Array<Promise<unknown>> = [];
  const { life } = ledger;
  for (let step = 0; step < steps && life === ledger.life; step++) {
    const burst = random.below(4);
    for (let i = 0; i < burst; i++) underWay.push(append(store, ledger, random));
    if (random.below(4) === 0) underWay.push(checkpoint(store, ledger, random));
    if (random.below(4) === 0) await Promise.all(underWay.splice(0));
    // Otherwise it goes on somewhere in the middle of what the store is doing.
    for (let turns = random.below(12); turns > 0; turns--) await null;
  }
  await Promise.all(underWay);
}

async function append(store: Store, ledger: Ledger, random: Random): Promise<void> {
  const round = ledger.nextRound++;
  const blob = random.below(8) === 0 ? store.putBlob(createRandom(random.below(30)).bytes(700)) : null;
  const record = random.bytes(random.below(random.below(10) === 0 ? 3000 : 100));
  ledger.appended.set(round, { record, blob });
  const { life } = ledger;
  await store.appendRound(round, record);
  if (life !== ledger.life) return;
  assert(round > ledger.acknowledgedRound, `round ${round} was acknowledged out of order`);
  ledger.acknowledgedRound = round;
}

async function checkpoint(store: Store, ledger: Ledger, random: Random): Promise<void> {
  const newest = ledger.checkpoints.at(-1)!;
  const round = ledger.nextRound - 1;
  if (round <= newest.round) return;
  const values = new Map(newest.values);
  const changes = Array.from({ length: 1 + random.below(9) }, () => {
    const key = `key/${random.below(keyCount)}`;
    return { key, value: random.below(5) === 0 ? null : random.bytes(random.below(1500)) };
  });
  for (const { key, value } of changes) value === null ? values.delete(key) : values.set(key, value);
  const blob = random.below(3) === 0 ? store.putBlob(random.bytes(50)) : null;
  ledger.checkpoints.push({ round, values, blob });
  const { life } = ledger;
  await store.checkpoint(round, changes);
  if (life !== ledger.life) return;
  ledger.acknowledgedCheckpoint = Math.max(ledger.acknowledgedCheckpoint, round);
}

/** Opens what is left, checks it against the ledger, and brings the ledger up to what was found. */
export async function openSurvivor(disk: SimulatedDisk, ledger: Ledger, options: StoreOptions): Promise<Store> {
  const opened = await openStore(disk, options);
  if (!opened.ok) throw opened.error;
  const store = opened.value;
  ledger.life++;
  await verifyRounds(store, ledger);
  verifyState(store, ledger);
  return store;
}

async function verifyRounds(store: Store, ledger: Ledger): Promise<void> {
  const last = store.lastRound();
  assert(last >= ledger.acknowledgedRound, `round ${ledger.acknowledgedRound} was acknowledged, found up to ${last}`);
  assert(last < ledger.nextRound, `round ${last} was never appended`);
  const from = await firstKeptRound(store);
  let expected = from;
  for await (const { round, record } of store.readRounds(from - 1)) {
    assert(round === expected, `round ${round} where ${expected} should be`);
    const handedOver = ledger.appended.get(round)!;
    assert(bytesEqual(record, handedOver.record), `round ${round} is not what was appended`);
    if (handedOver.blob !== null) store.readBlob(handedOver.blob);
    expected++;
  }
  assert(expected === last + 1 || last === 0, `rounds end at ${expected - 1}, not at ${last}`);
  for (let lost = last + 1; lost < ledger.nextRound; lost++) ledger.appended.delete(lost);
  ledger.nextRound = last + 1;
  ledger.acknowledgedRound = last;
}

/** With inputs retained, 1; without, at least everything after the checkpoint is there. */
async function firstKeptRound(store: Store): Promise<number> {
  try {
    for await (const { round } of store.readRounds(0)) return round;
    return 1;
  } catch (error) {
    if (!isStoreError(error) || error.code !== 'inputsNotKept') throw error;
    return store.checkpointRound() + 1;
  }
}

function verifyState(store: Store, ledger: Ledger): void {
  const round = store.checkpointRound();
  const found = ledger.checkpoints.find((candidate) => candidate.round === round);
  assert(found !== undefined, `there was no checkpoint ${round}`);
  assert(
    round >= ledger.acknowledgedCheckpoint,
    `checkpoint ${round}, but ${ledger.acknowledgedCheckpoint} was complete`,
  );
  assert(round <= store.lastRound() || ledger.mayBeBehind, 'the state is ahead of the journal');
  const keys = [...store.keys('')];
  assert(keys.join() === [...found.values.keys()].sort().join(), `the keys of checkpoint ${round} differ`);
  for (const key of keys) assert(bytesEqual(store.read(key)!, found.values.get(key)!), `value ${key} differs`);
  if (found.blob !== null) store.readBlob(found.blob);
  ledger.checkpoints = ledger.checkpoints.filter((candidate) => candidate.round <= round);
  ledger.acknowledgedCheckpoint = round;
}

/** True when the work ended, false when the process was stopped or the store refused to go on. */
export async function untilStopped(
  disk: SimulatedDisk,
  work: Promise<unknown>,
  refusals: readonly StoreErrorKind[] = ['disk'],
): Promise<boolean> {
  const ended = work.then(
    () => true,
    (error) => {
      if (isStoreError(error) && refusals.includes(error.kind)) return false;
      throw error;
    },
  );
  return Promise.race([ended, disk.stopped.then(() => false)]);
}
