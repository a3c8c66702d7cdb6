// Births in the middle of which the registry gets new code, or the network is shut down and opened again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Principal } from '@dfinity/principal';
import { afterEach, describe, expect, it } from 'vitest';
import { install } from '../harness/canisters.ts';
import { createTestWorld, secondNs } from '../harness/world.ts';
import {
  birthOf,
  buildStandIn,
  callerOf,
  createRegistryWorld,
  governor,
  operator,
  type RegistryWorld,
} from './world.ts';

interface BirthView {
  readonly birth: number;
  readonly step: Record<string, null>;
  readonly canister: [Principal] | [];
  readonly problem: [string] | [];
  readonly is_unknown: boolean;
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function withCode(options: Parameters<typeof createRegistryWorld>[0] = {}): Promise<RegistryWorld> {
  const world = await createRegistryWorld(options);
  await world.addHomeLedger();
  expect(await world.approve(await buildStandIn('index'), '1')).toMatchObject({ Ok: { standing: { approved: null } } });
  return world;
}

const order = (count: number) => ({
  command_id: 'order',
  module_hash: [],
  births: Array.from({ length: count }, () => birthOf()),
});
type Query = RegistryWorld['query'];
const birthsOf = async (query: Query) => ((await query('births', 0, 50)) as { items: BirthView[] }).items;
const isBorn = ({ step }: BirthView) => 'born' in step;
const isStill = (birth: BirthView) => isBorn(birth) || birth.problem.length > 0;

describe('births that are interrupted', () => {
  it('by new code of the registry tell what nobody can know, and end when that is settled', async () => {
    const world = await withCode();
    const { query, update, registryBuild, registry } = world;
    await update(operator, 'bear', order(12));
    await install(world.world.replica, registry, registryBuild.wasm, 'upgrade');
    await world.until('everything stands still or is born', async () => (await birthsOf(query)).every(isStill));
    const before = await birthsOf(query);
    for (const { birth, is_unknown } of before) {
      if (!is_unknown) continue;
      expect(await update(operator, 'resume_births', [birth])).toMatchObject({ Err: { code: 'BirthOutcomeUnknown' } });
      expect(await update(governor, 'settle_birth', birth, [])).toEqual({ Ok: null });
    }
    const failed = before.filter((birth) => !isBorn(birth) && !birth.is_unknown).map(({ birth }) => birth);
    if (failed.length > 0) expect(await update(operator, 'resume_births', failed)).toEqual({ Ok: null });
    await world.until('everything is born', async () => (await birthsOf(query)).every(isBorn));
    const canisters = (await birthsOf(query)).map(({ canister }) => canister[0]!.toText());
    expect(new Set(canisters).size).toBe(12);
    for (const { birth, canister } of before)
      if (canister.length > 0) expect(canisters[birth]).toBe(canister[0]?.toText());
    await world.close();
  }, 120_000);

  it('by restarts of the network, at whatever moment, go on by themselves when the order is repeated', async () => {
    const store = mkdtempSync(join(tmpdir(), 'tamc-registry-'));
    folders.push(store);
    const first = await withCode({ replica: { memory: false, store } });
    const { registry, registryBuild } = first;
    let current = first.world;
    for (const [i, delayMs] of [20, 200, 600].entries()) {
      const calls = callerOf(current, registry, registryBuild.candid);
      const command = { ...order(8), command_id: `order ${i}` };
      const cut = calls.update(operator, 'bear', command).catch(() => null);
      await sleep(delayMs);
      await current.close();
      await cut;
      current = await createTestWorld({ memory: false, store, virtualTime: true });
      const { update, query } = callerOf(current, registry, registryBuild.candid);
      expect(await update(operator, 'bear', command)).toEqual({ Ok: { first: 8 * i, count: 8 } });
      for (let rounds = 0; rounds < 100 && !(await birthsOf(query)).every(isBorn); rounds++)
        await current.pass(secondNs, 5);
      const births = await birthsOf(query);
      expect(births.map(({ problem }) => problem)).toEqual(Array.from({ length: 8 * (i + 1) }, () => []));
      expect(births.every(isBorn)).toBe(true);
      expect(new Set(births.map(({ canister }) => canister[0]!.toText())).size).toBe(births.length);
    }
    await current.close();
  }, 300_000);
});
