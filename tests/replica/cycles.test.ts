// Cycles: what is attached arrives, comes back or is burned; nothing appears or vanishes; who cannot pay does not run.

import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  canisterArgument,
  createCanister,
  decode,
  install,
  manage,
  plentyOfCycles,
  reply as replied,
  updateSettings,
} from '../harness/canisters.ts';
import {
  call,
  getCell,
  int,
  op,
  type Program,
  passedReject,
  passOn,
  performCall,
  program,
  reject,
  reply,
  replyInts,
  setCell,
  trap,
} from '../harness/program.ts';
import { universal } from '../harness/universal.ts';
import { createTestWorld, secondNs, type TestWorld } from '../harness/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

const billion = 1_000_000_000n;
const balance = op('canister_cycle_balance');
const balanceOf = async (canister: string) => (await world.look(canister, balance))[0]!;
const pair = async () => [await world.create(), await world.create()] as const;
const accept = (amount: bigint) => op('drop', op('msg_cycles_accept', int(amount)));

describe('cycles of a call', () => {
  it('[cycles.transfer] what the callee accepts is its own, the rest comes back', async () => {
    const [caller, callee] = await pair();
    const before = await balanceOf(callee);
    const arg = program(accept(300n * billion), replyInts(op('msg_cycles_available')));
    const onReply = program(replyInts(op('msg_cycles_refunded')));
    const run = call({ callee, arg, onReply, cycles: 1000n * billion });
    expect(await world.runInts(caller, run)).toEqual([700n * billion]);
    expect((await balanceOf(callee)) - before).toBeGreaterThan(299n * billion);
  });

  it('[cycles.transfer] accepting gives what is there at most, and nothing after the answer', async () => {
    const [caller, callee] = await pair();
    const arg = program(
      op('append_int', op('msg_cycles_accept', int(5n * billion))),
      op('append_int', op('msg_cycles_accept', int(5n * billion))),
      op('msg_reply'),
      op('set_cell', int(0), op('msg_cycles_accept', int(5n * billion))),
    );
    const run = call({ callee, arg, cycles: 7n * billion, ...passOn });
    expect(await world.runInts(caller, run)).toEqual([5n * billion, 2n * billion]);
    expect(await world.look(callee, getCell(0))).toEqual([0n]);
  });

  it.each([
    ['rejects', program(accept(300n * billion), reject('no')), 700n],
    ['traps', program(accept(300n * billion), trap('no')), 1000n],
    ['does not answer', accept(300n * billion), 700n],
    ['does not exist', null, 1000n],
  ] as const)('[cycles.refund] a callee that %s', async (_, arg, back) => {
    const [caller, callee] = await pair();
    const target = arg === null ? 'rrkah-fqaaa-aaaaa-aaaaq-cai' : callee;
    const run = call({
      callee: target,
      arg: arg ?? reply(),
      cycles: 1000n * billion,
      onReject: replyInts(op('msg_cycles_refunded')),
    });
    expect(await world.runInts(caller, run)).toEqual([back * billion]);
  });

  it('[cycles.transfer] a callback can accept what the call still holds', async () => {
    const [caller, callee] = await pair();
    const other = await world.create();
    const arg = call({ callee: other, onReply: program(accept(4n * billion), reply()) });
    const run = call({ callee, arg, cycles: 10n * billion, onReply: replyInts(op('msg_cycles_refunded')) });
    expect(await world.runInts(caller, run)).toEqual([6n * billion]);
  });

  it('[cycles.attach] more than is liquid cannot be attached', async () => {
    const [caller, callee] = await pair();
    const run = call({ callee, cycles: 2_000_000_000_000_000n });
    expect(await world.rejected(caller, run)).toMatchObject({
      code: 5,
      message: expect.stringContaining('out of cycles'),
    });
  });

  it('[cycles.burn] burns down to the freezing limit and no further', async () => {
    const canister = await world.create({ cycles: 2_000n * billion });
    const run = replyInts(op('cycles_burn128', int(100n * billion)), op('cycles_burn128', int(10n ** 18n)), balance);
    const [first, second, left] = await world.runInts(canister, run);
    expect(first).toBe(100n * billion);
    expect(second!).toBeGreaterThan(0n);
    expect(left!).toBeGreaterThan(0n);
    // Frozen now: it has only what its freezing threshold asks for (and what was set aside for the execution).
    expect(await world.look(canister, op('canister_liquid_cycle_balance128'))).not.toEqual([0n]);
  });

  it('[cycles.minimum] calls with too few cycles are refused, but not of users or of itself', async () => {
    const [caller, callee] = await pair();
    await replied(updateSettings(world.replica, callee, { minimum_incoming_canister_call_cycles: 5n * billion }));
    const onReject = program(op('set_cell', int(0), op('msg_cycles_refunded')), passOn.onReject);
    const ask = (cycles: bigint) => call({ callee, cycles, onReply: reply('taken'), onReject });
    const refused = passedReject(await world.run(caller, ask(4n * billion)));
    expect(refused).toMatchObject({ code: 5, message: expect.stringMatching(/^IC0520/) });
    expect(await world.look(caller, getCell(0))).toEqual([4n * billion]);
    expect(new TextDecoder().decode(await world.run(caller, ask(5n * billion)))).toBe('taken');
    expect(new TextDecoder().decode(await world.run(callee, ask(0n)))).toBe('taken');
  });
});

