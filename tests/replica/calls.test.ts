// Calls between canisters: callbacks, commit points, cleanup, what is rejected and how, order, and calls that are still
// open when the code changes under them.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileWat, createCanister, install, manage } from '../harness/canisters.ts';
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
  reject,
  repeat,
  reply,
  replyInts,
  setCell,
  trap,
} from '../harness/program.ts';
import { universal } from '../harness/universal.ts';
import { createHolder, createTestWorld, type TestWorld } from '../harness/world.ts';

const Metadata = IDL.Record({ canister_id: IDL.Principal, name: IDL.Text });

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

const pair = async () => [await world.create(), await world.create()] as const;
const text = (data: Uint8Array) => new TextDecoder().decode(data);

describe('callbacks', () => {
  it('[call.reply] the reply callback gets what the callee replied', async () => {
    const [caller, callee] = await pair();
    expect(text(await world.run(caller, call({ callee, arg: reply('yes'), ...passOn })))).toBe('yes');
  });

  it('[call.reject] the reject callback gets code and message of ic0.msg_reject as they are', async () => {
    const [caller, callee] = await pair();
    const data = await world.run(caller, call({ callee, arg: reject('not today'), ...passOn }));
    expect(passedReject(data)).toEqual({ code: 4, message: 'not today' });
  });

  it('[call.reject] the message of a reject by the system begins with its error code', async () => {
    const [caller, callee] = await pair();
    const data = await world.run(caller, call({ callee, arg: trap('oops'), ...passOn }));
    const { code, message } = passedReject(data);
    expect(code).toBe(5);
    expect(message).toMatch(/^IC0503: Error from Canister .*: Canister called `ic0.trap` with message: 'oops'/);
  });

  it('[call.reject] so do those of the management canister', async () => {
    const [caller, callee] = await pair();
    const arg = new Uint8Array(IDL.encode([Metadata], [{ canister_id: Principal.fromText(callee), name: 'x' }]));
    const asked = (method: string) => world.run(caller, call({ callee: 'aaaaa-aa', method, arg, ...passOn }));
    const nobody = passedReject(await asked('canister_metadata'));
    expect(nobody).toMatchObject({ code: 4, message: expect.stringMatching(/^IC0406: .*no metadata section/) });
    expect(passedReject(await asked('http_request')).message).toMatch(/^IC0406: ic00 method/);
  });

  it('[call.await] what came before the await stays, what the callback did before it trapped does not', async () => {
    const [caller, callee] = await pair();
    const onReply = program(setCell(1, 1), trap('late'));
    const run = program(setCell(0, 1), call({ callee, onReply }));
    expect(await world.rejected(caller, run)).toMatchObject({ code: 5, errorCode: 'IC0503' });
    expect(await world.look(caller, getCell(0), getCell(1))).toEqual([1n, 0n]);
  });

  it('[call.await] other messages see what was committed while a call is open', async () => {
    const [caller, callee] = await pair();
    const back = call({ callee: caller, arg: replyInts(getCell(0)), ...passOn });
    const run = program(setCell(0, 5), call({ callee, arg: back, ...passOn }));
    expect(await world.runInts(caller, run)).toEqual([5n]);
  });

  it('[call.reply-once] a callback can answer, a second answer traps', async () => {
    const [caller, callee] = await pair();
    const twice = program(reply('first'), call({ callee, onReply: program(setCell(0, 1), reply('second')) }));
    expect(text(await world.run(caller, twice))).toBe('first');
    await world.pass(1n);
    expect(await world.look(caller, getCell(0))).toEqual([0n]);
  });

  it('[call.starvation] a call is rejected when the last callback returns without answering', async () => {
    const [caller, callee] = await pair();
    const run = program(call({ callee, onReply: addToCell(0, 1) }), call({ callee, onReply: addToCell(0, 1) }));
    expect(await world.rejected(caller, run)).toMatchObject({ code: 5, errorCode: 'IC0506' });
    expect(await world.look(caller, getCell(0))).toEqual([2n]);
  });

  it('[call.starvation] one callback may trap while another still answers', async () => {
    const [caller, callee] = await pair();
    const run = program(call({ callee, onReply: trap('first') }), call({ callee, onReply: reply('second') }));
    expect(text(await world.run(caller, run))).toBe('second');
  });

  it('[call.unperformed] a call that is not performed never leaves, and its cycles come back', async () => {
    const [caller, callee] = await pair();
    const unfinished = program(op('drop', performCall({ callee, arg: addToCell(0, 1) })));
    const withoutPerform = unfinished.subarray(0, unfinished.length - 2);
    await world.run(caller, program(withoutPerform, op('call_cycles_add', int(1000)), reply()));
    await world.pass(1n);
    expect(await world.look(callee, getCell(0))).toEqual([0n]);
  });

  it('[call.caller] callbacks see the caller of the call that they belong to', async () => {
    const [caller, callee] = await pair();
    const { Principal } = await import('@dfinity/principal');
    const onReply = program(op('msg_reply_data_append', op('caller')), op('msg_reply'));
    expect(Buffer.from(await world.run(caller, call({ callee, onReply }))).toString('hex')).toBe('04');
    const inner = program(op('msg_reply_data_append', op('caller')), op('msg_reply'));
    const seen = await world.run(caller, call({ callee, arg: inner, ...passOn }));
    expect(Principal.fromUint8Array(Uint8Array.from(seen)).toText()).toBe(caller);
  });
});

