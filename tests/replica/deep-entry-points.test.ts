// Every entry point of a canister on the deep stack, in every shape of recursion, with traps, growth, stable memory, calls and
// timers down there: what is executed again from the inputs gives the same state.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@tamc/base/random';
import { createReplica, replayStore } from '@tamc/replica';
import { expect, it } from 'vitest';
import { compileWat, createWith, tryInstall } from '../harness/canisters.ts';
import { startNs } from '../harness/world.ts';

const smaller = '(i32.sub (local.get $n) (i32.const 1))';
const last = '(if (i32.eqz (local.get $n)) (then (call $bottom) (return (i32.const 0))))';
const many = Array.from({ length: 60 }, (_, i) => `(local $l${i} i64)`).join(' ');
const sets = Array.from({ length: 60 }, (_, i) => `(local.set $l${i} (i64.load offset=${i} (local.get $n)))`).join(' ');
const gets = Array.from({ length: 60 }, (_, i) => `(local.get $l${i})`).join(' ') + ' i64.add'.repeat(59);
/** Every entry point recurses to the depth that it is told, and does something down there. */
const moduleOf = (version: number, initDepth: number) => `(module
 (import "ic0" "msg_reply" (func $reply)) (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
 (import "ic0" "msg_arg_data_copy" (func $copy (param i32 i32 i32))) (import "ic0" "msg_arg_data_size" (func $asize (result i32)))
 (import "ic0" "trap" (func $trap (param i32 i32))) (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
 (import "ic0" "stable64_write" (func $write (param i64 i64 i64))) (import "ic0" "global_timer_set" (func $timer (param i64) (result i64)))
 (import "ic0" "call_new" (func $new (param i32 i32 i32 i32 i32 i32 i32 i32))) (import "ic0" "call_perform" (func $perform (result i32)))
 (import "ic0" "call_on_cleanup" (func $cleanup (param i32 i32))) (import "ic0" "call_data_append" (func $cdata (param i32 i32)))
 (import "ic0" "canister_self_copy" (func $self (param i32 i32 i32))) (import "ic0" "accept_message" (func $accept)) (import "ic0" "debug_print" (func $print (param i32 i32)))
 (memory 10) (global $count (mut i64) (i64.const ${version})) (global $f (mut f64) (f64.const 1.5))
 (type $t (func (param i32) (result i32)))
 (table 8 funcref) (elem (i32.const 0) $direct $mutual $table $locals $multi $simd $onReply $onCleanup)
 (data (i32.const 600000) "go") (data (i32.const 600010) "fail") (data (i32.const 600020) "bottom says no")
 (func $bottom (local $what i32)
   (local.set $what (i32.load (i32.const 500008)))
   (global.set $count (i64.add (global.get $count) (i64.const 1))) (global.set $f (f64.mul (global.get $f) (f64.const 1.0000001)))
   (i64.store (i32.const 400000) (global.get $count))
   (drop (call $grow (i64.const 1))) (call $write (i64.mul (global.get $count) (i64.const 7)) (i64.const 400000) (i64.const 8))
   (if (i32.eq (local.get $what) (i32.const 1)) (then (call $trap (i32.const 600020) (i32.const 14))))
   (if (i32.eq (local.get $what) (i32.const 2)) (then (drop (memory.grow (i32.const 1)))))
   (if (i32.eq (local.get $what) (i32.const 3)) (then (unreachable)))
   (if (i32.eq (local.get $what) (i32.const 4)) (then (drop (i32.load (i32.const -4)))))
   (if (i32.eq (local.get $what) (i32.const 5)) (then (drop (call_indirect (type $t) (i32.const 0) (i32.const 7)))))
   (if (i32.eq (local.get $what) (i32.const 6)) (then (loop $e (br $e))))
   (if (i32.eq (local.get $what) (i32.const 7)) (then
     (call $self (i32.const 300000) (i32.const 0) (i32.const 10))
     (call $new (i32.const 300000) (i32.const 10) (i32.const 600010) (i32.const 4) (i32.const 6) (i32.const 70000) (i32.const 6) (i32.const 70000))
     (call $cleanup (i32.const 7) (i32.const 70000)) (drop (call $perform))))
   (if (i32.eq (local.get $what) (i32.const 8)) (then (drop (call $timer (i64.const 1)))))
   (if (i32.eq (local.get $what) (i32.const 9)) (then (memory.fill (i32.const 0) (i32.const 171) (i32.const 200000)) (call $print (i32.const 600020) (i32.const 14)))))
 (func $direct (param $n i32) (result i32) ${last} (i32.add (i32.const 1) (call $direct ${smaller})))
 (func $mutual (param $n i32) (result i32) ${last} (i32.add (i32.const 1) (call $mutual2 ${smaller} (f32.const 2))))
 (func $mutual2 (param $n i32) (param $x f32) (result i32) ${last} (i32.add (i32.trunc_f32_s (local.get $x)) (call $mutual ${smaller})))
 (func $table (param $n i32) (result i32) ${last} (i32.add (i32.const 1) (call_indirect (type $t) ${smaller} (i32.const 2))))
 (func $locals (param $n i32) (result i32) ${many} ${last} ${sets} (call $locals ${smaller}) ${gets} i32.wrap_i64 i32.add)
 (func $multi (param $n i32) (result i32) (call $multi2 (local.get $n)) i32.add i32.add)
 (func $multi2 (param $n i32) (result i32 i32 i32) (if (i32.eqz (local.get $n)) (then (call $bottom) (return (i32.const 0) (i32.const 0) (i32.const 0)))) (call $multi2 ${smaller}) drop (i32.const 3))
 (func $simd (param $n i32) (result i32) (local $v v128) ${last} (local.set $v (i32x4.splat (local.get $n))) (i32.add (call $simd ${smaller}) (i32x4.extract_lane 0 (i32x4.add (local.get $v) (local.get $v)))))
 (func $run (param $shape i32) (param $n i32) (i32.store (i32.const 500020) (call_indirect (type $t) (local.get $n) (local.get $shape))))
 (func $enter (call $copy (i32.const 500000) (i32.const 0) (i32.const 12)) (call $run (i32.load (i32.const 500000)) (i32.load (i32.const 500004))))
 (func $onReply (param $env i32) (i32.store (i32.const 500008) (i32.const 3)) (call $run (i32.const 0) (local.get $env)))
 (func $onCleanup (param $env i32) (i32.store (i32.const 500008) (i32.const 0)) (call $run (i32.const 1) (local.get $env)))
 (func $start (global.set $f (f64.const 2)))
 (start $start)
 (func (export "canister_init") (call $run (i32.const 0) (i32.const ${initDepth})))
 (func (export "canister_pre_upgrade") (call $run (i32.const 1) (i32.const 60000)))
 (func (export "canister_post_upgrade") (call $run (i32.const 2) (i32.const ${initDepth})))
 (func (export "canister_inspect_message") (call $enter) (call $accept))
 (func (export "canister_heartbeat") (i32.store (i32.const 500008) (i32.const 0)) (call $run (i32.const 3) (i32.const 3000)))
 (func (export "canister_global_timer") (i32.store (i32.const 500008) (i32.const 0)) (call $run (i32.const 4) (i32.const 30000)))
 (func (export "canister_update go") (call $enter) (call $append (i32.const 500020) (i32.const 4)) (call $reply))
 (func (export "canister_update fail") (unreachable))
 (func (export "canister_composite_query comp") (call $enter) (call $append (i32.const 500020) (i32.const 4)) (call $reply))
 (func (export "canister_query ask") (call $enter) (call $append (i32.const 500020) (i32.const 4)) (call $reply)))`;

