// The same calls at the same times make the same run, whatever is kept live, asleep, on disk or started anew meanwhile.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReplica, type Replica, type ReplicaOptions } from '@tamc/replica';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createWith, encode, install, manage } from '../harness/canisters.ts';
import {
  addToCell,
  blob,
  call,
  getCell,
  int,
  op,
  type Program,
  program,
  reject,
  reply,
  replyInts,
  setCell,
  setGlobal,
  setHook,
  trap,
} from '../harness/program.ts';
import { buildSample } from '../harness/sample.ts';
import { universal } from '../harness/universal.ts';
import { createTestWorld, secondNs, startNs, type TestWorld, worldOf } from '../harness/world.ts';

const setTimer = (offsetNs: bigint) => op('drop', op('global_timer_set', op('add', op('time'), int(offsetNs))));
const hooks = ['globalTimer', 'heartbeat', 'preUpgrade'] as const;

/** One thing that happens; canisters by number. */
type Step =
  | { readonly kind: 'call'; readonly to: number; readonly act: number; readonly other: number; readonly cell: number }
  | { readonly kind: 'together'; readonly act: number; readonly cell: number }
  | { readonly kind: 'query'; readonly to: number; readonly cell: number }
  | { readonly kind: 'pass'; readonly seconds: number }
  | { readonly kind: 'upgrade'; readonly to: number }
  | { readonly kind: 'stopStart'; readonly to: number };

const number = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('call'), to: number, act: fc.nat(11), other: number, cell: fc.nat(60) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('together'), act: fc.nat(11), cell: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('query'), to: number, cell: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass'), seconds: fc.nat(4000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('upgrade'), to: number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stopStart'), to: number }) },
) as fc.Arbitrary<Step>;

function acts(other: string, cell: number): Program[] {
  const change = program(addToCell(cell, 1), setGlobal(cell));
  return [
    program(change, reply()),
    program(change, trap('no')),
    program(change, op('drop', op('memory_grow', int(1))), reply()),
    program(change, op('drop', op('memory_grow', int(2))), trap('no')),
    program(op('drop', op('stable64_grow', int(1))), op('stable_write', int(cell), blob('abc')), reply()),
    program(change, call({ callee: other, arg: program(change, reply()), onReply: program(change, reply()) })),
    program(change, call({ callee: other, arg: program(change, trap('x')), onReject: program(change, reply()) })),
    program(change, call({ callee: other, onReply: program(change, trap('x')), onCleanup: change })),
    program(
      change,
      call({ callee: other, arg: reject('no'), cycles: 1_000_000n, timeoutSeconds: 1, onReject: change }),
    ),
    program(setHook('globalTimer', change), setTimer(BigInt(cell) * secondNs), reply()),
    program(op('certified_data_set', blob(`data ${cell}`)), reply()),
    // Writes that were zero before and are zero again.
    program(setCell(cell, 0), reply()),
  ];
}

async function perform(world: TestWorld, ids: readonly string[], step: Step): Promise<void> {
  const { replica } = world;
  const update = (to: number, act: number, other: number, cell: number) =>
    replica.call({ canister: ids[to]!, method: 'update', arg: acts(ids[other]!, cell)[act]! });
  switch (step.kind) {
    case 'call':
      await update(step.to, step.act, step.other, step.cell);
      return;
    case 'together':
      await Promise.all(
        [0, 1, 2, 3, 0, 1, 0, 0].map((to, i) => update(to, (step.act + i) % 12, (to + 1) % 4, step.cell)),
      );
      return;
    case 'query':
      await replica.query({ canister: ids[step.to]!, method: 'query', arg: program(addToCell(step.cell, 5), reply()) });
      return;
    case 'pass':
      await world.pass(BigInt(step.seconds) * secondNs);
      return;
    case 'upgrade':
      await install(replica, ids[step.to]!, await universal({ hooks, postUpgrade: true }), 'upgrade');
      return;
    case 'stopStart':
      await manage(replica, 'stop_canister', ids[step.to]!);
      await manage(replica, 'start_canister', ids[step.to]!);
  }
}

const createFour = async (world: TestWorld) => {
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) ids.push(await world.create({ hooks, postUpgrade: true }));
  return ids;
};

/** State hash after every step. */
async function hashes(options: ReplicaOptions, steps: readonly Step[]): Promise<string[]> {
  const world = await createTestWorld(options);
  const ids = await createFour(world);
  const found = [`${world.replica.round()} ${world.replica.stateHash()}`];
  for (const each of steps) {
    await perform(world, ids, each);
    found.push(`${world.replica.round()} ${world.replica.stateHash()}`);
  }
  await world.close();
  return found;
}

