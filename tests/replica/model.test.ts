// Random trees of calls against a model of a few lines: which executions count, which callbacks run, what they are told.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCanister, manage, reply as replied } from '../harness/canisters.ts';
import { addToCell, call, getCell, int, op, type Program, program, reject, reply, trap } from '../harness/program.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';

const running = 3;
/** Numbers of the canisters that cannot take calls, after the running ones. */
const stopped = 3;
const empty = 4;

interface Plan {
  readonly callee: number;
  readonly ending: 'reply' | 'reject' | 'trap' | 'later';
  readonly calls: readonly PlannedCall[];
}

interface PlannedCall {
  readonly plan: Plan;
  /** Whether the callback answers the call that it belongs to (only where that is left to the callbacks). */
  readonly answers: boolean;
  readonly callbackTraps: boolean;
  readonly cleanup: 'none' | 'returns' | 'traps';
  readonly isBounded: boolean;
}

/** Cells of each canister: executions begun and returned, replies, sum of reject codes, cleanups. */
const cells = { executed: 0, replied: 1, rejectCodes: 2, cleanedUp: 3 } as const;

// --- what the canisters do ------------------------------------------------------------------------------------------

function toProgram(plan: Plan, ids: readonly string[]): Program {
  const endings = { reply: reply(), reject: reject('no'), trap: trap('no'), later: new Uint8Array(0) };
  const calls = plan.calls.map((each) => toCall(plan, each, ids));
  return program(addToCell(cells.executed, 1), ...calls, endings[plan.ending]);
}

function toCall(caller: Plan, planned: PlannedCall, ids: readonly string[]): Program {
  const { plan, answers, callbackTraps, cleanup, isBounded } = planned;
  const ending = program(
    ...(answers && caller.ending === 'later' ? [reply()] : []),
    ...(callbackTraps ? [trap('callback')] : []),
  );
  const onCleanup = program(addToCell(cells.cleanedUp, 1), ...(cleanup === 'traps' ? [trap('cleanup')] : []));
  return call({
    callee: ids[plan.callee]!,
    arg: toProgram(plan, ids),
    onReply: program(addToCell(cells.replied, 1), ending),
    onReject: program(op('add_to_cell', int(cells.rejectCodes), op('msg_reject_code')), ending),
    ...(cleanup === 'none' ? {} : { onCleanup }),
    ...(isBounded ? { timeoutSeconds: 200 } : {}),
  });
}

// --- what must come of it -------------------------------------------------------------------------------------------

type Counts = Record<keyof typeof cells, number>[];

/** Counts what the plan does; the reject code that its caller gets, 0 = a reply. */
function expected(plan: Plan, counts: Counts): number {
  if (plan.callee >= running || plan.ending === 'trap') return 5;
  const own = counts[plan.callee]!;
  own.executed++;
  let isAnswered = false;
  for (const { plan: callee, answers, callbackTraps, cleanup } of plan.calls) {
    const code = expected(callee, counts);
    // A second answer would trap as well.
    const answersNow = answers && plan.ending === 'later';
    if (callbackTraps || (answersNow && isAnswered)) {
      if (cleanup === 'returns') own.cleanedUp++;
      continue;
    }
    if (answersNow) isAnswered = true;
    if (code === 0) own.replied++;
    else own.rejectCodes += code;
  }
  if (plan.ending === 'reply') return 0;
  if (plan.ending === 'reject') return 4;
  return isAnswered ? 0 : 5;
}

const { plan } = fc.letrec<{ plan: Plan; planned: PlannedCall }>((tie) => ({
  plan: fc.record({
    callee: fc.nat(empty),
    ending: fc.constantFrom('reply', 'reject', 'trap', 'later', 'later'),
    calls: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('planned'), { maxLength: 3 })),
  }),
  planned: fc.record({
    plan: tie('plan'),
    answers: fc.boolean(),
    callbackTraps: fc.boolean(),
    cleanup: fc.constantFrom('none', 'returns', 'traps'),
    isBounded: fc.boolean(),
  }),
}));

// --------------------------------------------------------------------------------------------------------------------

/** Only the first callback that answers may do so; which one is first is not fixed between callees, so there is one. */
function withOneAnswer(plan: Plan): Plan {
  let isTaken = false;
  const calls = plan.calls.map((each) => {
    const answers = each.answers && !isTaken;
    isTaken ||= answers;
    return { ...each, answers, plan: withOneAnswer(each.plan) };
  });
  return { ...plan, calls };
}

async function createAll(world: TestWorld): Promise<string[]> {
  const ids = [await world.create(), await world.create(), await world.create(), await world.create()];
  await replied(manage(world.replica, 'stop_canister', ids[stopped]!));
  return [...ids, await createCanister(world.replica)];
}

let worlds: readonly { world: TestWorld; ids: string[] }[];
beforeAll(async () => {
  const options = [{}, { hotMemoryBytesMax: 1 }, { instructionLimits: { round: 1n } }];
  worlds = await Promise.all(
    options.map(async (each) => {
      const world = await createTestWorld(each);
      return { world, ids: await createAll(world) };
    }),
  );
});
afterAll(async () => {
  for (const { world } of worlds) await world.close();
});

const look = (world: TestWorld, id: string) =>
  world.look(id, ...Object.values(cells).map((cell) => getCell(cell))).then((found) => found.map(Number));

it('[call.model] any tree of calls does what the rules of calls say', async () => {
  await fc.assert(
    fc.asyncProperty(plan, fc.nat(2), async (drawn, which) => {
      const { world, ids } = worlds[which]!;
      const root = withOneAnswer({ ...drawn, callee: drawn.callee % running });
      const before = await Promise.all(ids.slice(0, running).map((id) => look(world, id)));
      const counts: Counts = before.map(() => ({ executed: 0, replied: 0, rejectCodes: 0, cleanedUp: 0 }));
      const code = expected(root, counts);
      const answer = await world.replica.call({
        canister: ids[root.callee]!,
        method: 'update',
        arg: toProgram(root, ids),
      });
      await world.replica.time.tick(200);
      expect(answer.kind === 'replied' ? 0 : answer.code).toBe(code);
      const after = await Promise.all(ids.slice(0, running).map((id) => look(world, id)));
      const found = after.map((values, i) => values.map((value, j) => value - before[i]![j]!));
      expect(found).toEqual(counts.map((each) => Object.keys(cells).map((name) => each[name as keyof typeof cells])));
    }),
    { numRuns: 120 },
  );
});