describe('cleanup', () => {
  it('[call.cleanup] runs when the callback trapped, and keeps its own changes', async () => {
    const [caller, callee] = await pair();
    const run = call({
      callee,
      onReply: program(setCell(0, 1), trap('callback')),
      onCleanup: program(setCell(1, 1), op('drop', op('global_timer_set', int(5)))),
    });
    expect((await world.rejected(caller, run)).message).toContain('callback');
    expect(await world.look(caller, getCell(0), getCell(1))).toEqual([0n, 1n]);
  });

  it('[call.cleanup] runs after a reject callback that trapped, with the reject code to see', async () => {
    const [caller, callee] = await pair();
    const run = call({
      callee,
      arg: reject('no'),
      onReject: trap('callback'),
      onCleanup: op('set_cell', int(0), op('msg_reject_code')),
    });
    await world.rejected(caller, run);
    expect(await world.look(caller, getCell(0))).toEqual([4n]);
  });

  it('[call.cleanup] does not run when the callback returned', async () => {
    const [caller, callee] = await pair();
    await world.run(caller, call({ callee, onReply: reply(), onCleanup: setCell(0, 1) }));
    expect(await world.look(caller, getCell(0))).toEqual([0n]);
  });

  it('[call.cleanup] that traps loses only its own changes, and the answer names the trap of the callback', async () => {
    const [caller, callee] = await pair();
    const run = program(
      setCell(0, 1),
      call({ callee, onReply: trap('callback'), onCleanup: program(setCell(1, 1), trap('cleanup')) }),
    );
    expect((await world.rejected(caller, run)).message).toContain('callback');
    expect(await world.look(caller, getCell(0), getCell(1))).toEqual([1n, 0n]);
  });

  it('[call.cleanup] cannot answer or call', async () => {
    const [caller, callee] = await pair();
    for (const forbidden of [reply(), call({ callee }), op('drop', op('msg_cycles_available'))]) {
      const run = call({ callee, onReply: trap('callback'), onCleanup: program(setCell(2, 1), forbidden) });
      expect((await world.rejected(caller, run)).message).toContain('callback');
    }
    expect(await world.look(caller, getCell(2))).toEqual([0n]);
  });

  it('[call.cleanup] has instructions left even when the callback used up its own', async () => {
    const small = await createTestWorld({ instructionLimits: { update: 20_000_000n } });
    const [caller, callee] = [await small.create(), await small.create()];
    const run = call({ callee, onReply: op('forever'), onCleanup: setCell(0, 1) });
    expect(await small.rejected(caller, run)).toMatchObject({ errorCode: 'IC0522' });
    expect(await small.look(caller, getCell(0))).toEqual([1n]);
    await small.close();
  });
});

