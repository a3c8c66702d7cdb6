// Composite queries: a graph of queries that is answered in one go and leaves nothing behind.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCanister, install, manage, reply as replied } from '../harness/canisters.ts';
import {
  addToCell,
  blob,
  call,
  getCell,
  int,
  ints,
  op,
  type Program,
  passedReject,
  passOn,
  program,
  reject,
  reply,
  replyInts,
  setCell,
  trap,
} from '../harness/program.ts';
import { universal } from '../harness/universal.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

const ask = (canister: string, arg: Program, method = 'composite') => world.replica.query({ canister, method, arg });
const asked = async (canister: string, arg: Program) => replied(ask(canister, arg));
const query = (callee: string, arg: Program, more: Partial<Parameters<typeof call>[0]> = {}) =>
  call({ callee, method: 'query', arg, ...passOn, ...more });
const composite = (callee: string, arg: Program, more: Partial<Parameters<typeof call>[0]> = {}) =>
  query(callee, arg, { method: 'composite', ...more });
const some = (count: number) => Promise.all(Array.from({ length: count }, () => world.create()));

describe('a composite query', () => {
  it('[query.composite] gets the answers of queries and composite queries that it calls', async () => {
    const [a, b, c] = (await some(3)) as [string, string, string];
    await world.run(c, program(setCell(0, 42), reply()));
    const data = await asked(a, composite(b, query(c, replyInts(getCell(0)))));
    expect(ints(data)).toEqual([42n]);
  });

  it('[query.composite] sees in its callbacks what it did before, and nothing of it remains', async () => {
    const [a, b] = (await some(2)) as [string, string];
    const before = world.replica.stateHash();
    const grow = op('drop', op('memory_grow', int(2)));
    const onReply = program(addToCell(0, 10), replyInts(getCell(0), op('get_global'), op('memory_size')));
    const run = program(setCell(0, 5), op('set_global', int(7)), grow, query(b, reply(), { onReply }));
    expect(ints(await asked(a, run))).toEqual([15n, 7n, 34n]);
    expect(world.replica.stateHash()).toBe(before);
    expect(await world.look(a, getCell(0), op('get_global'), op('memory_size'))).toEqual([0n, 0n, 32n]);
    expect(ints(await asked(a, run))).toEqual([15n, 7n, 34n]);
  });

  it('[query.composite] calls one query after the other, and each starts from the committed state', async () => {
    const [a, b] = (await some(2)) as [string, string];
    const change = program(addToCell(0, 1), replyInts(getCell(0)));
    const keep = op('add_to_cell', int(1), int(1));
    const run = program(
      query(b, change, { onReply: keep }),
      query(b, change, { onReply: keep }),
      query(b, change, { onReply: program(keep, replyInts(getCell(1)), op('drop', int(0))) }),
    );
    expect(ints(await asked(a, run))).toEqual([3n]);
    expect(ints(await asked(a, query(b, change)))).toEqual([1n]);
  });

  it('[query.composite] is told of rejects, traps and missing targets in its reject callback', async () => {
    const [a, b, stopped, empty] = [...(await some(3)), await createCanister(world.replica)] as string[] as [
      string,
      string,
      string,
      string,
    ];
    await manage(world.replica, 'stop_canister', stopped);
    const reason = async (run: Program) => passedReject(await asked(a, run));
    expect(await reason(query(b, reject('no')))).toEqual({ code: 4, message: 'no' });
    expect((await reason(query(b, trap('oops')))).message).toMatch(/^IC0503: .*oops/);
    expect(await reason(query(b, reply(), { method: 'update' }))).toMatchObject({ code: 5 });
    expect(await reason(query(stopped, reply()))).toMatchObject({ code: 5 });
    expect(await reason(query(empty, reply()))).toMatchObject({ code: 5 });
    expect(await reason(query('rrkah-fqaaa-aaaaa-aaaaq-cai', reply()))).toMatchObject({ code: 3 });
    expect(await reason(query('em77e-bvlzu-aq', reply()))).toMatchObject({ code: 3 });
  });

  it('[query.composite] may call itself and canisters that wait for it, and these start from the same state', async () => {
    const [a, b] = (await some(2)) as [string, string];
    await world.run(a, program(setCell(0, 5), reply()));
    const before = world.replica.stateHash();
    const look = replyInts(getCell(0));
    const changed = (run: Program) => program(addToCell(0, 1), run);
    expect(ints(await asked(a, changed(query(a, look))))).toEqual([5n]);
    expect(ints(await asked(a, changed(composite(a, changed(query(a, look))))))).toEqual([5n]);
    expect(ints(await asked(a, changed(composite(b, query(a, look)))))).toEqual([5n]);
    const afterwards = composite(a, addToCell(0, 7), { onReply: look, onReject: look });
    expect(ints(await asked(a, changed(afterwards)))).toEqual([6n]);
    expect(world.replica.stateHash()).toBe(before);
  });

  it('[query.depth] goes six calls deep and no further', async () => {
    const chain = await some(8);
    const nested = (index: number, last: number): Program =>
      index === last ? replyInts(int(index)) : composite(chain[index + 1]!, nested(index + 1, last));
    expect(ints(await asked(chain[0]!, nested(0, 6)))).toEqual([6n]);
    // Not even the canister that went too far hears of it: the callbacks would pass the reject on as a reply.
    expect(await ask(chain[0]!, nested(0, 7))).toMatchObject({ kind: 'rejected', code: 5, errorCode: 'IC0525' });
  });

  it('[query.budget] all executions of the graph share one limit', async () => {
    const small = await createTestWorld({ instructionLimits: { queryGraph: 800_000_000n, query: 500_000_000n } });
    const [a, b] = [await small.create(), await small.create()];
    const work = program(op('spin', int(30_000_000)), reply());
    const twice = query(b, work, { onReply: query(b, work) });
    expect((await small.replica.query({ canister: b, method: 'query', arg: work })).kind).toBe('replied');
    expect(await small.replica.query({ canister: a, method: 'composite', arg: twice })).toMatchObject({
      kind: 'replied',
    });
    const often = query(b, work, { onReply: query(b, work, { onReply: query(b, work, { onReply: query(b, work) }) }) });
    const answer = await small.replica.query({ canister: a, method: 'composite', arg: often });
    const text = answer.kind === 'replied' ? passedReject(answer.data).message : answer.message;
    expect(answer.kind === 'replied' ? text.slice(0, 6) : answer.errorCode).toBe('IC0526');
    expect(text).toContain('instruction limit');
    await small.close();
  });

  it('[query.trap] that traps in a callback is rejected, and its cleanup cannot change that', async () => {
    const [a, b] = (await some(2)) as [string, string];
    const run = query(b, reply(), { onReply: trap('callback'), onCleanup: setCell(0, 1) });
    expect(await ask(a, run)).toMatchObject({ kind: 'rejected', code: 5, errorCode: 'IC0503' });
    expect(await world.look(a, getCell(0))).toEqual([0n]);
  });

  it('[query.no-reply] that does not answer is rejected', async () => {
    const [a, b] = (await some(2)) as [string, string];
    expect(await ask(a, query(b, reply(), { onReply: setCell(0, 1) }))).toMatchObject({ code: 5, errorCode: 'IC0506' });
    expect(await ask(a, setCell(0, 1), 'query')).toMatchObject({ code: 5, errorCode: 'IC0506' });
  });

  it('[query.composite] cannot be called as an update, by a user or by a canister', async () => {
    const [a, b] = (await some(2)) as [string, string];
    const answer = await world.replica.call({ canister: a, method: 'composite', arg: reply() });
    expect(answer).toMatchObject({ kind: 'rejected', errorCode: 'IC0527' });
    const called = await world.run(b, call({ callee: a, method: 'composite', ...passOn }));
    expect(passedReject(called)).toMatchObject({ code: 5, message: expect.stringMatching(/^IC0527/) });
  });

  it('[query.composite] costs nothing, also where the canister could not pay for a call', async () => {
    const poor = await createCanister(world.replica, 1_000_000_000_000n);
    await install(world.replica, poor, await universal(), 'install', new Uint8Array(0));
    const [b] = (await some(1)) as [string];
    const [left] = await world.look(poor, op('canister_liquid_cycle_balance128'));
    await world.run(poor, program(op('drop', op('cycles_burn128', int(left! - 45_000_000_000n))), reply()));
    expect(new TextDecoder().decode(await asked(poor, query(b, reply('free'))))).toBe('free');
  });

  it('[query.certificate] sees a certificate in its method but not in callbacks, and callees see none', async () => {
    const [a, b] = (await some(2)) as [string, string];
    const present = op('data_certificate_present');
    const onReply = program(
      op('append_int', getCell(0)),
      op('append_int', present),
      op('msg_reply_data_append', op('arg')),
      op('msg_reply'),
    );
    const run = program(op('set_cell', int(0), present), query(b, replyInts(present), { onReply }));
    expect(ints(await asked(a, run))).toEqual([1n, 0n, 0n]);
  });

  it('[query.cycles] cannot attach cycles', async () => {
    const [a, b] = (await some(2)) as [string, string];
    const run = program(query(b, reply(), { cycles: 1n }), op('drop', int(0)), op('trap', blob('never')));
    expect(await ask(a, run)).toMatchObject({ kind: 'rejected', errorCode: 'IC0504' });
  });
});

