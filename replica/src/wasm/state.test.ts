// What an instance keeps between executions, and how the host sees, restores and enters it.

import { describe, expect, it } from 'vitest';
import { instantiateRewritten, parseWat, prepareBytes, prepareWat } from './testing.ts';

const method = 'canister_update run';

describe('a mutable global', () => {
  it('[memory.globals] is seen and restored with every bit, whatever its type', async () => {
    const prepared = await prepareWat(`(module
      (global $a (export "a") (mut i32) (i32.const -5)) (global $fixed i64 (i64.const 3)) (global $b (mut i64) (i64.const -6))
      (global $c (mut f32) (f32.const nan:0x200001)) (global $d (mut f64) (f64.const -nan:0x4000000000001))
      (global $e (mut v128) (v128.const i64x2 1 -2)) (memory 1)
      (func (export "${method}")
        (i32.store (i32.const 0) (global.get $a)) (f32.store (i32.const 4) (global.get $c))
        (f64.store (i32.const 8) (global.get $d)) (v128.store (i32.const 16) (global.get $e))
        (i64.store (i32.const 32) (global.get $b)) (i64.store (i32.const 40) (global.get $fixed))
        (global.set $c (f32.load (i32.const 100))) (global.set $e (v128.load (i32.const 104)))))`);
    expect(
      prepared.mutableGlobals.map(({ declared, type, initial, exportedByModule }) => [
        declared,
        type,
        initial,
        exportedByModule,
      ]),
    ).toEqual([
      ['i32', 'i32', -5, true],
      ['i64', 'i64', -6n, false],
      ['f32', 'i32', 0x7fa0_0001, false],
      ['f64', 'i64', BigInt.asIntN(64, 0xfff4_0000_0000_0001n), false],
      ['v128', 'i64', 1n, false],
      ['v128', 'i64', -2n, false],
    ]);
    const instance = instantiateRewritten(prepared);
    instance.heap().set([1, 0, 0xa0, 0xff], 100);
    instance.heap().set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xff], 104);
    expect(instance.run(method).trap).toBeNull();
    expect(Buffer.from(instance.heap().slice(0, 48)).toString('hex')).toBe(
      'fbffffff0100a07f010000000000f4ff0100000000000000feffffffffffffff' + 'faffffffffffffff0300000000000000',
    );
    const after = prepared.mutableGlobals.map((_, index) => instance.global(index).value);
    expect(after.slice(2, 3)).toEqual([0xffa0_0001 | 0]);
    expect(after.slice(4)).toEqual([0x0807060504030201n, BigInt.asIntN(64, 0xff0f0e0d0c0b0a09n)]);
    for (const [index, { initial }] of prepared.mutableGlobals.entries()) instance.global(index).value = initial;
    instance.run(method);
    expect(Buffer.from(instance.heap().slice(16, 32)).toString('hex')).toBe('0100000000000000feffffffffffffff');
  });
});

describe('the start function', () => {
  const text = `(module (memory 1) (func $begin (i32.store (i32.const 0) (i32.const 42))) (start $begin)
    (func (export "${method}")))`;

  it('[module.start] does not run by itself, but when the host says so', async () => {
    const prepared = await prepareWat(text);
    expect(prepared.hasStart).toBe(true);
    const instance = instantiateRewritten(prepared);
    expect(instance.heap()[0]).toBe(0);
    expect(instance.run('tamc start').trap).toBeNull();
    expect(instance.heap()[0]).toBe(42);
  });
});

