// Rounds: nobody waits for ever, calls that wait too long are rejected, and with real time nobody needs to turn the clock.
import { createReplica } from '@tamc/replica';
import { describe, expect, it } from 'vitest';
import { manage } from '../harness/canisters.ts';
import {
  addToCell,
  call,
  getCell,
  int,
  op,
  type Program,
  program,
  repeat,
  reply,
  replyInts,
  setCell,
  setHook,
} from '../harness/program.ts';
import { createHolder, createTestWorld, secondNs, type TestWorld, worldOf } from '../harness/world.ts';

/** Calls itself so many times; cell 0 counts the answers, cell 1 the calls that were worked on. */
function talking(self: string, times: number): Program {
  const work = program(op('spin', int(100_000)), addToCell(1, 1), reply());
  return program(repeat(times, call({ callee: self, arg: work, onReply: addToCell(0, 1) })), reply());
}

describe('rounds', () => {
  it('[round.fair] a canister that is busy with itself does not keep others from their turn', async () => {
    const world = await createTestWorld({ instructionLimits: { round: 20_000_000n } });
    const [busy, other] = [await world.create(), await world.create()];
    await world.run(busy, talking(busy, 400));
    const [before] = await world.look(busy, getCell(0));
    expect(before).toBeLessThan(400n);
    for (let i = 0; i < 3; i++) expect(await world.runInts(other, replyInts(int(i)))).toEqual([BigInt(i)]);
    expect((await world.look(busy, getCell(0)))[0]).toBeLessThan(400n);
    await world.pass(1n, 100);
    expect(await world.look(busy, getCell(0))).toEqual([400n]);
    await world.close();
  });

  it('[round.called] a call from outside is answered in the round that takes it in, however much others have to do', async () => {
    const world = await createTestWorld({ instructionLimits: { round: 20_000_000n } });
    const [busy, other] = [await world.create(), await world.create()];
    await world.run(busy, talking(busy, 400));
    for (let i = 0; i < 5; i++) {
      const before = world.replica.round();
      expect(await world.runInts(other, replyInts(int(i)))).toEqual([BigInt(i)]);
      expect(world.replica.round()).toBe(before + 1);
    }
    expect((await world.look(busy, getCell(0)))[0]).toBeLessThan(400n);
    await world.close();
  });

  it('[round.called] half of each round is left to what was begun, also while calls pour in', async () => {
    const world = await createTestWorld({ instructionLimits: { round: 20_000_000n } });
    const [busy, other] = [await world.create(), await world.create()];
    await world.run(busy, talking(busy, 400));
    const heavy = program(op('spin', int(100_000)), addToCell(0, 1), reply());
    const calls: Promise<unknown>[] = [];
    const [talkedBefore] = await world.look(busy, getCell(1));
    for (let round = 0; round < 5; round++) {
      // Several rounds full of them.
      for (let i = 0; i < 100; i++) calls.push(world.run(other, heavy));
      await world.replica.time.tick();
    }
    const [[talked], [called]] = [await world.look(busy, getCell(1)), await world.look(other, getCell(0))];
    expect([called! > 0n, called! < 500n]).toEqual([true, true]);
    expect(talked).toBeGreaterThan(talkedBefore!);
    expect(talked).toBeLessThan(400n);
    await Promise.all(calls);
    await world.close();
  });

  it('[round.longest] nobody waits for ever behind one whose messages are longer than a round and who is called again and again', async () => {
    const world = await createTestWorld({ instructionLimits: { round: 1_000_000n } });
    const [heavy, busy, other] = [await world.create(), await world.create(), await world.create()];
    const long = program(op('spin', int(2_000_000)), addToCell(0, 1));
    let number = 0;
    const send = (canister: string, arg: Program) => world.replica.call({ canister, method: 'update', arg });
    const sendLong = () => send(heavy, program(long, replyInts(int(number++))));
    const calls = [sendLong(), sendLong(), send(other, program(addToCell(0, 1), reply()))];
    calls.push(send(busy, talking(busy, 4)));
    for (let round = 0; round < 20; round++) {
      calls.push(sendLong(), sendLong());
      await world.replica.time.tick();
    }
    expect((await world.look(heavy, getCell(0)))[0]).toBeLessThan(BigInt(number));
    expect(await world.look(other, getCell(0))).toEqual([1n]);
    expect((await world.look(busy, getCell(1)))[0]).toBeGreaterThan(0n);
    await Promise.all(calls);
    await world.close();
  });

  it('[round.expiry] a call that did not start before its expiry is rejected', async () => {
    const world = await createTestWorld({ instructionLimits: { round: 1n } });
    const canister = await world.create();
    const answers = Array.from({ length: 20 }, () =>
      world.replica.call({ canister, method: 'update', arg: program(addToCell(0, 1), reply()) }),
    );
    await world.replica.time.tick(3);
    await world.pass(301n * secondNs, 40);
    const kinds = (await Promise.all(answers)).map((answer) => (answer.kind === 'replied' ? 'ok' : answer.errorCode));
    const started = kinds.filter((kind) => kind === 'ok').length;
    expect(started).toBeGreaterThan(0);
    expect(started).toBeLessThan(20);
    expect(new Set(kinds)).toEqual(new Set(['ok', 'IC0202']));
    expect(await world.look(canister, getCell(0))).toEqual([BigInt(started)]);
    await world.close();
  });

  it('[lifecycle.stopping] ic0.canister_status tells a callback that the canister is stopping', async () => {
    const world = await createTestWorld();
    const [canister, holder] = [await world.create(), await createHolder(world)];
    const onReply = program(op('set_cell', int(0), op('canister_status')), reply());
    const run = call({ callee: holder.canister, arg: holder.hold, onReply });
    const answer = world.replica.call({ canister, method: 'update', arg: run });
    await world.pass(1n);
    const stopped = manage(world.replica, 'stop_canister', canister);
    await world.pass(1n);
    await holder.release();
    await Promise.all([answer, stopped]);
    await manage(world.replica, 'start_canister', canister);
    expect(await world.look(canister, getCell(0), op('canister_status'))).toEqual([2n, 1n]);
    await world.close();
  });
});

