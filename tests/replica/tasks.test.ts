// What the system starts by itself, time, versions and limits of instructions.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { install, manage, reply as replied, updateSettings } from '../harness/canisters.ts';
import {
  addToCell,
  blob,
  call,
  getCell,
  int,
  ints,
  op,
  type Program,
  passOn,
  program,
  reply,
  replyInts,
  setCell,
  setHook,
  trap,
} from '../harness/program.ts';
import { universal } from '../harness/universal.ts';
import { createTestWorld, secondNs, type TestWorld } from '../harness/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

const setTimer = (offsetNs: bigint) => op('drop', op('global_timer_set', op('add', op('time'), int(offsetNs))));
const timerIs = replyInts(op('global_timer_set', int(0)));

describe('the global timer', () => {
  it('[task.timer] fires once, when its time has come', async () => {
    const canister = await world.create({ hooks: ['globalTimer'] });
    await world.run(canister, program(setHook('globalTimer', addToCell(0, 1)), setTimer(5n * secondNs), reply()));
    await world.pass(4n * secondNs);
    expect(await world.look(canister, getCell(0))).toEqual([0n]);
    await world.pass(2n * secondNs);
    expect(await world.look(canister, getCell(0))).toEqual([1n]);
    await world.pass(100n * secondNs);
    expect(await world.look(canister, getCell(0))).toEqual([1n]);
    expect(await world.runInts(canister, timerIs)).toEqual([0n]);
  });

  it('[task.timer] can be set again while it runs, and calls other canisters', async () => {
    const [canister, other] = [await world.create({ hooks: ['globalTimer'] }), await world.create()];
    const hook = program(setTimer(secondNs), call({ callee: other, arg: addToCell(0, 1), onReject: addToCell(0, 1) }));
    await world.run(canister, program(setHook('globalTimer', hook), setTimer(secondNs), reply()));
    for (let i = 0; i < 3; i++) await world.pass(secondNs);
    expect(await world.look(canister, getCell(0))).toEqual([3n]);
    expect(await world.look(other, getCell(0))).toEqual([3n]);
  });

  it('[task.timer] that traps has fired, and changed nothing', async () => {
    const canister = await world.create({ hooks: ['globalTimer'] });
    const hook = program(addToCell(0, 1), setTimer(secondNs), trap('timer'));
    await world.run(canister, program(setHook('globalTimer', hook), setTimer(secondNs), reply()));
    for (let i = 0; i < 3; i++) await world.pass(secondNs);
    expect(await world.look(canister, getCell(0))).toEqual([0n]);
    expect(await world.runInts(canister, timerIs)).toEqual([0n]);
  });

  it('[task.timer] gives the value before when it is set, and 0 turns it off', async () => {
    const canister = await world.create({ hooks: ['globalTimer'] });
    await world.run(canister, program(setHook('globalTimer', addToCell(0, 1)), setTimer(secondNs), reply()));
    const [before] = await world.runInts(canister, timerIs);
    expect(before).toBeGreaterThan(0n);
    await world.pass(5n * secondNs);
    expect(await world.look(canister, getCell(0))).toEqual([0n]);
  });

  it('[task.timer] of a module that does not export it stays set and hurts nobody', async () => {
    const canister = await world.create();
    await world.run(canister, program(setTimer(1n), reply()));
    await world.pass(secondNs);
    expect((await world.runInts(canister, timerIs))[0]).toBeGreaterThan(0n);
  });

  it('[task.timer] is cleared by an upgrade and a reinstallation, and kept over a stop', async () => {
    const hooks = ['globalTimer'] as const;
    for (const mode of ['upgrade', 'reinstall'] as const) {
      const canister = await world.create({ hooks });
      await world.run(canister, program(setTimer(5n * secondNs), reply()));
      await install(world.replica, canister, await universal({ hooks }), mode);
      expect(await world.runInts(canister, timerIs)).toEqual([0n]);
    }
    const canister = await world.create({ hooks });
    await world.run(canister, program(setHook('globalTimer', addToCell(0, 1)), setTimer(5n * secondNs), reply()));
    await replied(manage(world.replica, 'stop_canister', canister));
    await world.pass(10n * secondNs);
    await replied(manage(world.replica, 'start_canister', canister));
    await world.pass(1n);
    expect(await world.look(canister, getCell(0))).toEqual([1n]);
  });

  it('[task.timer] that is due is not lost when the canister is stopped in the same round', async () => {
    const canister = await world.create({ hooks: ['globalTimer'] });
    await world.run(canister, program(setHook('globalTimer', addToCell(0, 1)), setTimer(5n * secondNs), reply()));
    world.replica.time.advanceNs(6n * secondNs);
    await replied(manage(world.replica, 'stop_canister', canister));
    await world.pass(1n);
    await replied(manage(world.replica, 'start_canister', canister));
    await world.pass(1n);
    expect(await world.look(canister, getCell(0))).toEqual([1n]);
  });

  it('[task.timer] of a frozen canister waits until it is topped up', async () => {
    const canister = await world.create({ hooks: ['globalTimer'] });
    await world.run(canister, program(setHook('globalTimer', addToCell(0, 1)), setTimer(secondNs), reply()));
    await replied(updateSettings(world.replica, canister, { freezing_threshold: 10n ** 14n }));
    await world.pass(5n * secondNs);
    await replied(updateSettings(world.replica, canister, { freezing_threshold: 1n }));
    await world.pass(5n * secondNs);
    expect(await world.look(canister, getCell(0))).toEqual([1n]);
  });
});