describe('data', () => {
  it('[module.data] that is active is left to the host, so that an instance begins all zero', async () => {
    const prepared = await prepareWat(
      '(module (memory 1) (data (i32.const 5) "abc") (data (i32.const 6) "Z") (data (i32.const 0) ""))',
    );
    expect(prepared.activeData.map(({ offset, bytes }) => [offset, Buffer.from(bytes).toString()])).toEqual([
      [5, 'abc'],
      [6, 'Z'],
    ]);
    const fresh = new WebAssembly.Instance(prepared.compile(), {
      tamc: { out_of_fuel: () => {}, out_of_stack: () => {}, try_grow: () => 1 },
    });
    const memory = fresh.exports['tamc memory'];
    expect(memory instanceof WebAssembly.Memory && new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(
      true,
    );
  });

  it('[memory.dropped] of a dropped segment is gone until the host restores the flag', async () => {
    const prepared = await prepareWat(`(module (memory 1) (data $active (i32.const 9) "x") (data $d "abc")
      (func (export "${method}") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3)))
      (func (export "canister_update empty") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)))
      (func (export "canister_update active") (memory.init $active (i32.const 0) (i32.const 0) (i32.const 1)))
      (func (export "canister_update drop") (data.drop $d)))`);
    const flag = prepared.mutableGlobals.findIndex(({ declared }) => declared === 'dropped') + 1;
    const instance = instantiateRewritten(prepared);
    expect(instance.run(method).trap).toBeNull();
    expect(Buffer.from(instance.heap().slice(0, 3)).toString()).toBe('abc');
    instance.run('canister_update drop');
    expect(instance.global(flag).value).toBe(1);
    expect(String(instance.run(method).trap)).toContain('memory access out of bounds');
    expect(instance.run('canister_update empty').trap).toBeNull();
    expect(String(instance.run('canister_update active').trap)).toContain('memory access out of bounds');
    instance.global(flag).value = 0;
    expect(instance.run(method).trap).toBeNull();
  });
});

describe('a callback', () => {
  const text = `(module (memory 1) (table 4 funcref) (elem (i32.const 1) $f $other)
    (func $f (param i32) (i32.store (i32.const 0) (local.get 0))) (func $other (param i64)))`;

  it('[module.callbacks] is called by its place in the table', async () => {
    const instance = instantiateRewritten(await prepareWat(text));
    expect(instance.callback(1, 77).trap).toBeNull();
    expect(instance.heap()[0]).toBe(77);
    expect(instance.fuel().value).toBe(10n ** 12n - 4n);
  });

  it('[module.callbacks] traps when the place is empty, beyond the table, or holds another type', async () => {
    const instance = instantiateRewritten(await prepareWat(text));
    for (const index of [0, 2, 4, -1])
      expect(instance.callback(index, 1).trap).toBeInstanceOf(WebAssembly.RuntimeError);
  });

  it('[module.callbacks] has no door without a table of functions', async () => {
    expect((await prepareWat('(module)')).hasTable).toBe(false);
    expect((await prepareWat('(module (table 1 externref))')).hasTable).toBe(false);
  });
});

describe('what is exported', () => {
  it('[module.exports] is methods, entry points and ours, whatever else the module exports', async () => {
    const prepared = await prepareWat(`(module (memory (export "memory") 1) (table (export "table") 1 funcref)
      (global (export "tamc_global") i32 (i32.const 0)) (func (export "helper") (param i32)) (func $f)
      (export "canister_query a b" (func $f)) (export "canister_init" (func $f)) (export "canister_global_timer" (func $f)))`);
    const names = WebAssembly.Module.exports(prepared.compile()).map(({ name }) => name);
    expect(names.sort()).toEqual([
      'canister_global_timer',
      'canister_init',
      'canister_query a b',
      'tamc callback',
      'tamc fuel',
      'tamc memory',
    ]);
    expect([...prepared.methods]).toEqual([['a b', 'query']]);
    expect(Object.entries(prepared.exports).filter(([, has]) => has)).toEqual([
      ['init', true],
      ['globalTimer', true],
    ]);
  });

  it('[module.exports] works for a method that is an imported function', async () => {
    const prepared = await prepareWat(`(module (import "ic0" "msg_reply" (func $reply))
      (export "canister_update run" (func $reply)) (export "canister_post_upgrade" (func $reply)))`);
    expect(instantiateRewritten(prepared).run(method)).toMatchObject({ trap: null, used: 500n });
  });

  it('[module.references] works for references to functions, which may be asked but not kept', async () => {
    const prepared = await prepareWat(`(module (import "ic0" "msg_reply" (func $reply)) (memory 1) (table $t 2 funcref)
      (elem (table $t) (i32.const 0) funcref (ref.func $f) (ref.null func)) (elem declare func $f $reply) (func $f)
      (func (export "${method}")
        (i32.store8 (i32.const 0) (ref.is_null (ref.func $f))) (i32.store8 (i32.const 1) (ref.is_null (ref.func $reply)))
        (i32.store8 (i32.const 2) (ref.is_null (table.get $t (i32.const 0))))
        (i32.store8 (i32.const 3) (ref.is_null (table.get $t (i32.const 1)))) (i32.store8 (i32.const 4) (table.size $t))
        (elem.drop 0)))`);
    const instance = instantiateRewritten(prepared);
    expect(instance.run(method).trap).toBeNull();
    expect([...instance.heap().slice(0, 5)]).toEqual([0, 0, 0, 1, 2]);
  });

  it('[module.metadata] describes the module as uploaded', async () => {
    const bytes = await parseWat('(module (memory 2 9) (func) (func (nop)))');
    const prepared = prepareBytes(bytes);
    if (!prepared.ok) throw new Error(prepared.error.message);
    expect(prepared.value).toMatchObject({
      uploadedBytes: bytes.length,
      width: 32,
      memory: { initialWasmPages: 2, maximumWasmPages: 9 },
      hasStart: false,
      statistics: { functions: 2, instructions: 3 },
    });
    expect(prepared.value.key).toMatch(/^[0-9a-f]{64}$/);
    expect((await prepareWat('(module)')).memory).toBeNull();
  });

  it('[module.rewriting] works for functions with many results, parameters and jumps out of the body', async () => {
    const prepared = await prepareWat(`(module (memory 1)
      (func $swap (param i32 i64 f32) (result f32 i64 i32)
        (br_if 0 (local.get 2) (local.get 1) (local.get 0) (i32.const 1)) (drop) (drop) (drop)
        (f32.const 0) (i64.const 0) (i32.const 0))
      (func $table (param i32) (result i32) (br_table 0 0 (i32.const 7) (local.get 0)))
      (func (export "${method}") (local i32 i64)
        (call $swap (i32.const 5) (i64.const 6) (f32.const 1.5)) (local.set 0) (local.set 1) (drop)
        (i32.store (i32.const 0) (local.get 0)) (i64.store (i32.const 8) (local.get 1))
        (i32.store (i32.const 16) (call $table (i32.const 0)))))`);
    const instance = instantiateRewritten(prepared);
    expect(instance.run(method).trap).toBeNull();
    expect([instance.heap()[0], instance.heap()[8], instance.heap()[16]]).toEqual([5, 6, 7]);
  });

  it('[module.rewriting] works for blocks, loops and conditions that take and give several values', async () => {
    // Fibonacci numbers, two at a time on the operand stack.
    const prepared = await prepareWat(`(module (memory 1)
      (func $turns (param $a i32) (param $b i32) (param $i i32) (result i32 i32)
        (local.get $a) (local.get $b)
        (loop $next (param i32 i32) (result i32 i32)
          (local.set $b) (local.set $a)
          (local.get $b) (i32.add (local.get $a) (local.get $b))
          (if (param i32 i32) (result i32 i32) (i32.const 1)
            (then (block (param i32 i32) (result i32 i32)))
            (else (drop) (drop) (i32.const 0) (i32.const 0)))
          (br_if $next (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))
      (func (export "${method}") (local $result i32)
        (call $turns (i32.const 0) (i32.const 1) (i32.const 10)) (local.set $result) (drop)
        (i32.store (i32.const 0) (local.get $result))))`);
    const instance = instantiateRewritten(prepared);
    expect(instance.run(method).trap).toBeNull();
    expect(instance.heap()[0]).toBe(89);
  });
});