describe('paying', () => {
  it('[cycles.prepay] call_perform refuses when the callback could not be paid for', async () => {
    const [, callee] = await pair();
    const caller = await world.create({ cycles: 2_000n * billion });
    const [liquid] = await world.look(caller, op('canister_liquid_cycle_balance128'));
    // 40 B for the execution itself stay set aside while it runs; 10 B are left for what it calls.
    const burn = op('drop', op('cycles_burn128', int(liquid! - 50n * billion)));
    expect(await world.runInts(caller, program(burn, replyInts(performCall({ callee }))))).toEqual([2n]);
  });

  it('[cycles.frozen] a frozen canister takes no calls and no queries until it is topped up', async () => {
    const [caller, callee] = await pair();
    await replied(updateSettings(world.replica, callee, { freezing_threshold: 10n ** 14n }));
    expect(await world.replica.call({ canister: callee, method: 'update', arg: reply() })).toMatchObject({
      kind: 'rejected',
      code: 2,
      errorCode: 'IC0207',
    });
    expect(await world.replica.query({ canister: callee, method: 'query', arg: reply() })).toMatchObject({
      kind: 'rejected',
      code: 2,
      errorCode: 'IC0207',
    });
    const refused = passedReject(await world.run(caller, call({ callee, ...passOn })));
    expect(refused).toMatchObject({ code: 2, message: expect.stringMatching(/^IC0207/) });
    await replied(updateSettings(world.replica, callee, { freezing_threshold: 0n }));
    await world.run(callee, reply());
  });

  it('[cycles.storage] time costs cycles', async () => {
    const canister = await world.create();
    const before = await balanceOf(canister);
    await world.pass(86_400n * secondNs);
    await world.run(canister, reply());
    const perDay = before - (await balanceOf(canister));
    // 2 MiB heap and a small module: about 127,000 cycles per GiB and second.
    expect(perDay).toBeGreaterThan(20_000_000n);
    expect(perDay).toBeLessThan(60_000_000n);
  });

  it('[cycles.out] who has nothing left is uninstalled, its callers are told, and it can be used again', async () => {
    const ownWorld = await createTestWorld();
    const poor = await ownWorld.create({ cycles: 500n * billion });
    await replied(updateSettings(ownWorld.replica, poor, { freezing_threshold: 0n, compute_allocation: 1n }));
    await ownWorld.run(poor, program(setCell(0, 1), op('drop', op('stable64_grow', int(1))), reply()));
    // 10 M cycles per second and percent.
    await ownWorld.pass(50_000n * secondNs);
    await ownWorld.pass(3_600n * secondNs);
    const status = await replied(manage(ownWorld.replica, 'canister_status', poor));
    const [{ cycles, module_hash, settings }] = decode(
      [
        IDL.Record({
          cycles: IDL.Nat,
          module_hash: IDL.Opt(IDL.Vec(IDL.Nat8)),
          settings: IDL.Record({ compute_allocation: IDL.Nat, controllers: IDL.Vec(IDL.Principal) }),
        }),
      ],
      status,
    ) as [{ cycles: bigint; module_hash: []; settings: { compute_allocation: bigint; controllers: Principal[] } }];
    expect([cycles, module_hash, settings.compute_allocation]).toEqual([0n, [], 0n]);
    expect(settings.controllers.map(String)).toEqual(['2vxsx-fae']);
    await ownWorld.close();
  });
});

// --- conservation ---------------------------------------------------------------------------------------------------