describe('heartbeats', () => {
  const beating = async () => {
    const own = await createTestWorld();
    const canister = await own.create({ hooks: ['heartbeat'] });
    await own.run(canister, program(setHook('heartbeat', addToCell(0, 1)), reply()));
    const beats = async () => (await own.look(canister, getCell(0)))[0]!;
    return { own, canister, beats };
  };

  it('[task.heartbeat] come in every round that has nothing else to do, while the canister runs', async () => {
    const { own, canister, beats } = await beating();
    const before = await beats();
    for (let i = 0; i < 5; i++) await own.replica.time.tick();
    expect((await beats()) - before).toBe(5n);
    await replied(manage(own.replica, 'stop_canister', canister));
    for (let i = 0; i < 3; i++) await own.pass(secondNs);
    await replied(manage(own.replica, 'start_canister', canister));
    // One may have waited for the start.
    expect((await beats()) - before).toBeLessThanOrEqual(6n);
    await own.close();
  });

  it('[task.heartbeat] one has come when a call is answered, and none to canisters that nobody called', async () => {
    const { own, canister, beats } = await beating();
    const other = await own.create();
    await own.replica.time.tick();
    const before = await beats();
    expect(await own.runInts(canister, replyInts(getCell(0)))).toEqual([before + 1n]);
    for (let i = 0; i < 5; i++) await own.run(other, reply());
    expect(await beats()).toBe(before + 1n);
    await own.close();
  });

  it('[task.caller] system tasks are called by the management canister', async () => {
    const own = await createTestWorld();
    const canister = await own.create({ hooks: ['heartbeat'] });
    // The size of the caller is 0; a reply is not allowed.
    const hook = program(op('caller'), op('set_cell', int(0), op('add', op('in_replicated_execution'), int(5))));
    await own.run(canister, program(setHook('heartbeat', hook), reply()));
    await own.pass(secondNs);
    expect(await own.look(canister, getCell(0))).toEqual([6n]);
    await own.run(canister, program(setHook('heartbeat', program(setCell(1, 1), reply())), reply()));
    await own.pass(secondNs);
    expect(await own.look(canister, getCell(1))).toEqual([0n]);
    await own.close();
  });
});

