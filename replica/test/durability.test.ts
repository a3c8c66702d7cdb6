// Whole networks on a disk that loses what it may lose. A run is one seed; a failure prints it, and DURABILITY_SEED
// repeats that run alone; DURABILITY_RUNS makes more of them.
import { createRandom, type Random } from '@tamc/base/random';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createSimulatedDisk,
  type FaultPlace,
  type Faults,
  operationNames,
  type SimulatedDisk,
} from '../src/store/simulated-disk.ts';
import { buildDiary } from './diary.ts';
import { lostReferences } from './leaks.ts';
import { compareWithReplay, createUsers, judge, live, openOn, type Users } from './lives.ts';

const runs = Number(process.env.DURABILITY_RUNS ?? 2);
const onlySeed = process.env.DURABILITY_SEED;
const livesPerRun = 4;
const steps = 120;

let modules: Uint8Array[] = [];

beforeAll(async () => {
  modules = await Promise.all([
    buildDiary({ edition: 1 }),
    buildDiary({ edition: 2 }),
    buildDiary({ edition: 3, hasHeartbeat: true }),
    buildDiary({ edition: 4, trapsWhenInstalled: true }),
  ]);
});

async function forSeeds(base: number, run: (random: Random) => Promise<void>): Promise<void> {
  const seeds = onlySeed === undefined ? Array.from({ length: runs }, (_, i) => base + i) : [Number(onlySeed)];
  for (const seed of seeds) {
    try {
      await run(createRandom(seed));
    } catch (error) {
      throw new Error(`with DURABILITY_SEED=${seed}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }
}

type Crash = (disk: SimulatedDisk, faults: Faults) => SimulatedDisk;

/** Lives one after the other, each on what the one before has left, and each judged when it is over. */
async function manyLives(random: Random, faultsOf: () => Faults, crash: Crash): Promise<Users> {
  const users = createUsers(random, modules);
  let disk = createSimulatedDisk(random, faultsOf());
  for (let life = 0; life < livesPerRun; life++) {
    await Promise.race([liveOn(users, disk), disk.stopped]);
    users.ended++;
    disk = crash(disk, {});
    await judge(users, disk);
    disk = disk.afterKill();
    await compareWithReplay(users, disk);
    disk = disk.afterKill(faultsOf());
  }
  return users;
}

async function liveOn(users: Users, disk: SimulatedDisk): Promise<void> {
  const opened = await openOn(disk, users.random).catch(() => null);
  if (opened === null) return;
  const { driver, network, replica } = opened;
  await live(users, opened, steps);
  await driver.checkpoint().catch(() => {});
  if (driver.failure() === null) expect(lostReferences(network)).toBe(0);
  if (users.random.below(2) === 0) await replica.close().catch(() => {});
}

const somewhere = (random: Random): FaultPlace =>
  random.below(2) === 0
    ? { count: 20 + random.below(1_000) }
    : { operation: random.pick(operationNames), count: 1 + random.below(60) };

const eitherCrash =
  (random: Random): Crash =>
  (disk, faults) =>
    random.below(2) === 0 ? disk.afterKill(faults) : disk.afterPowerCut(faults);

describe('a network that ends at any moment', () => {
  it('is there again after kill -9, with every acknowledged update once [durable.kill]', async () => {
    let told = 0;
    await forSeeds(1_000, async (random) => {
      const users = await manyLives(
        random,
        () => ({ stop: somewhere(random) }),
        (disk) => disk.afterKill(),
      );
      told += users.told;
    });
    expect(told).toBeGreaterThan(20);
  }, 600_000);

  it('is there again after a power cut, with every acknowledged update once [durable.power-cut]', async () => {
    await forSeeds(2_000, async (random) => {
      await manyLives(
        random,
        () => ({ stop: somewhere(random) }),
        (disk) => disk.afterPowerCut(),
      );
    });
  }, 600_000);

  it('takes no further calls after a failed write, and has lost nothing [durable.failed-write]', async () => {
    await forSeeds(3_000, async (random) => {
      const code = random.pick(['ENOSPC', 'EIO'] as const);
      const faultsOf = () => ({ fail: { ...somewhere(random), code, forGood: random.below(2) === 0 } });
      await manyLives(random, faultsOf, eitherCrash(random));
    });
  }, 600_000);

  it('is the same without any crash, checkpoint after checkpoint [durable.checkpoint]', async () => {
    await forSeeds(4_000, async (random) => {
      await manyLives(
        random,
        () => ({}),
        (disk) => disk.afterKill(),
      );
    });
  }, 600_000);
});
