// A ledger that says whatever a test wants, or nothing at all: it answers every method of a ledger with the same bytes.
import { compileWat, createWith, reply } from '../harness/canisters.ts';
import type { TestWorld } from '../harness/world.ts';

/** Silent, it asks the management canister again and again, so that its call contexts stay open while rounds pass. */
const method = (name: string) => `(func (export "canister_update ${name}") (call $answer))`;
const source = `(module
  (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_data_append" (func $call_data_append (param i32 i32)))
  (import "ic0" "call_perform" (func $call_perform (result i32)))
  (import "ic0" "msg_arg_data_size" (func $size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $copy (param i32 i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (memory 16)
  (table funcref (elem $answered))
  (data (i32.const 0) "raw_randDIDL\\00\\00")
  (global $isSilent (mut i32) (i32.const 1))
  (global $length (mut i32) (i32.const 0))
  (func $wait
    (call $call_new (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 8)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $call_data_append (i32.const 8) (i32.const 6))
    (drop (call $call_perform)))
  (func $say
    (call $append (i32.const 1024) (global.get $length))
    (call $reply))
  (func $answered (param i32) (call $answer))
  (func $answer (if (global.get $isSilent) (then (call $wait)) (else (call $say))))
  (func (export "canister_update say")
    (global.set $length (call $size))
    (call $copy (i32.const 1024) (i32.const 0) (global.get $length))
    (global.set $isSilent (i32.const 0))
    (call $reply))
  (func (export "canister_update hush")
    (global.set $isSilent (i32.const 1))
    (call $reply))
  ${['icrc1_transfer', 'icrc2_transfer_from', 'icrc3_get_blocks'].map(method).join('\n')})`;

export interface Puppet {
  readonly canister: string;
  /** From now on it answers so, also what it was silent about. */
  say(bytes: Uint8Array): Promise<void>;
  hush(): Promise<void>;
}

export async function createPuppet({ replica }: TestWorld): Promise<Puppet> {
  const canister = await createWith(replica, await compileWat(source));
  const tell = async (name: string, arg: Uint8Array) => {
    await reply(replica.call({ canister, method: name, arg }));
  };
  return { canister, say: (bytes) => tell('say', bytes), hush: () => tell('hush', new Uint8Array(0)) };
}