describe('calls that nobody takes', () => {
  const reason = async (caller: string, callee: string, method = 'update') =>
    passedReject(await world.run(caller, call({ callee, method, ...passOn })));

  it('[call.destination] a canister that does not exist', async () => {
    const caller = await world.create();
    const answer = await reason(caller, 'rrkah-fqaaa-aaaaa-aaaaq-cai');
    expect(answer.code).toBe(3);
    expect(answer.message).toMatch(/^IC0301: Canister rrkah-fqaaa-aaaaa-aaaaq-cai not found/);
  });

  it('[call.destination] an id that no subnet hosts', async () => {
    const caller = await world.create();
    expect(await reason(caller, 'em77e-bvlzu-aq')).toEqual({
      code: 3,
      message: 'No route to canister em77e-bvlzu-aq',
    });
  });

  it('[call.destination] a method that does not exist', async () => {
    const [caller, callee] = await pair();
    const { code, message } = await reason(caller, callee, 'nope');
    expect(code).toBe(5);
    expect(message).toMatch(/^IC0536: .*Canister has no update method 'nope'/);
    expect((await reason(caller, callee, 'composite')).code).toBe(5);
  });

  it('[call.destination] a canister without code', async () => {
    const [caller, empty] = [await world.create(), await createCanister(world.replica)];
    const { code, message } = await reason(caller, empty);
    expect(code).toBe(5);
    expect(message).toMatch(/^IC0537: .*the canister contains no Wasm module/);
  });

  it('[lifecycle.stopped] a stopped canister', async () => {
    const [caller, callee] = await pair();
    await manage(world.replica, 'stop_canister', callee);
    expect(await reason(caller, callee)).toMatchObject({ code: 5, message: `IC0508: Canister ${callee} is stopped` });
    const arg = reply();
    expect(await world.replica.query({ canister: callee, method: 'query', arg })).toMatchObject({ code: 5 });
    expect(await world.replica.call({ canister: callee, method: 'update', arg })).toMatchObject({
      errorCode: 'IC0508',
    });
  });
});

describe('order and room', () => {
  it('[call.order] calls to the same callee start in the order in which they were performed', async () => {
    const [caller, callee] = await pair();
    const note = (digit: number) =>
      program(op('set_cell', int(0), op('add', tenfold(0), int(digit))), replyInts(getCell(0)));
    const run = program(...[1, 2, 3, 4].map((digit) => call({ callee, arg: note(digit), onReply: addToCell(1, 1) })));
    await world.rejected(caller, run);
    expect(await world.look(callee, getCell(0))).toEqual([1234n]);
  });

  it('[call.self] a canister can call itself', async () => {
    const canister = await world.create();
    const inner = program(addToCell(0, 1), replyInts(getCell(0)));
    const run = program(addToCell(0, 1), call({ callee: canister, arg: inner, ...passOn }));
    expect(await world.runInts(canister, run)).toEqual([2n]);
  });

  it('[call.queue] holds 500 open calls to one callee, and refuses the next without a callback', async () => {
    const [caller, callee, other] = [await world.create(), await world.create(), await world.create()];
    const perform = op('add_to_cell', int(0), performCall({ callee, onReply: addToCell(1, 1) }));
    const run = program(repeat(510, perform), op('add_to_cell', int(2), performCall({ callee: other })), reply());
    await world.run(caller, run);
    await world.pass(1n, 5);
    // call_perform answers 2 when there is no room.
    expect(await world.look(caller, getCell(0), getCell(1), getCell(2))).toEqual([20n, 500n, 0n]);
    expect(await world.runInts(caller, replyInts(performCall({ callee })))).toEqual([0n]);
  });
});

/** Ten times a cell. */
function tenfold(cell: number): Uint8Array {
  const twice = (value: Uint8Array) => op('add', value, value);
  return op('add', twice(getCell(cell)), twice(twice(twice(getCell(cell)))));
}