// --- random graphs --------------------------------------------------------------------------------------------------

interface Graph {
  readonly callee: number;
  readonly change: number;
  readonly ending: 'reply' | 'trap' | 'callbackTrap' | 'later';
  readonly calls: readonly Graph[];
}

const { graph } = fc.letrec<{ graph: Graph }>((tie) => ({
  graph: fc.record({
    callee: fc.nat(3),
    change: fc.nat(40),
    ending: fc.constantFrom('reply', 'trap', 'callbackTrap', 'later', 'later', 'later'),
    calls: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('graph'), { maxLength: 3 })),
  }),
}));

function toProgram({ change, ending, calls }: Graph, ids: readonly string[]): Program {
  const changes = program(
    addToCell(change, 1),
    op('set_global', int(change)),
    op('drop', op('memory_grow', int(change % 3))),
  );
  const answer = program(changes, replyInts(getCell(change), op('get_global'), op('memory_size')));
  const onReply = ending === 'callbackTrap' ? program(changes, trap('callback')) : answer;
  const made = calls.map((each) => composite(ids[each.callee]!, toProgram(each, ids), { onReply, onCleanup: changes }));
  return program(changes, ...made, ending === 'reply' ? answer : ending === 'trap' ? trap('no') : program());
}

it('[query.no-change] any graph of composite queries leaves nothing, and is answered alike asleep and awake', async () => {
  const worlds = [await createTestWorld(), await createTestWorld({ hotMemoryBytesMax: 1 })] as const;
  const ids: string[] = [];
  for (const each of worlds) {
    for (let i = 0; i < 4; i++) ids[i] = await each.create();
    for (const [i, canister] of ids.entries()) await each.run(canister, program(setCell(i, 100 + i), reply()));
  }
  const before = worlds.map(({ replica }) => replica.stateHash());
  await fc.assert(
    fc.asyncProperty(graph, async (drawn) => {
      const request = { canister: ids[drawn.callee]!, method: 'composite', arg: toProgram(drawn, ids) };
      const answers = await Promise.all(worlds.map(({ replica }) => replica.query(request)));
      expect(answers[1]).toEqual(answers[0]);
      expect(worlds.map(({ replica }) => replica.stateHash())).toEqual(before);
    }),
    { numRuns: 150 },
  );
  for (const each of worlds) await each.close();
});
