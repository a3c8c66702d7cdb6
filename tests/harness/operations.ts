// What the universal test canister can do: one table from which both its code and the programs that it runs are made.
// Operations work on a stack of 64-bit integers; a blob is two of them, address and length.

export interface Operation {
  readonly name: string;
  /** WebAssembly text. `$pop` and `$push` move i64, `$popi` gives an i32, `$blob address length` pushes a blob. */
  readonly body: string;
}

const pop2 = '(local.set $b (call $popi)) (local.set $a (call $popi))';

/** Pushes a blob of `size` bytes that `copy` writes to the address in `$c`. */
function fetched(size: string, copy: string): string {
  return `(local.set $b (call $${size})) (local.set $c (call $alloc (local.get $b)))
    (call $${copy} (local.get $c) (i32.const 0) (local.get $b)) (call $blob (local.get $c) (local.get $b))`;
}

/** Calls that give a number or take one. */
const push64 = (name: string, args = '') => ({ name, body: `(call $push (call $${name} ${args}))` });
const push32 = (name: string, args = '') => ({
  name,
  body: `(call $push (i64.extend_i32_u (call $${name} ${args})))`,
});
const takeBlob = (name: string) => ({ name, body: `${pop2} (call $${name} (local.get $a) (local.get $b))` });

/** Pushes 16 bytes as two numbers would be too long; amounts of cycles in tests fit 64 bits. */
const cycles128 = (name: string, args = '') => ({
  name,
  body: `(call $${name} ${args} (i32.const 16)) (call $push (i64.load (i32.const 16)))`,
});

export const operations: readonly Operation[] = [
  { name: 'add', body: '(call $push (i64.add (call $pop) (call $pop)))' },
  { name: 'drop', body: '(drop (call $pop))' },
  { name: 'arg', body: fetched('msg_arg_data_size', 'msg_arg_data_copy') },
  { name: 'caller', body: fetched('msg_caller_size', 'msg_caller_copy') },
  { name: 'self', body: fetched('canister_self_size', 'canister_self_copy') },
  { name: 'reject_message', body: fetched('msg_reject_msg_size', 'msg_reject_msg_copy') },
  { name: 'method_name', body: fetched('msg_method_name_size', 'msg_method_name_copy') },
  { name: 'data_certificate', body: fetched('data_certificate_size', 'data_certificate_copy') },
  takeBlob('msg_reply_data_append'),
  {
    name: 'append_int',
    body: `(i64.store (i32.const 16) (call $pop))
      (call $msg_reply_data_append (i32.const 16) (i32.const 8))`,
  },
  { name: 'msg_reply', body: '(call $msg_reply)' },
  takeBlob('msg_reject'),
  takeBlob('trap'),
  takeBlob('debug_print'),
  takeBlob('certified_data_set'),
  { name: 'unreachable', body: '(unreachable)' },
  { name: 'forever', body: '(loop $again (br $again))' },
  {
    name: 'spin',
    body: `(local.set $n (call $pop))
      (loop $again
        (local.set $n (i64.sub (local.get $n) (i64.const 1)))
        (br_if $again (i64.gt_s (local.get $n) (i64.const 0))))`,
  },
  {
    name: 'repeat',
    body: `${pop2} (local.set $n (call $pop))
      (block $done (loop $again
        (br_if $done (i64.le_s (local.get $n) (i64.const 0)))
        (local.set $n (i64.sub (local.get $n) (i64.const 1)))
        (call $run (local.get $a) (local.get $b))
        (br $again)))`,
  },
  {
    name: 'when',
    body: `${pop2} (if (i64.ne (call $pop) (i64.const 0)) (then (call $run (local.get $a) (local.get $b))))`,
  },
  { name: 'set_global', body: '(global.set $kept (call $pop))' },
  { name: 'get_global', body: '(call $push (global.get $kept))' },
  // Cells are 8-byte words of the heap, numbered; far apart, so that they lie in different pages.
  {
    name: 'set_cell',
    body: '(local.set $n (call $pop)) (i64.store (call $cell (call $popi)) (local.get $n))',
  },
  { name: 'get_cell', body: '(call $push (i64.load (call $cell (call $popi))))' },
  {
    name: 'add_to_cell',
    body: `(local.set $n (call $pop)) (local.set $a (call $cell (call $popi)))
      (i64.store (local.get $a) (i64.add (i64.load (local.get $a)) (local.get $n)))`,
  },
  // A program that a hook (heartbeat, timer, ...) runs, kept in the heap.
  {
    name: 'set_hook',
    body: `${pop2} (local.set $c (call $hook (call $popi)))
      (i32.store (local.get $c) (local.get $a)) (i32.store offset=4 (local.get $c) (local.get $b))`,
  },
  { name: 'memory_grow', body: '(call $push (i64.extend_i32_s (memory.grow (call $popi))))' },
  { name: 'memory_size', body: '(call $push (i64.extend_i32_u (memory.size)))' },
  { name: 'stable64_grow', body: '(call $push (call $stable64_grow (call $pop)))' },
  push64('stable64_size'),
  {
    name: 'stable_write',
    body: `${pop2} (call $stable64_write (call $pop) (i64.extend_i32_u (local.get $a)) (i64.extend_i32_u (local.get $b)))`,
  },
  {
    name: 'stable_read',
    body: `(local.set $b (call $popi)) (local.set $c (call $alloc (local.get $b)))
      (call $stable64_read (i64.extend_i32_u (local.get $c)) (call $pop) (i64.extend_i32_u (local.get $b)))
      (call $blob (local.get $c) (local.get $b))`,
  },
  push64('time'),
  push64('global_timer_set', '(call $pop)'),
  push64('performance_counter', '(call $popi)'),
  push64('canister_version'),
  push64('msg_deadline'),
  push32('canister_status'),
  push32('msg_reject_code'),
  push32('data_certificate_present'),
  push32('in_replicated_execution'),
  push64('msg_cycles_available'),
  push64('msg_cycles_refunded'),
  push64('msg_cycles_accept', '(call $pop)'),
  push64('canister_cycle_balance'),
  cycles128('canister_liquid_cycle_balance128'),
  cycles128('cycles_burn128', '(i64.const 0) (call $pop)'),
  { name: 'accept_message', body: '(call $accept_message)' },
  // Callee, method, program on reply, program on reject.
  {
    name: 'call_new',
    body: `(local.set $d (call $popProgram)) (local.set $c (call $popProgram))
      ${pop2} (local.set $f (call $popi)) (local.set $e (call $popi))
      (call $call_new (local.get $e) (local.get $f) (local.get $a) (local.get $b)
        (i32.const 0) (local.get $c) (i32.const 0) (local.get $d))`,
  },
  { name: 'call_on_cleanup', body: '(call $call_on_cleanup (i32.const 0) (call $popProgram))' },
  takeBlob('call_data_append'),
  { name: 'call_cycles_add', body: '(call $call_cycles_add (call $pop))' },
  { name: 'call_with_best_effort_response', body: '(call $call_with_best_effort_response (call $popi))' },
  push32('call_perform'),
];

