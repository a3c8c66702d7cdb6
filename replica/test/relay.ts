// A small canister in WebAssembly text that calls whatever it is told to, so that tests can see the management canister
// as canisters see it. It also shows its version and balance, logs, and keeps one number in heap and stable memory.
import { Principal } from '@dfinity/principal';
import wabtInit from 'wabt';

const wat = `(module
  (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg_copy (param i32 i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reject_code" (func $reject_code (result i32)))
  (import "ic0" "msg_reject_msg_size" (func $reject_size (result i32)))
  (import "ic0" "msg_reject_msg_copy" (func $reject_copy (param i32 i32 i32)))
  (import "ic0" "msg_cycles_refunded128" (func $refunded (param i32)))
  (import "ic0" "canister_version" (func $version (result i64)))
  (import "ic0" "canister_cycle_balance128" (func $balance (param i32)))
  (import "ic0" "debug_print" (func $print (param i32 i32)))
  (import "ic0" "stable64_size" (func $stable_size (result i64)))
  (import "ic0" "stable64_grow" (func $stable_grow (param i64) (result i64)))
  (import "ic0" "stable64_write" (func $stable_write (param i64 i64 i64)))
  (import "ic0" "stable64_read" (func $stable_read (param i64 i64 i64)))
  (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_data_append" (func $call_append (param i32 i32)))
  (import "ic0" "call_cycles_add128" (func $call_cycles (param i64 i64)))
  (import "ic0" "call_perform" (func $perform (result i32)))
  (memory 64)
  (table funcref (elem $on_reply $on_reject))
  ;; 0..7 the number in the heap; 512.. scratch; 1024.. the argument
  (func $argument (result i32) (call $arg_copy (i32.const 1024) (i32.const 0) (call $arg_size)) (call $arg_size))
  (func $call (export "canister_update call")
    (local $callee i32) (local $method i32) (local $cycles i32) (local $payload i32) (local $end i32)
    (local.set $end (i32.add (i32.const 1024) (call $argument)))
    (local.set $callee (i32.const 1025))
    (local.set $method (i32.add (i32.add (local.get $callee) (i32.load8_u (i32.const 1024))) (i32.const 1)))
    (local.set $cycles (i32.add (local.get $method) (i32.load8_u (i32.sub (local.get $method) (i32.const 1)))))
    (local.set $payload (i32.add (local.get $cycles) (i32.const 8)))
    (call $call_new (local.get $callee) (i32.load8_u (i32.const 1024))
      (local.get $method) (i32.sub (local.get $cycles) (local.get $method))
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $call_append (local.get $payload) (i32.sub (local.get $end) (local.get $payload)))
    (call $call_cycles (i64.const 0) (i64.load (local.get $cycles)))
    (if (call $perform) (then (unreachable))))
  ;; answer: 1 or 0, refund (16 bytes), then data, or code and text
  (func $on_reply (param i32)
    (i32.store8 (i32.const 512) (i32.const 1))
    (call $refunded (i32.const 513))
    (call $append (i32.const 512) (i32.const 17))
    (call $append (i32.const 1024) (call $argument))
    (call $reply))
  (func $on_reject (param i32)
    (i32.store8 (i32.const 512) (i32.const 0))
    (call $refunded (i32.const 513))
    (i32.store8 (i32.const 529) (call $reject_code))
    (call $append (i32.const 512) (i32.const 18))
    (call $reject_copy (i32.const 1024) (i32.const 0) (call $reject_size))
    (call $append (i32.const 1024) (call $reject_size))
    (call $reply))
  (func (export "canister_query version")
    (i64.store (i32.const 512) (call $version)) (call $append (i32.const 512) (i32.const 8)) (call $reply))
  (func (export "canister_query balance")
    (call $balance (i32.const 512)) (call $append (i32.const 512) (i32.const 16)) (call $reply))
  (func (export "canister_update log") (call $print (i32.const 1024) (call $argument)) (call $reply))
  (func (export "canister_update set")
    (drop (call $argument))
    (if (i64.eqz (call $stable_size)) (then (drop (call $stable_grow (i64.const 1)))))
    (i64.store (i32.const 0) (i64.load (i32.const 1024)))
    (call $stable_write (i64.const 0) (i64.const 1024) (i64.const 8))
    (call $reply))
  (func (export "canister_query get")
    (if (i64.ne (call $stable_size) (i64.const 0))
      (then (call $stable_read (i64.const 8) (i64.const 0) (i64.const 8))))
    (call $append (i32.const 0) (i32.const 16)) (call $reply))
  (func (export "canister_query forward") (call $append (i32.const 1024) (call $argument)) (call $reply)))`;

/** `salt`: modules with different ones differ, in a section nobody reads. */
export async function buildRelay(salt = 0): Promise<Uint8Array> {
  const wabt = await wabtInit();
  const module = wabt.parseWat('relay.wat', wat);
  const { buffer } = module.toBinary({});
  module.destroy();
  // Custom section of the name "s" with one byte.
  return new Uint8Array([...buffer, 0, 3, 1, 115, salt]);
}

export interface RelayedCall {
  /** Text form. */
  readonly callee: string;
  readonly method: string;
  readonly payload: Uint8Array;
  readonly cycles?: bigint;
}

export function encodeRelayedCall({ callee, method, payload, cycles = 0n }: RelayedCall): Uint8Array {
  const id = Principal.fromText(callee).toUint8Array();
  const name = new TextEncoder().encode(method);
  const amount = new Uint8Array(8);
  new DataView(amount.buffer).setBigUint64(0, cycles, true);
  return new Uint8Array([id.length, ...id, name.length, ...name, ...amount, ...payload]);
}

export type RelayedAnswer =
  | { readonly kind: 'reply'; readonly refund: bigint; readonly data: Uint8Array }
  | { readonly kind: 'reject'; readonly refund: bigint; readonly code: number; readonly message: string };

export function decodeRelayedAnswer(bytes: Uint8Array): RelayedAnswer {
  const refund = readNat128(bytes.subarray(1, 17));
  if (bytes[0] === 1) return { kind: 'reply', refund, data: bytes.slice(17) };
  return { kind: 'reject', refund, code: bytes[17]!, message: new TextDecoder().decode(bytes.subarray(18)) };
}

/** Little endian, as the System API writes them. */
export function readNat128(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return view.getBigUint64(0, true) + (view.getBigUint64(8, true) << 64n);
}