it('[time.determinism] two runs of the same calls have the same state after every step', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      expect(await hashes({}, steps)).toEqual(await hashes({}, steps));
    }),
    { numRuns: 12 },
  );
});

it('[exec.eviction] a run in which every canister is put to sleep between calls is the same run', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      expect(await hashes({ hotMemoryBytesMax: 1 }, steps)).toEqual(
        await hashes({ hotMemoryBytesMax: 2 ** 30 }, steps),
      );
    }),
    { numRuns: 25 },
  );
});

it('[exec.eviction] small rounds give the same answers and the same memory as large ones', async () => {
  const world = await createTestWorld({ instructionLimits: { round: 1n } });
  const [a, b] = [await world.create(), await world.create()];
  const nested = call({
    callee: b,
    arg: call({ callee: a, arg: reply(), onReply: reply() }),
    onReply: replyInts(getCell(0)),
  });
  expect(await world.runInts(a, program(setCell(0, 3), nested))).toEqual([3n]);
  await world.close();
});

it('[time.seed] another seed makes another network, the same seed the same one', async () => {
  const first = async (seed: string) => {
    const world = await createTestWorld({ seed });
    const facts = [Buffer.from(world.replica.rootKey).toString('hex'), world.replica.stateHash()];
    await world.close();
    return facts;
  };
  expect(await first('a')).toEqual(await first('a'));
  expect(await first('a')).not.toEqual(await first('b'));
});

// --- over restarts --------------------------------------------------------------------------------------------------

async function inFolder<T>(act: (store: string) => Promise<T>): Promise<T> {
  const store = await mkdtemp(join(tmpdir(), 'tamc-semantics-'));
  try {
    return await act(store);
  } finally {
    await rm(store, { recursive: true, force: true });
  }
}

it('[durable.restart] a run that is closed and opened again between steps is the same run', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 8 }), { minLength: 1, maxLength: 4 }), async (parts) => {
      const straight = await hashes({}, parts.flat());
      await inFolder(async (store) => {
        const open = () => createReplica({ store, virtualTime: { startNs } });
        let replica: Replica = await open();
        const ids = await createFour(worldOf(replica));
        for (const part of parts) {
          const hash = replica.stateHash();
          await replica.close();
          replica = await open();
          expect(replica.stateHash()).toBe(hash);
          for (const each of part) await perform(worldOf(replica), ids, each);
        }
        const end = `${replica.round()} ${replica.stateHash()}`;
        await replica.close();
        expect(end).toBe(straight.at(-1));
      });
    }),
    { numRuns: 8 },
  );
});

it('[durable.restart] work that was under way goes on after a restart, in the same order', async () => {
  const slow = { virtualTime: { startNs }, instructionLimits: { round: 1n } } as const;
  const endings: string[] = [];
  for (const stopAt of [0, 3, 7]) {
    await inFolder(async (store) => {
      const first = await createReplica({ store, ...slow });
      const world = worldOf(first);
      const ids: string[] = [];
      for (let i = 0; i < 4; i++) ids.push(await world.create());
      const log = (digit: number): Program =>
        program(op('set_cell', int(0), op('add', op('add', getCell(0), getCell(0)), int(digit))), reply());
      const chain = (depth: number): Program =>
        depth === 0
          ? reply()
          : program(...ids.map((callee, i) => call({ callee, arg: program(log(i), chain(depth - 1)) })));
      void first.call({ canister: ids[0]!, method: 'update', arg: chain(2) }).catch(() => {});
      void first.call({ canister: ids[3]!, method: 'update', arg: chain(2) }).catch(() => {});
      await first.time.tick(1 + stopAt);
      await first.close();
      const second = await createReplica({ store, ...slow });
      await second.time.tick(200);
      const after = worldOf(second);
      endings.push(JSON.stringify(await Promise.all(ids.map(async (id) => String(await after.look(id, getCell(0)))))));
      await second.close();
    });
  }
  expect(new Set(endings).size).toBe(1);
});

it('[exec.eviction] an Azle canister does not notice that it slept', async () => {
  const wasm = await buildSample();
  const run = async (hotMemoryBytesMax: number) => {
    const world = await createTestWorld({ hotMemoryBytesMax });
    const { replica } = world;
    const ids = [await createWith(replica, wasm), await createWith(replica, wasm)];
    const found: string[] = [];
    for (let i = 0; i < 6; i++) {
      await replica.call({ canister: ids[i % 2]!, method: 'inc', arg: encode([], []) });
      await replica.call({ canister: ids[i % 2]!, method: 'fault', arg: encode([], []) });
      await replica.query({ canister: ids[i % 2]!, method: 'incInQuery', arg: encode([], []) });
      found.push(replica.stateHash());
    }
    await world.close();
    return found;
  };
  expect(await run(1)).toEqual(await run(2 ** 30));
});