const metrics = IDL.Record({
  cycles_consumed: IDL.Record(
    Object.fromEntries(
      [
        'memory',
        'compute_allocation',
        'ingress_induction',
        'instructions',
        'request_and_response_transmission',
        'uninstall',
        'burned_cycles',
      ].map((name) => [name, IDL.Nat]),
    ),
  ),
});

/** Main balances and everything that was consumed, of all given canisters. */
async function total(own: TestWorld, canisters: readonly string[]): Promise<bigint> {
  let sum = 0n;
  for (const canister of canisters) {
    const status = await replied(manage(own.replica, 'canister_status', canister));
    const [{ cycles }] = decode([IDL.Record({ cycles: IDL.Nat })], status) as [{ cycles: bigint }];
    const [consumed] = decode([metrics], await replied(manage(own.replica, 'canister_metrics', canister))) as [
      { cycles_consumed: Record<string, bigint> },
    ];
    sum += cycles;
    for (const amount of Object.values(consumed.cycles_consumed)) sum += amount;
  }
  return sum;
}

interface Node {
  readonly callee: number;
  readonly cycles: number;
  readonly accept: number;
  readonly burn: number;
  readonly ending: 'reply' | 'reject' | 'trap' | 'nothing' | 'callbackTrap';
  readonly method: 'update' | 'query' | 'missing';
  readonly children: readonly Node[];
}

const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.record({
    callee: fc.nat(4),
    cycles: fc.nat(1_000_000),
    accept: fc.nat(1_000_000),
    burn: fc.nat(1_000),
    ending: fc.constantFrom('reply', 'reject', 'trap', 'nothing', 'callbackTrap'),
    method: fc.constantFrom('update', 'update', 'update', 'query', 'missing'),
    children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('node'), { maxLength: 3 })),
  }),
}));

function run(node: Node, ids: readonly string[]): Program {
  const endings: Record<Node['ending'], Program> = {
    reply: reply(),
    reject: reject('no'),
    trap: trap('no'),
    nothing: op('drop', int(0)),
    callbackTrap: reply(),
  };
  const children = node.method === 'query' ? [] : node.children.map((child) => callOf(child, ids));
  return program(
    accept(BigInt(node.accept) * 1_000n),
    op('drop', op('cycles_burn128', int(node.burn))),
    ...children,
    endings[node.ending],
  );
}

function callOf(child: Node, ids: readonly string[]): Program {
  const { callee, method, cycles, ending } = child;
  const onReply = ending === 'callbackTrap' ? trap('callback') : accept(1_000n);
  const arg = run(child, ids);
  return call({
    callee: ids[callee]!,
    method,
    arg,
    cycles: BigInt(cycles) * 1_000n,
    onReply,
    onCleanup: setCell(0, 1),
  });
}

it('[cycles.conserved] over any tree of calls no cycle appears or vanishes', async () => {
  const own = await createTestWorld();
  const live = await Promise.all([0, 1, 2].map(() => own.create({ cycles: plentyOfCycles })));
  const stopped = await own.create();
  await replied(manage(own.replica, 'stop_canister', stopped));
  const empty = await createCanister(own.replica, plentyOfCycles);
  const ids = [...live, stopped, empty];
  let expected = await total(own, ids);
  await fc.assert(
    fc.asyncProperty(node, async (tree) => {
      await own.replica.call({ canister: ids[tree.callee % 3]!, method: 'update', arg: run(tree, ids) });
      await own.pass(1n, 10);
      const now = await total(own, ids);
      expect(now).toBe(expected);
      expected = now;
    }),
    { numRuns: 60 },
  );
  await own.close();
});

it('[cycles.conserved] deposited cycles arrive', async () => {
  const [caller, target] = await pair();
  const before = await balanceOf(target);
  const run = call({
    callee: 'aaaaa-aa',
    method: 'deposit_cycles',
    arg: canisterArgument(target),
    cycles: 123n * billion,
    onReply: replyInts(op('msg_cycles_refunded')),
  });
  expect(await world.runInts(caller, run)).toEqual([0n]);
  expect((await balanceOf(target)) - before).toBe(123n * billion);
  expect(Principal.fromText(target).toText()).toBe(target);
});

it('[cycles.install] installing charges its instructions and gives the rest back', async () => {
  const canister = await createCanister(world.replica, plentyOfCycles);
  await install(world.replica, canister, await universal(), 'install', new Uint8Array(0));
  const spent = plentyOfCycles - (await balanceOf(canister));
  expect(spent).toBeLessThan(1n * billion);
});