describe('the low memory hook', () => {
  const page = 65_536n;
  const low = { wasm_memory_limit: 40n * page, wasm_memory_threshold: 5n * page };
  const grow = (pages: number) => op('drop', op('memory_grow', int(pages)));
  const withHook = async () => {
    const canister = await world.create({ hooks: ['lowMemory'] });
    await world.run(canister, program(setHook('lowMemory', program(addToCell(0, 1), setCell(1, 1))), reply()));
    return canister;
  };

  it('[task.low-memory] runs once when the heap comes near its limit', async () => {
    const canister = await withHook();
    await replied(updateSettings(world.replica, canister, low));
    await world.run(canister, program(grow(2), reply()));
    expect(await world.look(canister, getCell(0))).toEqual([0n]);
    await world.run(canister, program(grow(2), reply()));
    await world.pass(1n);
    await world.run(canister, program(grow(1), reply()));
    await world.pass(1n);
    expect(await world.look(canister, getCell(0))).toEqual([1n]);
  });

  it('[task.low-memory] runs when new settings leave too little room, before the next message', async () => {
    const canister = await withHook();
    const settings = updateSettings(world.replica, canister, { ...low, wasm_memory_limit: 33n * page });
    const next = world.replica.call({ canister, method: 'update', arg: replyInts(getCell(1)) });
    await replied(settings);
    expect(Buffer.from(await replied(next)).readBigUInt64LE()).toBe(1n);
  });

  it('[exec.heap-limit] no update is taken while the heap is above the limit, though a timer may bring it there', async () => {
    const canister = await world.create({ hooks: ['globalTimer'] });
    await replied(updateSettings(world.replica, canister, { wasm_memory_limit: 33n * page }));
    await world.run(canister, program(setHook('globalTimer', grow(40)), setTimer(secondNs), reply()));
    await world.pass(2n * secondNs);
    expect(await world.rejected(canister, reply())).toMatchObject({ code: 5, errorCode: 'IC0539' });
    expect(await world.look(canister, getCell(0))).toEqual([0n]);
    await replied(updateSettings(world.replica, canister, { wasm_memory_limit: 300n * page }));
    await world.run(canister, reply());
  });

  it('[task.low-memory] runs again after there was room in between', async () => {
    const canister = await withHook();
    for (let i = 0; i < 2; i++) {
      await replied(updateSettings(world.replica, canister, { ...low, wasm_memory_limit: 33n * page }));
      await replied(updateSettings(world.replica, canister, { ...low, wasm_memory_limit: 300n * page }));
    }
    expect(await world.look(canister, getCell(0))).toEqual([2n]);
  });

  it('[task.low-memory] waits while the canister is stopped', async () => {
    const canister = await withHook();
    await replied(manage(world.replica, 'stop_canister', canister));
    await replied(updateSettings(world.replica, canister, { ...low, wasm_memory_limit: 33n * page }));
    await world.pass(1n);
    await replied(manage(world.replica, 'start_canister', canister));
    await world.pass(1n);
    expect(await world.look(canister, getCell(0))).toEqual([1n]);
  });
});

describe('versions', () => {
  const version = op('canister_version');

  it('[exec.version] rises by one with every update, callback and task that returns, and not with a trap', async () => {
    const [canister, other] = [await world.create(), await world.create()];
    const at = async () => (await world.look(canister, version))[0]!;
    const before = await at();
    await world.run(canister, reply());
    expect(await at()).toBe(before + 1n);
    await world.rejected(canister, trap('no'));
    expect(await at()).toBe(before + 1n);
    await world.run(canister, call({ callee: other, ...passOn }));
    expect(await at()).toBe(before + 3n);
    await world.rejected(canister, call({ callee: other, onReply: trap('no') }));
    expect(await at()).toBe(before + 4n);
  });

  it('[exec.version] rises with code, settings and status', async () => {
    const canister = await world.create({ postUpgrade: true });
    const at = async () => (await world.look(canister, version))[0]!;
    const before = await at();
    await replied(updateSettings(world.replica, canister, { freezing_threshold: 5n }));
    expect(await at()).toBe(before + 1n);
    await replied(manage(world.replica, 'stop_canister', canister));
    await replied(manage(world.replica, 'start_canister', canister));
    // Stopping is two changes: stopping, then stopped.
    expect(await at()).toBe(before + 4n);
    const seen = program(op('set_cell', int(0), version));
    await install(world.replica, canister, await universal({ postUpgrade: true }), 'upgrade', seen);
    expect(await at()).toBe(before + 5n);
    expect(await world.look(canister, getCell(0))).toEqual([before + 5n]);
  });
});

