// A canister for tests of durability: it notes ids, once each, in stable memory and all over its heap, calls others and
// itself, keeps a timer and a heartbeat, asks for randomness, grows, traps. What it holds shows what was executed.
import wabtInit from 'wabt';

export interface DiaryOptions {
  /** Makes another module of the same behaviour. */
  readonly edition: number;
  readonly hasHeartbeat?: boolean;
  readonly trapsWhenInstalled?: boolean;
}

const wat = ({ edition, hasHeartbeat = false, trapsWhenInstalled = false }: DiaryOptions) => `(module
  (import "ic0" "msg_reply" (func $msg_reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reject" (func $msg_reject (param i32 i32)))
  (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg_copy (param i32 i32 i32)))
  (import "ic0" "canister_self_size" (func $self_size (result i32)))
  (import "ic0" "canister_self_copy" (func $self_copy (param i32 i32 i32)))
  (import "ic0" "trap" (func $trap (param i32 i32)))
  (import "ic0" "time" (func $time (result i64)))
  (import "ic0" "global_timer_set" (func $timer (param i64) (result i64)))
  (import "ic0" "certified_data_set" (func $certify (param i32 i32)))
  (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_data_append" (func $call_data (param i32 i32)))
  (import "ic0" "call_with_best_effort_response" (func $best_effort (param i32)))
  (import "ic0" "call_perform" (func $perform (result i32)))
  (import "ic0" "stable64_size" (func $stable_size (result i64)))
  (import "ic0" "stable64_grow" (func $stable_grow (param i64) (result i64)))
  (import "ic0" "stable64_read" (func $stable_read (param i64 i64 i64)))
  (import "ic0" "stable64_write" (func $stable_write (param i64 i64 i64)))
  (memory (export "memory") 8)
  (table 2 funcref)
  (elem (i32.const 0) $answered $refused)
  (global $noted (mut i32) (i32.const 0))
  (global $ticks (mut i32) (i32.const 0))
  ;; 0: argument · 512: count of ids · 520: ticks · 600: names · 1024: randomness · 8192: a part of the diary
  (data (i32.const 600) "note")
  (data (i32.const 610) "spin")
  (data (i32.const 620) "raw_rand")
  (data (i32.const 640) "DIDL\\00\\00")
  (data (i32.const 650) "no")
  (data (i32.const 700) "edition ${edition}")
  (func $take (call $arg_copy (i32.const 0) (i32.const 0) (call $arg_size)))
  (func $reply_count (call $append (i32.const 512) (i32.const 4)) (call $msg_reply))
  (func $note_id
    (local $count i32)
    (if (i64.eqz (call $stable_size)) (then (drop (call $stable_grow (i64.const 1)))))
    (call $stable_read (i64.const 512) (i64.const 0) (i64.const 4))
    (local.set $count (i32.load (i32.const 512)))
    (if (i64.gt_u (i64.extend_i32_u (i32.add (i32.const 16) (i32.mul (i32.const 8) (local.get $count))))
                  (i64.mul (i64.const 65536) (call $stable_size)))
      (then (drop (call $stable_grow (i64.const 1)))))
    (call $stable_write
      (i64.extend_i32_u (i32.add (i32.const 8) (i32.mul (i32.const 8) (local.get $count)))) (i64.const 0) (i64.const 8))
    (i32.store (i32.const 512) (i32.add (i32.const 1) (local.get $count)))
    (call $stable_write (i64.const 0) (i64.const 512) (i64.const 4))
    (call $certify (i32.const 512) (i32.const 4))
    (global.set $noted (i32.add (i32.const 1) (global.get $noted)))
    ;; somewhere on one of a hundred pages
    (i64.store
      (i32.add
        (i32.add (i32.const 65536) (i32.mul (i32.const 4096)
          (i32.rem_u (i32.mul (global.get $noted) (i32.const 37)) (i32.const 100))))
        (i32.mul (i32.const 8) (i32.rem_u (global.get $noted) (i32.const 512))))
      (i64.load (i32.const 0))))
  (func (export "canister_update note") (call $take) (call $note_id) (call $reply_count))
  (func (export "canister_update fail") (call $take) (call $note_id) (call $trap (i32.const 650) (i32.const 2)))
  (func $send
    (call $call_data (i32.const 0) (i32.const 9))
    (if (call $perform) (then (call $msg_reject (i32.const 650) (i32.const 2)))))
  ;; id, seconds to wait (0: as long as it takes), depth, callee
  (func (export "canister_update relay")
    (call $take) (call $note_id)
    (call $call_new (i32.const 10) (i32.sub (call $arg_size) (i32.const 10)) (i32.const 610) (i32.const 4)
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (if (i32.load8_u (i32.const 8)) (then (call $best_effort (i32.load8_u (i32.const 8)))))
    (i32.store8 (i32.const 8) (i32.load8_u (i32.const 9)))
    (call $send))
  ;; id and depth: calls itself that often before it notes the id
  (func (export "canister_update spin")
    (call $take)
    (if (i32.eqz (i32.load8_u (i32.const 8))) (then (call $note_id) (call $reply_count) (return)))
    (i32.store8 (i32.const 8) (i32.sub (i32.load8_u (i32.const 8)) (i32.const 1)))
    (call $self_copy (i32.const 100) (i32.const 0) (call $self_size))
    (call $call_new (i32.const 100) (call $self_size) (i32.const 610) (i32.const 4)
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $send))
  (func $answered (param i32)
    (call $take)
    (memory.copy (i32.const 1024) (i32.const 0) (i32.const 48))
    (call $reply_count))
  (func $refused (param i32) (call $msg_reject (i32.const 650) (i32.const 2)))
  (func (export "canister_update random")
    (call $call_new (i32.const 0) (i32.const 0) (i32.const 620) (i32.const 8)
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $call_data (i32.const 640) (i32.const 6))
    (if (call $perform) (then (call $msg_reject (i32.const 650) (i32.const 2)))))
  ;; nanoseconds from now
  (func (export "canister_update arm")
    (call $take)
    (drop (call $timer (i64.add (call $time) (i64.load (i32.const 0)))))
    (call $reply_count))
  (func (export "canister_update grow")
    (if (i32.lt_u (memory.size) (i32.const 40))
      (then (i32.store (i32.mul (i32.const 65536) (memory.grow (i32.const 1))) (i32.const 7))))
    (call $reply_count))
  (func $tick
    (global.set $ticks (i32.add (i32.const 1) (global.get $ticks)))
    (i32.store (i32.const 520) (global.get $ticks)))
  (func (export "canister_global_timer")
    (call $tick)
    (if (i32.eq (i32.rem_u (global.get $ticks) (i32.const 5)) (i32.const 4))
      (then (call $trap (i32.const 650) (i32.const 2))))
    (drop (call $timer (i64.add (call $time) (i64.const 700000000)))))
  ${hasHeartbeat ? '(func (export "canister_heartbeat") (call $tick))' : ''}
  (func (export "canister_pre_upgrade")
    (if (i64.eqz (call $stable_size)) (then (drop (call $stable_grow (i64.const 1)))))
    (i32.store (i32.const 520) (global.get $ticks))
    (call $stable_write (i64.const 4) (i64.const 520) (i64.const 4)))
  (func (export "canister_post_upgrade")
    (call $stable_read (i64.const 520) (i64.const 4) (i64.const 4))
    (global.set $ticks (i32.load (i32.const 520)))
    ${trapsWhenInstalled ? '(call $note_id) (call $trap (i32.const 650) (i32.const 2))' : ''})
  (func (export "canister_init")
    (i32.store (i32.const 300000) (i32.const ${edition}))
    ${trapsWhenInstalled ? '(call $note_id) (call $trap (i32.const 650) (i32.const 2))' : ''})
  (func (export "canister_query ticks")
    (i32.store (i32.const 520) (global.get $ticks))
    (call $append (i32.const 520) (i32.const 4)) (call $msg_reply))
  ;; the ids, oldest first
  (func (export "canister_query diary")
    (local $at i64) (local $left i64) (local $part i64)
    (if (i64.eqz (call $stable_size)) (then (call $msg_reply) (return)))
    (call $stable_read (i64.const 512) (i64.const 0) (i64.const 4))
    (local.set $at (i64.const 8))
    (local.set $left (i64.mul (i64.const 8) (i64.load32_u (i32.const 512))))
    (block $end (loop $next
      (br_if $end (i64.eqz (local.get $left)))
      (local.set $part (select (local.get $left) (i64.const 32768) (i64.lt_u (local.get $left) (i64.const 32768))))
      (call $stable_read (i64.const 8192) (local.get $at) (local.get $part))
      (call $append (i32.const 8192) (i32.wrap_i64 (local.get $part)))
      (local.set $at (i64.add (local.get $at) (local.get $part)))
      (local.set $left (i64.sub (local.get $left) (local.get $part)))
      (br $next)))
    (call $msg_reply))
)`;

let wabt: ReturnType<typeof wabtInit> | null = null;

export async function buildDiary(options: DiaryOptions): Promise<Uint8Array> {
  wabt ??= wabtInit();
  const module = (await wabt).parseWat('diary.wat', wat(options), { bulk_memory: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  return buffer;
}

/** The ids that a diary holds, as `diary` tells them. */
export function decodeDiary(data: Uint8Array): bigint[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.length / 8 }, (_, i) => view.getBigUint64(i * 8, true));
}

export function encodeId(id: bigint, ...more: number[]): Uint8Array {
  const bytes = new Uint8Array(8 + more.length);
  new DataView(bytes.buffer).setBigUint64(0, id, true);
  bytes.set(more, 8);
  return bytes;
}