/** Parameters and result of every imported function, in WebAssembly text. */
export const imports: Readonly<Record<string, string>> = {
  msg_arg_data_size: '(result i32)',
  msg_arg_data_copy: '(param i32 i32 i32)',
  msg_caller_size: '(result i32)',
  msg_caller_copy: '(param i32 i32 i32)',
  canister_self_size: '(result i32)',
  canister_self_copy: '(param i32 i32 i32)',
  msg_reject_msg_size: '(result i32)',
  msg_reject_msg_copy: '(param i32 i32 i32)',
  msg_method_name_size: '(result i32)',
  msg_method_name_copy: '(param i32 i32 i32)',
  data_certificate_size: '(result i32)',
  data_certificate_copy: '(param i32 i32 i32)',
  msg_reply_data_append: '(param i32 i32)',
  msg_reply: '',
  msg_reject: '(param i32 i32)',
  trap: '(param i32 i32)',
  debug_print: '(param i32 i32)',
  certified_data_set: '(param i32 i32)',
  stable64_size: '(result i64)',
  stable64_grow: '(param i64) (result i64)',
  stable64_write: '(param i64 i64 i64)',
  stable64_read: '(param i64 i64 i64)',
  time: '(result i64)',
  global_timer_set: '(param i64) (result i64)',
  performance_counter: '(param i32) (result i64)',
  canister_version: '(result i64)',
  msg_deadline: '(result i64)',
  canister_status: '(result i32)',
  msg_reject_code: '(result i32)',
  data_certificate_present: '(result i32)',
  in_replicated_execution: '(result i32)',
  msg_cycles_available: '(result i64)',
  msg_cycles_refunded: '(result i64)',
  msg_cycles_accept: '(param i64) (result i64)',
  canister_cycle_balance: '(result i64)',
  canister_liquid_cycle_balance128: '(param i32)',
  cycles_burn128: '(param i64 i64 i32)',
  accept_message: '',
  call_new: '(param i32 i32 i32 i32 i32 i32 i32 i32)',
  call_on_cleanup: '(param i32 i32)',
  call_data_append: '(param i32 i32)',
  call_cycles_add: '(param i64)',
  call_with_best_effort_response: '(param i32)',
  call_perform: '(result i32)',
};