describe('real time', () => {
  /** Until it holds, or the test runs out of patience. */
  async function eventually(world: TestWorld, canister: string, cell: number): Promise<bigint> {
    for (;;) {
      const [value] = await world.look(canister, getCell(cell));
      if (value !== 0n) return value!;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('[time.real] timers, heartbeats and deadlines come by themselves', async () => {
    const world = worldOf(await createReplica({ memory: true }));
    const canister = await world.create({ hooks: ['globalTimer', 'heartbeat'] });
    const holder = await createHolder(world);
    const setTimer = op('drop', op('global_timer_set', op('add', op('time'), int(50_000_000))));
    const late = call({ callee: holder.canister, arg: holder.hold, timeoutSeconds: 1, onReject: setCell(2, 1) });
    const hooks = program(setHook('globalTimer', setCell(0, 1)), setHook('heartbeat', setCell(1, 1)));
    await world.run(canister, program(hooks, setTimer, late, reply()));
    for (const cell of [0, 1, 2]) expect(await eventually(world, canister, cell)).toBe(1n);
    await world.close();
  });

  it('[time.progress] virtual time can follow the clock by itself, and stop again', async () => {
    const world = await createTestWorld();
    const canister = await world.create({ hooks: ['globalTimer'] });
    const setTimer = op('drop', op('global_timer_set', op('add', op('time'), int(100_000_000))));
    await world.run(canister, program(setHook('globalTimer', setCell(0, 1)), setTimer, reply()));
    world.replica.time.autoProgress();
    expect(await eventually(world, canister, 0)).toBe(1n);
    world.replica.time.stopProgress();
    const stoppedAt = world.replica.time.nowNs();
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(world.replica.time.nowNs()).toBe(stoppedAt);
    await world.close();
  });
});