/** Around what the stack of the thread takes, and around what is counted to the end. */
const depths = [5, 1_000, 20_000, 60_000, 131_000, 300_000];
const instructionLimits = { update: 100_000_000n, query: 100_000_000n, install: 200_000_000n };

it('[exec.stack-depth] a history of deep executions of all kinds is repeated to the last bit', async () => {
  const store = mkdtempSync(join(tmpdir(), 'tamc-deep-'));
  const random = createRandom(20);
  const [one, two] = [await compileWat(moduleOf(1, 60_000)), await compileWat(moduleOf(1_000, 70_000))];
  const replica = await createReplica({ store, virtualTime: { startNs }, instructionLimits });
  const canister = await createWith(replica, one);
  const seen = new Set<string>();
  const act = async () => {
    const arg = new Uint8Array(Uint32Array.of(random.below(6), random.pick(depths), random.below(10)).buffer);
    const [query, method] = random.pick([
      ['ask', 'go'],
      ['comp', 'fail'],
      ['ask', 'go'],
      ['comp', 'go'],
    ] as const);
    const answer = await (random.below(4) === 0
      ? replica.query({ canister, method: query, arg })
      : replica.call({ canister, method, arg }));
    seen.add(answer.kind === 'replied' ? 'replied' : (answer.errorCode ?? ''));
  };
  for (let turn = 0; turn < 12; turn++) {
    await Promise.all(Array.from({ length: 1 + random.below(4) }, act));
    if (turn % 4 === 1) await tryInstall(replica, canister, turn === 5 ? one : two, 'upgrade');
    replica.time.advanceNs(1_500_000_000n);
    await replica.time.tick();
  }
  expect([...seen]).toEqual(expect.arrayContaining(['replied', 'IC0502', 'IC0503', 'IC0504']));
  const [stateHash, round] = [replica.stateHash(), replica.round()];
  await replica.close();
  expect(await replayStore(store)).toEqual({ stateHash, round });
  rmSync(store, { recursive: true, force: true });
});
