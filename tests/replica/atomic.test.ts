// One execution is atomic: what traps has changed nothing but the balance, what returns has changed everything.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manage } from '../harness/canisters.ts';
import {
  addToCell,
  blob,
  call,
  getCell,
  int,
  op,
  type Program,
  program,
  reply,
  replyInts,
  setCell,
  setGlobal,
  setHook,
  trap,
} from '../harness/program.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

/** Changes of every kind that an update can make. */
function everyChange(other: string): Program {
  return program(
    setCell(0, 7),
    setCell(40, 7),
    setGlobal(7),
    op('drop', op('memory_grow', int(3))),
    op('drop', op('stable64_grow', int(2))),
    op('stable_write', int(100), blob('written')),
    op('certified_data_set', blob('certified')),
    op('drop', op('global_timer_set', int(1))),
    op('drop', op('cycles_burn128', int(1_000_000_000_000))),
    call({ callee: other, arg: program(addToCell(0, 1), reply()) }),
  );
}

const everything = [getCell(0), getCell(40), op('get_global'), op('memory_size'), op('stable64_size')];

const endings: readonly (readonly [string, Program, string])[] = [
  ['ic0.trap', trap('no'), 'IC0503'],
  ['unreachable', op('unreachable'), 'IC0502'],
  ['an address out of bounds', op('set_cell', int(1_000_000), int(1)), 'IC0502'],
  ['a second reply', program(reply(), reply()), 'IC0504'],
  ['stable memory out of bounds', op('stable_write', int(10_000_000), blob('x')), 'IC0502'],
];

describe('an update that ends with a trap', () => {
  it.each(endings)('[exec.atomic] by %s leaves everything as it was', async (_, ending, errorCode) => {
    const [canister, other] = [await world.create(), await world.create()];
    const before = await world.look(canister, ...everything);
    const balance = (await world.look(canister, op('canister_cycle_balance')))[0]!;
    expect(await world.rejected(canister, program(everyChange(other), ending))).toMatchObject({ code: 5, errorCode });
    await world.pass(1_000_000_000n);
    expect(await world.look(canister, ...everything)).toEqual(before);
    expect(await world.look(other, getCell(0))).toEqual([0n]);
    // The timer was not set: setting it now shows its value before.
    expect(await world.runInts(canister, replyInts(op('global_timer_set', int(0))))).toEqual([0n]);
    const spent = balance - (await world.look(canister, op('canister_cycle_balance')))[0]!;
    expect(spent).toBeGreaterThan(5_000_000n);
    expect(spent).toBeLessThan(100_000_000n);
  });

  it('[exec.charged] pays for its instructions', async () => {
    const canister = await world.create();
    const cost = async (run: Program) => {
      const [before] = await world.look(canister, op('canister_cycle_balance'));
      await world.rejected(canister, run);
      return before! - (await world.look(canister, op('canister_cycle_balance')))[0]!;
    };
    const little = await cost(trap('x'));
    const much = await cost(program(op('spin', int(10_000_000)), trap('x')));
    expect(much - little).toBeGreaterThan(40_000_000n);
  });

  it('[exec.atomic] makes the next one start from what was committed, also after the memory had grown', async () => {
    const canister = await world.create();
    await world.run(canister, program(setCell(1, 5), setGlobal(6), reply()));
    await world.rejected(canister, program(op('drop', op('memory_grow', int(100))), setCell(1, 9), trap('x')));
    await world.rejected(canister, program(setGlobal(9), setCell(1, 9), trap('x')));
    expect(await world.look(canister, getCell(1), op('get_global'), op('memory_size'))).toEqual([5n, 6n, 32n]);
  });
});

describe('an update that returns', () => {
  it('[exec.commit] keeps everything that it changed', async () => {
    const [canister, other] = [await world.create({ hooks: ['globalTimer'] }), await world.create()];
    await world.run(canister, program(everyChange(other), setHook('globalTimer', setCell(2, 1)), reply()));
    await world.pass(1_000_000_000n);
    expect(await world.look(canister, ...everything, getCell(2))).toEqual([7n, 7n, 7n, 35n, 2n, 1n]);
    expect(await world.look(other, getCell(0))).toEqual([1n]);
    expect(Buffer.from(await world.lookAt(canister, op('stable_read', int(100), int(7)))).toString()).toBe('written');
  });

  it('[exec.no-reply] without answering is rejected, but its changes stay', async () => {
    const canister = await world.create();
    expect(await world.rejected(canister, setCell(0, 3))).toMatchObject({ code: 5, errorCode: 'IC0506' });
    expect(await world.look(canister, getCell(0))).toEqual([3n]);
  });
});