describe('time', () => {
  it('[time.constant] stands still within an execution and moves on between them', async () => {
    const canister = await world.create();
    const run = replyInts(op('time'), program(op('spin', int(100_000)), op('time')));
    const [first, second] = await world.runInts(canister, run);
    expect(second).toBe(first);
    const [later] = await world.runInts(canister, replyInts(op('time')));
    expect(later).toBeGreaterThan(first!);
    expect((await world.look(canister, op('time')))[0]).toBeGreaterThanOrEqual(later!);
  });

  it('[time.query] goes on in queries though nothing has happened since', async () => {
    const own = await createTestWorld();
    const [canister, other] = [await own.create(), await own.create()];
    const composite = call({ callee: other, method: 'query', arg: replyInts(op('time')), ...passOn });
    const asked = async (method: string, arg: Program) =>
      ints(await replied(own.replica.query({ canister, method, arg })))[0]!;
    const before = await asked('query', replyInts(op('time')));
    own.replica.time.advanceNs(10n * secondNs);
    const round = own.replica.round();
    expect(await asked('query', replyInts(op('time')))).toBe(before + 10n * secondNs);
    expect(await asked('composite', composite)).toBe(before + 10n * secondNs);
    expect(own.replica.round()).toBe(round);
    await own.close();
  });

  it('[time.virtual] is what was set, and does not go back', async () => {
    const canister = await world.create();
    const { time } = world.replica;
    const goal = time.nowNs() + 1000n * secondNs;
    time.setNs(goal);
    expect(await world.runInts(canister, replyInts(op('time')))).toEqual([goal]);
    expect(() => time.setNs(goal - secondNs)).toThrow(/back/);
  });
});

describe('instructions', () => {
  it.each([
    ['update', { update: 50_000_000n }, 'update'],
    ['query', { query: 50_000_000n }, 'query'],
    ['composite query', { query: 50_000_000n }, 'composite'],
  ] as const)('[exec.limit] an endless %s is stopped, and others go on', async (_, instructionLimits, method) => {
    const own = await createTestWorld({ instructionLimits });
    const [bad, good] = [await own.create(), await own.create()];
    const request = { canister: bad, method, arg: op('forever') };
    const endless = method === 'update' ? own.replica.call(request) : own.replica.query(request);
    const other = own.run(good, reply());
    expect(await endless).toMatchObject({ kind: 'rejected', code: 5, errorCode: 'IC0522' });
    expect(await endless).toHaveProperty('message', expect.stringMatching(/\nTry optimizing this method .*: https:/));
    await other;
    await own.run(bad, reply());
    await own.close();
  });

  it('[exec.limit] an endless installation, inspection, heartbeat, timer and callback are stopped', async () => {
    const limit = 50_000_000n;
    const own = await createTestWorld({ instructionLimits: { update: limit, install: limit, inspect: limit } });
    await expect(own.create({ init: true, arg: op('forever') })).rejects.toThrow(/IC0522/);
    const inspected = await own.create({ hooks: ['inspect'], init: true, arg: setHook('inspect', op('forever')) });
    expect(await own.rejected(inspected, reply())).toMatchObject({ errorCode: 'IC0522' });
    const tasked = await own.create({ hooks: ['heartbeat', 'globalTimer'] });
    const hooks = program(setHook('heartbeat', op('forever')), setHook('globalTimer', op('forever')));
    await own.run(tasked, program(hooks, setTimer(1n), reply()));
    await own.pass(secondNs);
    expect(await own.rejected(tasked, call({ callee: inspected, onReply: op('forever') }))).toMatchObject({
      errorCode: 'IC0522',
    });
    await own.close();
  });

  it('[exec.counter] performance_counter counts this execution, or the whole call context', async () => {
    const [canister, other] = [await world.create(), await world.create()];
    const [here, context] = [op('performance_counter', int(0)), op('performance_counter', int(1))];
    const onReply = replyInts(here, context);
    const work = op('spin', int(1_000_000));
    const [now, all] = await world.runInts(
      canister,
      program(work, call({ callee: other, arg: program(work, reply()), onReply })),
    );
    expect(now).toBeLessThan(1_000_000n);
    expect(all! - now!).toBeGreaterThan(5_000_000n);
    expect(all! - now!).toBeLessThan(12_000_000n);
  });

  it('[exec.counter] the same work costs the same, whatever was executed before it in the round', async () => {
    const canister = await world.create();
    await world.run(canister, program(op('drop', op('stable64_grow', int(1))), reply()));
    const work = program(op('stable_write', int(0), blob('x')), replyInts(op('performance_counter', int(0))));
    const alone = await world.runInts(canister, work);
    const together = await Promise.all([1, 2, 3].map(() => world.runInts(canister, work)));
    expect(together).toEqual([alone, alone, alone]);
  });
});
