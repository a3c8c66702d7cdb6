// Power cuts, kills and failing operations at every operation of small histories, on the simulated disk.
// A run is one seed; a failure prints it, and STORE_SEED repeats that run alone.

import { createRandom, type Random } from '@tamc/base/random';
import { describe, expect, it } from 'vitest';
import { createLedger, type Ledger, openSurvivor, runHistory, untilStopped } from './crash-history.ts';
import {
  createSimulatedDisk,
  type FaultPlace,
  type Faults,
  operationNames,
  type SimulatedDisk,
} from './simulated-disk.ts';
import type { StoreOptions } from './store.ts';

const environment = process.env;
const runs = Number(environment.STORE_RUNS ?? 300);
const onlySeed = environment.STORE_SEED;

/** Small, so that segments, deltas and compactions come often. */
const limits = {
  segmentBytes: 2000,
  flushBytes: 500,
  markBytes: 300,
  compactAboveBytes: 20_000,
  indexDeltas: 3,
  writeBytes: 700,
};

async function forSeeds(base: number, run: (random: Random) => Promise<void>): Promise<void> {
  const seeds = onlySeed === undefined ? Array.from({ length: runs }, (_, i) => base + i) : [Number(onlySeed)];
  for (const seed of seeds) {
    try {
      await run(createRandom(seed));
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    }
  }
}

/** Opens, works, and is interrupted where the disk's faults say. */
async function live(disk: SimulatedDisk, ledger: Ledger, random: Random, options: StoreOptions): Promise<boolean> {
  return untilStopped(
    disk,
    (async () => {
      const store = await openSurvivor(disk, ledger, options);
      await runHistory(store, ledger, random, 4 + random.below(12));
      if (random.below(2) === 0) await store.close();
    })(),
  );
}

/** Several lives of one store; each ends as `endOf` says. The last is opened on a sound disk and must be whole. */
async function manyLives(
  random: Random,
  faultsOf: () => Faults,
  crash: (disk: SimulatedDisk, faults: Faults) => SimulatedDisk,
) {
  const options = { limits, retainInputs: random.below(2) === 0 };
  const ledger = createLedger();
  let disk = createSimulatedDisk(random, faultsOf());
  for (let life = 0; life < 4; life++) {
    await live(disk, ledger, random, options);
    disk = crash(disk, life === 3 ? {} : faultsOf());
  }
  const store = await openSurvivor(disk, ledger, options);
  await runHistory(store, ledger, random, 3);
  await store.close();
  await openSurvivor(disk, ledger, options);
}

const somewhere = (random: Random): FaultPlace =>
  random.below(2) === 0
    ? { count: 1 + random.below(150) }
    : { operation: random.pick(operationNames), count: 1 + random.below(8) };

const eitherCrash = (random: Random) => (disk: SimulatedDisk, faults: Faults) =>
  random.below(2) === 0 ? disk.afterKill(faults) : disk.afterPowerCut(faults);

