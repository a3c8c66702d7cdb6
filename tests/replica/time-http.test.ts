// Time turned by a client that has nothing but the address of the replica.
import { createReplica } from '@tamc/replica';
import { expect, it } from 'vitest';
import { getCell, int, op, program, reply, setCell, setHook } from '../harness/program.ts';
import { createTestWorld, secondNs, startNs } from '../harness/world.ts';

async function turnTime(url: string, request?: object): Promise<{ status: number; text: string }> {
  const init = request === undefined ? {} : { method: 'POST', body: JSON.stringify(request) };
  const response = await fetch(`${url}/_/time`, init);
  return { status: response.status, text: await response.text() };
}

it('[time.http] a timer fires when a client has advanced the time to it, and not before', async () => {
  const world = await createTestWorld();
  const { url } = await world.replica.listen();
  const canister = await world.create({ hooks: ['globalTimer'] });
  const setTimer = op('drop', op('global_timer_set', int(startNs + 60n * secondNs)));
  await world.run(canister, program(setHook('globalTimer', setCell(0, 1)), setTimer, reply()));
  await turnTime(url, { setNs: String(startNs + 59n * secondNs) });
  expect(await world.look(canister, getCell(0))).toEqual([0n]);
  const answer = await turnTime(url, { advanceNs: String(secondNs) });
  expect(answer).toEqual({ status: 200, text: `{"timeNs":"${startNs + 60n * secondNs}","virtual":true}` });
  expect(await world.look(canister, getCell(0))).toEqual([1n]);
  const round = world.replica.round();
  expect((await turnTime(url, { ticks: 100 })).text).toBe((await turnTime(url)).text);
  expect(world.replica.round()).toBe(round + 100);
  await world.close();
});

it('[time.http] a time set by a client is where time that follows the clock goes on from', async () => {
  const world = await createTestWorld();
  const { url } = await world.replica.listen();
  world.replica.time.autoProgress();
  const goal = startNs + 86_400n * secondNs;
  expect((await turnTime(url, { setNs: String(goal) })).status).toBe(200);
  const round = world.replica.round();
  await expect.poll(() => world.replica.round(), { timeout: 10_000 }).toBeGreaterThan(round + 2);
  // Not back to where it was, and with the clock: more than the nanosecond that a round takes at least.
  expect(world.replica.time.nowNs()).toBeGreaterThan(goal + 1_000_000n);
  await world.close();
});

it('[time.http] real time is told and cannot be turned', async () => {
  const replica = await createReplica({ memory: true });
  const { url } = await replica.listen();
  expect((await turnTime(url)).text).toMatch(/^\{"timeNs":"\d{19}","virtual":false\}$/);
  const refused = await turnTime(url, { advanceNs: '1' });
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('--virtual-time')]);
  await replica.close();
});
