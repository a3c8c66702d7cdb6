// A canister that counts its calls and answers none of them until it is let go: then all, however many came.
import type { IDL } from '@dfinity/candid';
import { compileWat, createWith, encode, reply } from '../harness/canisters.ts';
import type { TestWorld } from '../harness/world.ts';

/** It asks the management canister again and again, so that its call contexts stay open while rounds pass. */
const source = `(module
  (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_data_append" (func $call_data_append (param i32 i32)))
  (import "ic0" "call_perform" (func $call_perform (result i32)))
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (memory 1)
  (table funcref (elem $answered))
  (data (i32.const 0) "raw_randDIDL\\00\\00")
  (global $isReleased (mut i32) (i32.const 0))
  (func $wait
    (call $call_new (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 8)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $call_data_append (i32.const 8) (i32.const 6))
    (drop (call $call_perform)))
  (func $answered (param i32)
    (if (global.get $isReleased) (then (call $reply)) (else (call $wait))))
  (func (export "canister_update update")
    (i32.store (i32.const 32) (i32.add (i32.load (i32.const 32)) (i32.const 1)))
    (call $wait))
  (func (export "canister_update release")
    (global.set $isReleased (i32.const 1))
    (call $reply))
  (func (export "canister_query seen")
    (call $append (i32.const 32) (i32.const 1))
    (call $reply)))`;

export interface Silent {
  readonly canister: string;
  /** How many calls came. */
  seen(): Promise<number>;
  release(): Promise<void>;
}

export async function createSilent({ replica, pass }: TestWorld): Promise<Silent> {
  const canister = await createWith(replica, await compileWat(source));
  const arg = encode([] as IDL.Type[], []);
  return {
    canister,
    seen: async () => (await reply(replica.query({ canister, method: 'seen', arg })))[0]!,
    release: async () => {
      await reply(replica.call({ canister, method: 'release', arg }));
      await pass(1n, 10);
    },
  };
}