describe('after a crash', () => {
  const endings = {
    'the process stopped': (place: FaultPlace): Faults => ({ stop: place }),
    'the operation failed': (place: FaultPlace): Faults => ({ fail: { ...place, code: 'EIO', forGood: false } }),
    'the disk was full': (place: FaultPlace): Faults => ({ fail: { ...place, code: 'ENOSPC', forGood: true } }),
  };
  const sweeps = [
    ['the process stopped', 'power cut'],
    ['the operation failed', 'kill and soon after a power cut'],
    ['the disk was full', 'kill'],
  ] as const;

  it.each(sweeps)(
    'at each single operation of one history nothing acknowledged is missing or doubled: %s, %s [durable.power-cut]',
    async (ending, crash) => {
      const options = { limits: { ...limits, compactAboveBytes: 14_000 }, retainInputs: false };
      const play = async (faults: Faults) => {
        const random = createRandom(Number(onlySeed ?? 79));
        const ledger = createLedger();
        const disk = createSimulatedDisk(random, faults);
        const work = openSurvivor(disk, ledger, options).then((store) => runHistory(store, ledger, random, 70));
        await untilStopped(disk, work);
        const left = crash === 'power cut' ? disk.afterPowerCut() : disk.afterKill();
        const store = await openSurvivor(left, ledger, options);
        const outcome = { operations: disk.operations(), names: await left.list() };
        if (crash !== 'kill and soon after a power cut') return outcome;
        await runHistory(store, ledger, random, random.below(4));
        await openSurvivor(left.afterPowerCut(), ledger, options);
        return outcome;
      };
      const { operations, names } = await play({});
      expect(operations).toBeGreaterThan(300);
      const compacted = names.filter((name) => /^state-0*[2-9]$/.test(name));
      expect(compacted).toHaveLength(1);
      for (let count = 1; count <= operations; count++) {
        await play(endings[ending]({ count })).catch((error) => {
          throw new Error(`operation ${count}: ${error.stack}`);
        });
      }
    },
    300_000,
  );

  it('nothing acknowledged is missing or doubled when the power went at any operation [durable.power-cut]', async () => {
    await forSeeds(1_000_000, async (random) => {
      const faultsOf = () => ({ stop: somewhere(random) });
      await manyLives(random, faultsOf, (disk, faults) => disk.afterPowerCut(faults));
    });
  }, 300_000);

  it('nothing acknowledged is missing or doubled when the process was killed at any operation [durable.kill]', async () => {
    await forSeeds(2_000_000, async (random) => {
      await manyLives(random, () => ({ stop: somewhere(random) }), eitherCrash(random));
    });
  }, 300_000);

  it('a failed operation is told and costs nothing that was acknowledged [durable.failed-write]', async () => {
    await forSeeds(3_000_000, async (random) => {
      const code = random.pick(['ENOSPC', 'EIO'] as const);
      const faultsOf = () => ({ fail: { ...somewhere(random), code, forGood: random.below(2) === 0 } });
      await manyLives(random, faultsOf, eitherCrash(random));
    });
  }, 300_000);
});

describe('a flipped bit', () => {
  it('is found, or changes nothing that is read [durable.damage]', async () => {
    let found = 0;
    await forSeeds(4_000_000, async (random) => {
      const options = { limits, retainInputs: random.below(2) === 0 };
      const ledger = createLedger();
      const disk = createSimulatedDisk(random);
      await live(disk, ledger, random, options);
      const after = disk.afterKill();
      const files = (await after.list()).filter((name) => after.sizeOf(name) > 0);
      if (files.length === 0) return;
      const name = random.pick(files);
      // A damaged slot leaves the checkpoint before it, from which the rounds kept lead to the same state.
      ledger.acknowledgedCheckpoint = 0;
      after.flipBit(name, random.below(after.sizeOf(name)), random.below(8));
      const refusals = ['broken', 'version'] as const;
      if (await untilStopped(after, openSurvivor(after, ledger, options), refusals)) return;
      found++;
    });
    expect(found).toBeGreaterThan(runs / 3);
  }, 300_000);
});

describe('files that were tampered with', () => {
  it('are refused with a store error, or give back nothing but what was stored [durable.damage]', async () => {
    let refused = 0;
    await forSeeds(5_000_000, async (random) => {
      const options = { limits, retainInputs: random.below(2) === 0 };
      const ledger = createLedger();
      const disk = createSimulatedDisk(random);
      await live(disk, ledger, random, options);
      const after = disk.afterKill();
      for (let times = 1 + random.below(3); times > 0; times--) await tamper(after, random);
      // A file cut short is a torn write to whoever finds it, so less may be there, but nothing else.
      ledger.acknowledgedRound = 0;
      ledger.acknowledgedCheckpoint = 0;
      ledger.mayBeBehind = true;
      if (!(await untilStopped(after, openSurvivor(after, ledger, options), ['broken', 'version']))) refused++;
    });
    expect(refused).toBeGreaterThan(runs / 3);
  }, 300_000);
});

async function tamper(disk: SimulatedDisk, random: Random): Promise<void> {
  const names = (await disk.list()).filter((name) => disk.sizeOf(name) > 0);
  if (names.length === 0) return;
  const name = random.pick(names);
  const file = await disk.openFile(name);
  const size = file.size();
  const offset = random.below(size);
  const length = Math.min(size - offset, 1 + random.below(200));
  switch (random.below(6)) {
    case 0:
      return file.truncate(offset);
    case 1:
      return file.writeAt(new Uint8Array(length), offset);
    case 2:
      return file.writeAt(random.bytes(length), offset);
    case 3:
      return file.writeAt(random.bytes(length), size);
    case 4:
      return file.writeAt(disk.contentOf(random.pick(names)).subarray(0, 3000), offset);
    default:
      return disk.rename(name, random.pick(names));
  }
}