describe('calls in flight while the code changes', () => {
  const start = (canister: string, arg: Uint8Array) => world.replica.call({ canister, method: 'update', arg });

  it('[lifecycle.upgrade] callbacks run in the new code, on its heap', async () => {
    const [caller, holder] = [await world.create(), await createHolder(world)];
    const answer = start(caller, call({ callee: holder.canister, arg: holder.hold, onReply: reply('old') }));
    await world.pass(1n);
    const sameLayout = await universal({ more: '(global $other i32 (i32.const 5))', hooks: ['heartbeat'] });
    await install(world.replica, caller, sameLayout, 'upgrade');
    await holder.release();
    // The program of the callback lay in the old heap, which is gone: the new code finds an empty one.
    expect(await answer).toMatchObject({ kind: 'rejected', errorCode: 'IC0506' });
  });

  it('[lifecycle.upgrade] a callback that the new code does not have traps', async () => {
    for (const text of ['(module)', '(module (table 1 funcref))']) {
      const [caller, holder] = [await world.create(), await createHolder(world)];
      const answer = start(caller, call({ callee: holder.canister, arg: holder.hold, onReply: reply('old') }));
      await world.pass(1n);
      await install(world.replica, caller, await compileWat(text), 'upgrade');
      await holder.release();
      expect(await answer).toMatchObject({ kind: 'rejected', code: 5, errorCode: 'IC0502' });
    }
  });

  it('[lifecycle.reinstall] calls stay open over a reinstallation', async () => {
    const [caller, holder] = [await world.create(), await createHolder(world)];
    const answer = start(caller, call({ callee: holder.canister, arg: holder.hold, onReply: reply('old') }));
    await world.pass(1n);
    await install(world.replica, caller, await universal(), 'reinstall');
    await holder.release();
    expect(await answer).toMatchObject({ kind: 'rejected', errorCode: 'IC0506' });
  });

  it('[lifecycle.uninstall] rejects the open calls of the canister at once; late answers only refund', async () => {
    const [caller, holder] = [await world.create(), await createHolder(world)];
    const sent = 1_000_000_000_000n;
    const run = call({ callee: holder.canister, arg: holder.hold, cycles: sent, onReply: setCell(0, 1) });
    const answer = start(caller, run);
    await world.pass(1n);
    await manage(world.replica, 'uninstall_code', caller);
    expect(await answer).toMatchObject({
      kind: 'rejected',
      code: 4,
      message: 'Canister has been uninstalled.',
    });
    await install(world.replica, caller, await universal(), 'install', new Uint8Array(0));
    const [before] = await world.look(caller, op('canister_cycle_balance'));
    await holder.release();
    const [after] = await world.look(caller, getCell(0), op('canister_cycle_balance'));
    expect(after).toBe(0n);
    // The cycles sent, and nearly all that was set aside for the callback (40 B instructions).
    const back = (await world.look(caller, op('canister_cycle_balance')))[0]! - before!;
    expect(back).toBeGreaterThan(sent + 39_000_000_000n);
  });

  it('[lifecycle.uninstall] a caller is told when its callee is uninstalled', async () => {
    const [[caller, callee], holder] = [await pair(), await createHolder(world)];
    const inner = call({ callee: holder.canister, arg: holder.hold, ...passOn });
    const answer = start(caller, call({ callee, arg: inner, ...passOn }));
    await world.pass(1n);
    await manage(world.replica, 'uninstall_code', callee);
    const got = await answer;
    expect(got.kind === 'replied' ? passedReject(got.data) : got).toEqual({
      code: 4,
      message: 'Canister has been uninstalled.',
    });
    await holder.release();
  });

  it('[lifecycle.stopping] a stopping canister takes no calls, but runs its callbacks, and then is stopped', async () => {
    const [[caller, other], holder] = [await pair(), await createHolder(world)];
    const onReply = program(setCell(0, 1), call({ callee: other, onReply: reply('late') }));
    const answer = start(caller, call({ callee: holder.canister, arg: holder.hold, onReply }));
    await world.pass(1n);
    const stopped = manage(world.replica, 'stop_canister', caller);
    await world.pass(1n);
    expect(await start(caller, reply())).toMatchObject({ kind: 'rejected', code: 5, errorCode: 'IC0509' });
    const called = await world.run(other, call({ callee: caller, ...passOn }));
    expect(passedReject(called)).toMatchObject({ code: 5, message: `IC0509: Canister ${caller} is stopping` });
    await holder.release();
    expect((await answer).kind).toBe('replied');
    expect((await stopped).kind).toBe('replied');
    await manage(world.replica, 'start_canister', caller);
    expect(await world.look(caller, getCell(0))).toEqual([1n]);
  });

  it('[lifecycle.stopping] a stop call fails after five minutes, the canister goes on stopping', async () => {
    const [caller, holder] = [await world.create(), await createHolder(world)];
    const answer = start(caller, call({ callee: holder.canister, arg: holder.hold, ...passOn }));
    await world.pass(1n);
    const stopped = manage(world.replica, 'stop_canister', caller);
    await world.pass(1n);
    await world.pass(301_000_000_000n, 10);
    expect(await stopped).toMatchObject({ kind: 'rejected', code: 2, errorCode: 'IC0206' });
    expect((await answer).kind).toBe('replied');
  });

  it('[lifecycle.start] starting cancels the stop calls that wait', async () => {
    const [caller, holder] = [await world.create(), await createHolder(world)];
    const answer = start(caller, call({ callee: holder.canister, arg: holder.hold, ...passOn }));
    await world.pass(1n);
    const stopped = manage(world.replica, 'stop_canister', caller);
    await world.pass(1n);
    expect((await manage(world.replica, 'start_canister', caller)).kind).toBe('replied');
    expect(await stopped).toMatchObject({ kind: 'rejected', code: 5, errorCode: 'IC0511' });
    await world.run(caller, reply());
    await holder.release();
    expect((await answer).kind).toBe('replied');
  });
});
