// Guest code that uses up the stack, in itself or in the middle of the System API: it traps, and nothing is half done.
import { createReplica } from '@tamc/replica';
import { expect, it } from 'vitest';
import { compileWat, createWith } from '../harness/canisters.ts';
import { startNs } from '../harness/world.ts';

/** Each level does something and then goes one deeper, without end. */
function recursive(body: string): string {
  return `(module
    (import "ic0" "msg_reply" (func $reply))
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_arg_data_copy" (func $copy (param i32 i32 i32)))
    (import "ic0" "debug_print" (func $print (param i32 i32)))
    (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
    (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
    (import "ic0" "stable64_read" (func $read (param i64 i64 i64)))
    (import "ic0" "time" (func $time (result i64)))
    (memory 200)
    (func $deep (param $level i32) (result i32)
      (local $at i32)
      (local.set $at (i32.mul (local.get $level) (i32.const 64)))
      ${body}
      (i32.add (i32.const 1) (call $deep (i32.add (local.get $level) (i32.const 1)))))
    (func (export "canister_init") (drop (call $grow (i64.const 300))))
    (func (export "canister_update deep") (drop (call $deep (i32.const 0))) (call $reply))
    (func (export "canister_query look")
      (call $append (i32.const 0) (i32.const 1000000)) (call $reply))
    (func (export "canister_query stable")
      (call $read (i64.const 0) (i64.const 0) (i64.const 1000000))
      (call $append (i32.const 0) (i32.const 1000000)) (call $reply)))`;
}

const place = '(i32.and (local.get $at) (i32.const 0x3fffff))';
const bodies: readonly (readonly [string, string])[] = [
  ['itself', ''],
  ['a store', `(i32.store ${place} (i32.const 7))`],
  [
    'writing into the heap',
    `(i32.store8 offset=64 ${place} (i32.const 9)) (call $copy ${place} (i32.const 0) (i32.const 40))`,
  ],
  [
    'writing into stable memory',
    `(call $write (i64.extend_i32_u (i32.mul ${place} (i32.const 3))) (i64.const 0) (i64.const 40))`,
  ],
  ['printing', '(call $print (i32.const 0) (i32.const 10))'],
  ['appending to the reply', '(call $append (i32.const 0) (i32.const 3))'],
];

it.each(bodies)('[exec.stack] endless recursion through %s traps and leaves nothing', async (_, body) => {
  const replica = await createReplica({ memory: true, virtualTime: { startNs } });
  const canister = await createWith(replica, await compileWat(recursive(body)));
  const arg = new Uint8Array(40).fill(0xab);
  const look = async (method: string) => {
    const answer = await replica.query({ canister, method });
    return answer.kind === 'replied' && Buffer.from(answer.data).every((byte) => byte === 0);
  };
  const answer = await replica.call({ canister, method: 'deep', arg });
  expect(answer).toMatchObject({ kind: 'rejected', code: 5, errorCode: 'IC0502' });
  expect([await look('look'), await look('stable')]).toEqual([true, true]);
  await replica.close();
});
