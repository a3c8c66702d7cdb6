// What this process cannot carry through, for want of memory or because it would take too long: that execution is ended
// with a reject that says so, everything else goes on, and whoever executes the round again ends the same one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, createReplica, type Replica, replayStore } from '@tamc/replica';
import { afterEach, expect, it, vi } from 'vitest';
import { compileWat, createWith } from '../harness/canisters.ts';
import { startNs } from '../harness/world.ts';

const { machine, callsMax } = vi.hoisted(() => ({ machine: { hasMemory: true }, callsMax: 2_000 }));

// A machine without memory for a stack of half a gigabyte answers so.
vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>();
  class Worker extends real.Worker {
    constructor(...args: ConstructorParameters<typeof real.Worker>) {
      if (!machine.hasMemory) throw new Error('Failed to start the worker: EAGAIN');
      super(...args);
    }
  }
  return { ...real, Worker };
});
// So that reaching it takes no ten seconds.
vi.mock('../../replica/src/execution/deep-limits.ts', () => ({ deepCallsMax: callsMax }));

const folders: string[] = [];
afterEach(() => {
  machine.hasMemory = true;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Argument: how deep to go, and how often to ask for the time down there. */
const module = `(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_arg_data_copy" (func $copy (param i32 i32 i32)))
  (import "ic0" "debug_print" (func $print (param i32 i32)))
  (import "ic0" "time" (func $time (result i64)))
  (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
  (memory 1) (global $count (mut i32) (i32.const 0)) (data (i32.const 100) "was here")
  (func $bottom (local $left i32)
    (local.set $left (i32.load (i32.const 4)))
    (drop (call $grow (i64.const 1)))
    (call $print (i32.const 100) (i32.const 8))
    (loop $again
      (if (local.get $left) (then
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (drop (call $time))
        (br $again)))))
  (func $deep (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (call $bottom) (return (i32.const 0))))
    (i32.add (i32.const 1) (call $deep (i32.sub (local.get $n) (i32.const 1)))))
  (func $enter
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (call $copy (i32.const 0) (i32.const 0) (i32.const 8))
    (drop (call $deep (i32.load (i32.const 0))))
    (i32.store (i32.const 8) (global.get $count))
    (call $append (i32.const 8) (i32.const 4)) (call $reply))
  (func (export "canister_init") (drop (call $deep (i32.const 10))))
  (func (export "canister_post_upgrade") (drop (call $deep (i32.const 60000))))
  (func (export "canister_update go") (call $enter))
  (func (export "canister_update fail") (unreachable))
  (func (export "canister_query ask") (call $enter)))`;

const deep = 60_000;
const input = (depth: number, calls = 0) => new Uint8Array(Uint32Array.of(depth, calls).buffer);
const said = (answer: Answer) =>
  answer.kind === 'replied' ? Buffer.from(answer.data).readUInt32LE() : [answer.errorCode, answer.message.slice(52)];
const noMemory = [
  'IC0521',
  expect.stringMatching(/needed a deep stack, and this machine had no memory for one: call again/),
];
const tooManyCalls = ['IC0521', expect.stringMatching(/called the system more than 2000 times .* recurse less deep/)];

async function open() {
  const store = mkdtempSync(join(tmpdir(), 'tamc-host-ends-'));
  folders.push(store);
  const replica = await createReplica({ store, virtualTime: { startNs } });
  const canister = await createWith(replica, await compileWat(module));
  const go = async (depth: number, calls = 0) =>
    said(await replica.call({ canister, method: 'go', arg: input(depth, calls) }));
  return { store, replica, canister, go };
}

/** The state that comes out when everything recorded is executed again. */
async function expectSameAgain(store: string, replica: Replica) {
  const [stateHash, round] = [replica.stateHash(), replica.round()];
  await replica.close();
  expect(await replayStore(store)).toEqual({ stateHash, round });
}

it('[exec.host-ends] without memory for a deep stack the execution is rejected, and others go on', async () => {
  const { store, replica, canister, go } = await open();
  machine.hasMemory = false;
  expect(await Promise.all([go(3), go(deep), go(4), go(deep)])).toEqual([1, noMemory, 2, noMemory]);
  const query = { canister, method: 'ask' };
  expect(said(await replica.query({ ...query, arg: input(deep) }))).toEqual(noMemory);
  expect(said(await replica.query({ ...query, arg: input(5) }))).toBe(3);
  machine.hasMemory = true;
  expect(await Promise.all([go(deep), go(3)])).toEqual([3, 4]);
  await expectSameAgain(store, replica);
});

it('[exec.host-ends] an execution that goes on calling from down there is ended, one with fewer calls is not', async () => {
  const { store, replica, go } = await open();
  // Some calls besides are made down there too.
  expect(await go(deep, callsMax - 100)).toBe(1);
  expect(await Promise.all([go(1), go(deep, callsMax + 1), go(10, 100 * callsMax), go(deep, 10)])).toEqual([
    2,
    tooManyCalls,
    3,
    4,
  ]);
  await expectSameAgain(store, replica);
});

it('[exec.host-ends] what returned once is brought to its end again, however often it calls', async () => {
  const { store, replica, canister, go } = await open();
  const before = await go(deep, callsMax - 100);
  // The trap undoes what shares a commit with it, and what returned runs again.
  const fail = replica.call({ canister, method: 'fail' });
  expect([before, await go(deep, callsMax - 100), (await fail).kind, await go(1)]).toEqual([1, 2, 'rejected', 3]);
  await expectSameAgain(store, replica);
});

it('[exec.host-ends] what returned once and needs memory to be repeated is an error that says so', async () => {
  const { store, replica, go } = await open();
  expect(await go(deep)).toBe(1);
  await replica.close();
  machine.hasMemory = false;
  // As another process would: this one still has the thread.
  vi.resetModules();
  const { replayStore } = await import('@tamc/replica');
  const failure = { name: 'ReplicaError', kind: 'memory', code: 'noDeepStack' };
  await expect(replayStore(store)).rejects.toMatchObject(failure);
  await expect(replayStore(store)).rejects.toThrow('end other programs, and open the store again');
});