describe('what only looks', () => {
  const changes = program(setCell(0, 7), setGlobal(7), op('drop', op('memory_grow', int(3))));

  it('[query.no-change] a query changes nothing and costs nothing', async () => {
    const canister = await world.create();
    const before = world.replica.stateHash();
    const looked = await world.replica.query({
      canister,
      method: 'query',
      arg: program(
        changes,
        op('drop', op('stable64_grow', int(5))),
        op('stable_write', int(0), blob('x')),
        reply('ok'),
      ),
    });
    expect(looked).toMatchObject({ kind: 'replied' });
    expect(world.replica.stateHash()).toBe(before);
    expect(await world.look(canister, getCell(0), op('memory_size'), op('stable64_size'))).toEqual([0n, 32n, 0n]);
  });

  it('[query.no-change] a query that traps changes nothing', async () => {
    const canister = await world.create();
    const before = world.replica.stateHash();
    const answer = await world.replica.query({ canister, method: 'query', arg: program(changes, trap('no')) });
    expect(answer).toMatchObject({ kind: 'rejected', code: 5, errorCode: 'IC0503' });
    expect(world.replica.stateHash()).toBe(before);
  });

  it('[exec.replicated-query] a query called as an update drops its changes, and is charged', async () => {
    const canister = await world.create();
    const [balance] = await world.look(canister, op('canister_cycle_balance'));
    const answer = await world.replica.call({
      canister,
      method: 'query',
      arg: program(changes, replyInts(getCell(0), op('in_replicated_execution'))),
    });
    expect(answer).toMatchObject({ kind: 'replied' });
    expect(await world.look(canister, getCell(0), op('get_global'), op('memory_size'))).toEqual([0n, 0n, 32n]);
    expect((await world.look(canister, op('canister_cycle_balance')))[0]).toBeLessThan(balance!);
  });

  it('[exec.replicated-query] a query called by a canister keeps the cycles it accepts', async () => {
    const [canister, other] = [await world.create(), await world.create()];
    const [balance] = await world.look(other, op('canister_cycle_balance'));
    const arg = program(changes, op('drop', op('msg_cycles_accept', int(700_000_000))), reply());
    const onReply = replyInts(op('msg_cycles_refunded'));
    const run = call({ callee: other, method: 'query', arg, cycles: 1_000_000_000n, onReply });
    expect(await world.runInts(canister, run)).toEqual([300_000_000n]);
    expect((await world.look(other, op('canister_cycle_balance')))[0]! - balance!).toBeGreaterThan(600_000_000n);
    expect(await world.look(other, getCell(0), op('memory_size'))).toEqual([0n, 32n]);
  });

  it("[exec.inspect] inspect_message changes nothing, and decides about users' calls only", async () => {
    const canister = await world.create({ hooks: ['inspect'], init: true, arg: setHook('inspect', changes) });
    const before = world.replica.stateHash();
    const refused = await world.replica.call({ canister, method: 'update', arg: reply() });
    expect(refused).toMatchObject({ kind: 'rejected', code: 4, errorCode: 'IC0406' });
    // A query method called as an update is such a call as well, a query is not.
    expect(await world.replica.call({ canister, method: 'query', arg: reply() })).toEqual(refused);
    expect(await world.replica.query({ canister, method: 'query', arg: reply() })).toMatchObject({ kind: 'replied' });
    expect(world.replica.stateHash()).toBe(before);
    const other = await world.create();
    await world.run(other, call({ callee: canister, arg: reply('in'), onReply: reply('called') }));
  });

  it('[exec.inspect] inspect_message accepts by accept_message, and a trap refuses', async () => {
    const accepting = await world.create({
      hooks: ['inspect'],
      init: true,
      arg: setHook('inspect', op('accept_message')),
    });
    await world.run(accepting, reply());
    const trapping = await world.create({ hooks: ['inspect'], init: true, arg: setHook('inspect', trap('no')) });
    expect(await world.rejected(trapping, reply())).toMatchObject({ code: 5, errorCode: 'IC0503' });
    expect((await manage(world.replica, 'stop_canister', trapping)).kind).toBe('replied');
  });
});
