// Bounded-wait calls: the caller hears within its timeout, from the callee or from the system, and only once.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { manage } from '../harness/canisters.ts';
import {
  addToCell,
  call,
  getCell,
  int,
  op,
  passedReject,
  passOn,
  performCall,
  program,
  reply,
  replyInts,
  setCell,
} from '../harness/program.ts';
import { createHolder, createTestWorld, secondNs, startNs, type TestWorld } from '../harness/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

const start = (canister: string, arg: Uint8Array) => world.replica.call({ canister, method: 'update', arg });
const billion = 1_000_000_000n;

it('[call.bounded] an answer in time is an answer like any other', async () => {
  const [caller, callee] = [await world.create(), await world.create()];
  const run = call({ callee, arg: reply('in time'), timeoutSeconds: 10, ...passOn });
  expect(new TextDecoder().decode(await world.run(caller, run))).toBe('in time');
});

it('[call.deadline] after the deadline the caller gets SYS_UNKNOWN, its cycles are gone, a late answer is dropped', async () => {
  const [caller, holder] = [await world.create(), await createHolder(world)];
  const onReject = program(addToCell(0, 1), op('set_cell', int(1), op('msg_cycles_refunded')), passOn.onReject);
  const answer = start(
    caller,
    call({
      callee: holder.canister,
      arg: holder.hold,
      timeoutSeconds: 10,
      cycles: 5n * billion,
      onReply: setCell(0, 100),
      onReject,
    }),
  );
  await world.pass(1n);
  await world.pass(10n * secondNs - 100n);
  expect(await world.look(caller, getCell(0))).toEqual([0n]);
  await world.pass(1n * secondNs);
  const got = await answer;
  expect(got.kind === 'replied' && passedReject(got.data)).toMatchObject({ code: 6 });
  expect(await world.look(caller, getCell(0), getCell(1))).toEqual([1n, 0n]);
  await holder.release();
  expect(await world.look(caller, getCell(0))).toEqual([1n]);
});

it('[call.deadline] the timeout is capped at five minutes', async () => {
  const [caller, callee] = [await world.create(), await world.create()];
  const run = call({ callee, arg: replyInts(op('msg_deadline'), op('time')), timeoutSeconds: 100_000, ...passOn });
  const [deadlineNs, timeNs] = await world.runInts(caller, run);
  expect(deadlineNs! - timeNs!).toBe(300n * secondNs);
});

it('[call.deadline] msg_deadline is that of the call, also in callbacks, and 0 for users and guaranteed responses', async () => {
  const [caller, callee] = [await world.create(), await world.create()];
  expect(await world.runInts(caller, replyInts(op('msg_deadline')))).toEqual([0n]);
  const guaranteed = call({ callee, arg: replyInts(op('msg_deadline')), ...passOn });
  expect(await world.runInts(caller, guaranteed)).toEqual([0n]);
  const inner = call({ callee: caller, onReply: replyInts(op('msg_deadline')) });
  const [deadlineNs] = await world.runInts(caller, call({ callee, arg: inner, timeoutSeconds: 20, ...passOn }));
  expect(deadlineNs).toBeGreaterThan(startNs + 20n * secondNs);
});

it('[call.deadline] msg_deadline is 0 in a query method, also when a call with a deadline runs it', async () => {
  const [caller, callee] = [await world.create(), await world.create()];
  const asked = call({ callee, method: 'query', arg: replyInts(op('msg_deadline')), timeoutSeconds: 20, ...passOn });
  expect(await world.runInts(caller, asked)).toEqual([0n]);
});

it('[call.deadline] a call that never started in time is not started any more', async () => {
  // One execution per round: the callee is busy with itself while the deadline passes.
  const slow = await createTestWorld({ instructionLimits: { round: 1n } });
  const [caller, callee] = [await slow.create(), await slow.create()];
  const busy = call({ callee, arg: addToCell(1, 1), onReject: reply() });
  const working = slow.replica.call({ canister: callee, method: 'update', arg: busy });
  const arg = program(addToCell(0, 1), reply());
  const answer = slow.replica.call({
    canister: caller,
    method: 'update',
    arg: call({ callee, arg, timeoutSeconds: 0, cycles: billion, ...passOn }),
  });
  await slow.pass(1n, 20);
  const got = await answer;
  expect(got.kind === 'replied' && passedReject(got.data).code).toBe(6);
  expect((await working).kind).toBe('replied');
  expect(await slow.look(callee, getCell(0))).toEqual([0n]);
  await slow.close();
});

it('[call.deadline] other rejects come as they are', async () => {
  const [caller, callee] = [await world.create(), await world.create()];
  await manage(world.replica, 'stop_canister', callee);
  const data = await world.run(caller, call({ callee, timeoutSeconds: 10, cycles: billion, ...passOn }));
  expect(passedReject(data)).toMatchObject({ code: 5, message: expect.stringMatching(/^IC0508/) });
});

it('[call.deadline] deadlines are met in the order of time', async () => {
  const [caller, holder] = [await world.create(), await createHolder(world)];
  const note = (digit: number) => op('set_cell', int(0), op('add', int(digit), op('add', shifted(getCell(0)), int(0))));
  const one = (timeoutSeconds: number, digit: number) =>
    op('drop', performCall({ callee: holder.canister, arg: holder.hold, timeoutSeconds, onReject: note(digit) }));
  const answer = start(caller, program(one(30, 3), one(10, 1), one(20, 2)));
  for (let i = 0; i < 5; i++) await world.pass(10n * secondNs);
  expect(await answer).toMatchObject({ errorCode: 'IC0506' });
  expect(await world.look(caller, getCell(0))).toEqual([123n]);
  await holder.release();
});

/** Ten times a number. */
function shifted(number: Uint8Array): Uint8Array {
  const twice = (value: Uint8Array) => op('add', value, value);
  return op('add', twice(number), twice(twice(twice(number))));
}

it('[lifecycle.stopping] a canister with a bounded-wait call open stops when the deadline passes', async () => {
  const [caller, holder] = [await world.create(), await createHolder(world)];
  const answer = start(caller, call({ callee: holder.canister, arg: holder.hold, timeoutSeconds: 10, ...passOn }));
  await world.pass(1n);
  const stopped = manage(world.replica, 'stop_canister', caller);
  await world.pass(1n);
  await world.pass(11n * secondNs, 5);
  expect((await answer).kind).toBe('replied');
  expect((await stopped).kind).toBe('replied');
  await holder.release();
});
