// Counts of small functions, added up by hand from the published weights.

import { describe, expect, it } from 'vitest';
import { opcodes } from './opcodes.ts';
import { instantiateRewritten, markedPages, OutOfFuel, prepareWat, type RewrittenInstance } from './testing.ts';
import { complexityOf, costOf } from './weights.ts';

const method = 'canister_update run';

function moduleOf(body: string, rest = ''): string {
  return `(module
    (import "ic0" "note" (func $note (param i64)))
    (import "ic0" "answer" (func $answer (param i32 i64) (result i64)))
    (import "ic0" "performance_counter" (func $counter (param i32) (result i64)))
    (memory 2) (table 4 funcref) (global $g (mut i32) (i32.const 0))
    (func $method (export "${method}") ${body}) ${rest})`;
}

async function instanceOf(body: string, rest = ''): Promise<RewrittenInstance> {
  return instantiateRewritten(await prepareWat(moduleOf(body, rest)));
}

async function usedBy(body: string, rest = ''): Promise<bigint> {
  const outcome = (await instanceOf(body, rest)).run(method);
  expect(outcome.trap).toBeNull();
  return outcome.used;
}

const cost = (name: string, width: 32 | 64 = 32): number => costOf[width][opcodes.get(name)!]!;

describe('a weight', () => {
  it('[metering.weights] is the published one', () => {
    const published: [string, number][] = [
      ['block', 0],
      ['end', 0],
      ['i64.const', 1],
      ['i32.rem_u', 10],
      ['i32.mul', 1],
      ['global.get', 2],
      ['br_table', 2],
      ['call', 5],
      ['call_indirect', 10],
      ['return_call', 3],
      ['return_call_indirect', 60],
      ['f64.neg', 1],
      ['f32.add', 2],
      ['f64.eq', 3],
      ['f32.copysign', 2],
      ['f64.copysign', 3],
      ['f32.div', 3],
      ['f64.div', 5],
      ['f32.sqrt', 5],
      ['f64.sqrt', 8],
      ['f64.min', 18],
      ['i64.trunc_sat_f64_u', 20],
      ['f64.convert_i32_s', 3],
      ['f64.convert_i32_u', 16],
      ['memory.grow', 300],
      ['memory.size', 20],
      ['table.size', 100],
      ['table.get', 5],
      ['memory.copy', 100],
      ['data.drop', 300],
      ['ref.func', 130],
      ['ref.is_null', 5],
      ['i8x16.shuffle', 3],
      ['i64x2.mul', 4],
      ['f64x2.sqrt', 14],
      ['f32x4.div', 10],
      ['i32x4.trunc_sat_f64x2_u_zero', 3],
      ['v128.load', 1],
    ];
    for (const [name, weight] of published) expect([name, cost(name)]).toEqual([name, weight]);
  });

  it('[metering.weights] of a load or store is double where memory has 64 bits', () => {
    for (const name of ['i32.load', 'i64.store32', 'v128.load8_splat', 'v128.store64_lane']) {
      expect([cost(name, 32), cost(name, 64)]).toEqual([1, 2]);
    }
    expect(cost('i32.add', 64)).toBe(1);
  });

  it('[module.complexity] counts control and calls fiftyfold', () => {
    const complexity = (name: string) => complexityOf[opcodes.get(name)!];
    expect(['loop', 'br_if', 'call', 'memory.grow'].map(complexity)).toEqual([50, 50, 50, 50]);
    expect(['i32.load', 'i32.store', 'i32.add', 'f64.abs', 'return_call'].map(complexity)).toEqual([3, 2, 1, 4, 1]);
  });
});

describe('the count', () => {
  it('[metering.blocks] of an empty function is 1', async () => {
    expect(await usedBy('')).toBe(1n);
  });

  it('[metering.blocks] of straight code is the sum of its weights', async () => {
    // entry 1, const 1, const 1, add 1, drop 1, global.get 2, drop 1, div: const, const 2 + 10 + drop 1
    expect(
      await usedBy(`(drop (i32.add (i32.const 1) (i32.const 2))) (drop (global.get $g))
      (drop (i32.div_u (i32.const 7) (i32.const 2)))`),
    ).toBe(1n + 4n + 3n + 13n);
  });

  it('[metering.blocks] of an if is that of the way taken', async () => {
    const body = (condition: number) => `(if (i32.const ${condition})
      (then (nop) (nop) (nop)) (else (drop (f64.sqrt (f64.const 2)))))`;
    // entry 1, const 1, if 2; then: 3 nops; else: const 1, sqrt 8, drop 1
    expect(await usedBy(body(1))).toBe(4n + 3n);
    expect(await usedBy(body(0))).toBe(4n + 10n);
  });

  it('[metering.blocks] of nested blocks counts each part once, jumps over what is jumped over', async () => {
    // entry 1, const 1, br_if 2 → out: nop 1
    expect(await usedBy('(block (block (br_if 1 (i32.const 1)) (nop) (nop)) (nop)) (nop)')).toBe(5n);
    // not taken: entry 1 + const 1 + br_if 2, nop 2, nop 1, nop 1
    expect(await usedBy('(block (block (br_if 1 (i32.const 0)) (nop) (nop)) (nop)) (nop)')).toBe(8n);
  });

  it('[metering.blocks] of a loop is counted at every turn', async () => {
    const body = `(local $i i32)
      (loop $again
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))`;
    // entry 1; each turn: get 1, const 1, add 1, tee 1, const 1, lt 1, br_if 2
    expect(await usedBy(body)).toBe(1n + 10n * 8n);
  });

  it('[metering.blocks] of a br_table is that of the label chosen', async () => {
    const body = (index: number) =>
      `(block (block (block (br_table 0 1 2 (i32.const ${index}))) (nop) (nop) (nop)) (nop))`;
    // entry 1, const 1, br_table 2; then 3 + 1, 1, 0 nops
    expect(await usedBy(body(0))).toBe(4n + 4n);
    expect(await usedBy(body(1))).toBe(4n + 1n);
    expect(await usedBy(body(9))).toBe(4n);
  });

  it('[metering.blocks] of calls is 5 or 10 and what the callee costs', async () => {
    // entry 1, call 5 + (1 + 2 nops), twice
    expect(await usedBy('(call $callee) (call $callee)', '(func $callee (nop) (nop))')).toBe(1n + 2n * (5n + 3n));
    // entry 1, const 1, call_indirect 10 + (1 + nop)
    expect(await usedBy('(call_indirect (i32.const 2))', '(elem (i32.const 2) $callee) (func $callee (nop))')).toBe(
      14n,
    );
    // entry 1, return_call 3 + (1 + nop)
    expect(await usedBy('(return_call $callee)', '(func $callee (nop))')).toBe(6n);
    // entry 1, const 1, return_call_indirect 60 + (1 + nop)
    expect(
      await usedBy('(return_call_indirect (i32.const 2))', '(elem (i32.const 2) $callee) (func $callee (nop))'),
    ).toBe(64n);
  });

  it('[metering.blocks] stops where a function is left early', async () => {
    // entry 1, const 1, if 2, return 1
    expect(await usedBy('(if (i32.const 1) (then (return))) (nop) (nop)')).toBe(5n);
  });

  it('[metering.bulk] of a bulk operation grows with its length', async () => {
    // entry 1, three constants 3, 100, and the length
    for (const length of [0n, 1n, 5000n]) {
      expect(await usedBy(`(memory.fill (i32.const 0) (i32.const 1) (i32.const ${length}))`)).toBe(104n + length);
      expect(await usedBy(`(memory.copy (i32.const 9) (i32.const 1) (i32.const ${length}))`)).toBe(104n + length);
    }
    expect(await usedBy('(memory.init $d (i32.const 9) (i32.const 1) (i32.const 3))', '(data $d "abcdef")')).toBe(107n);
    expect(await usedBy('(data.drop $d)', '(data $d "abcdef")')).toBe(301n);
  });

  it('[metering.bulk] is taken before the operation, so one that is too long does nothing', async () => {
    const instance = await instanceOf('(memory.fill (i32.const 0) (i32.const 1) (i32.const 60000))');
    expect(instance.run(method, 1000n).trap).toBeInstanceOf(OutOfFuel);
    expect(instance.heap().every((byte) => byte === 0)).toBe(true);
    expect(markedPages(instance)).toEqual([]);
  });

  it('[metering.overhead] holds the fixed price of a System API call, and shows it to the call', async () => {
    const instance = await instanceOf('(call $note (i64.const 7)) (nop)');
    const outcome = instance.run(method);
    // entry 1, const 1, call 5, nop 1, and 500
    expect(outcome.used).toBe(508n);
    expect(outcome.notes).toEqual([{ value: 7n, used: 508n }]);
  });

  it('[metering.performance-counter] is read as DFINITY reads it: with the whole block that is being executed', async () => {
    // first: entry 1 + const 1 + call 5 + 200 + rest of the block (set 1, nops 3, …)
    const instance = await instanceOf(`(local $first i64)
      (local.set $first (call $counter (i32.const 0))) (nop) (nop) (nop)
      (call $note (i64.sub (call $counter (i32.const 0)) (local.get $first)))`);
    expect(instance.run(method).notes[0]!.value).toBe(200n);
  });

  it('[metering.host] keeps what the host takes during a call', async () => {
    const instance = await instanceOf('(call $note (i64.const 1)) (nop)');
    const outcome = instance.run(method, 10_000n, () => {
      instance.fuel().value = BigInt(instance.fuel().value) - 1234n;
    });
    expect(outcome.used).toBe(508n + 1234n);
  });
});

describe('running out of fuel', () => {
  it.each([
    ['a loop without end', '(loop $again (br $again))', ''],
    ['a loop with nothing but a branch table', '(loop $again (br_table $again $again (i32.const 0)))', ''],
    ['recursion', '(call $f)', '(func $f (call $f) (call $f))'],
    ['recursion through the table', '(call $f)', '(elem (i32.const 0) $f) (func $f (call_indirect (i32.const 0)))'],
    ['tail calls', '(return_call $f)', '(func $f (return_call $f))'],
    [
      'tail calls through the table',
      '(return_call $f)',
      '(elem (i32.const 0) $f) (func $f (return_call_indirect (i32.const 0)))',
    ],
    ['System API calls', '(loop $again (call $note (i64.const 1)) (br $again))', ''],
    [
      'System API calls through the table',
      '(loop $again (call_indirect (param i64) (i64.const 1) (i32.const 0)) (br $again))',
      '(elem (i32.const 0) $note)',
    ],
    ['growing of nothing', '(loop $again (drop (memory.grow (i32.const 0))) (br $again))', ''],
    ['calls that double', '(call $f0)', doubling(40)],
  ])('[metering.out-of-fuel] ends %s', async (_, body, rest) => {
    const instance = await instanceOf(body, rest);
    const outcome = instance.run(method, 5_000n);
    expect(outcome.trap).toBeInstanceOf(OutOfFuel);
    expect(outcome.used).toBeGreaterThan(5_000n);
    // Noticed soon: each of these blocks is small.
    expect(outcome.used).toBeLessThan(7_000n);
  });

  it('[metering.out-of-fuel] does not happen when the fuel is exactly enough', async () => {
    const instance = await instanceOf('(loop $again (br_if $again (i32.const 0))) (call $f) (nop)', '(func $f (nop))');
    const { used } = instance.run(method);
    expect(instance.run(method, used).trap).toBeNull();
    expect(instance.fuel().value).toBe(0n);
  });

  it('[metering.traps] is one way to end: after unreachable the fuel left is exact', async () => {
    expect((await instanceOf(`${countdown('')} (unreachable)`)).run(method).used).toBe(spentByCountdown + 1n);
  });

  it('[metering.traps] is one way to end: after other traps it is that of the last turn of a loop that is not short', async () => {
    const trap = '(drop (i32.load (i32.const -1)))';
    const nops = 100;
    const long = (await instanceOf(`${countdown('(nop)'.repeat(nops))} ${trap}`)).run(method);
    expect(long.trap).toBeInstanceOf(WebAssembly.RuntimeError);
    const spent = spentByCountdown + 1000n * BigInt(nops);
    expect(Number(long.used) / Number(spent)).toBeGreaterThan(0.99);
    expect(long.used).toBeLessThanOrEqual(spent);
    const short = (await instanceOf(`${countdown('')} ${trap}`)).run(method);
    expect(short.used).toBeLessThanOrEqual(spentByCountdown);
  });
});

/** Functions that each call the next one twice: the last is called 2^count times, without a loop or recursion. */
function doubling(count: number): string {
  const calls = (i: number) => (i + 1 < count ? `(call $f${i + 1}) (call $f${i + 1})` : '(nop)');
  return Array.from({ length: count }, (_, i) => `(func $f${i} ${calls(i)})`).join('\n');
}

/** A loop of 1,000 turns, each of 8 and what `body` costs. */
function countdown(body: string): string {
  return `(local $i i32) (loop $again ${body}
    (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))`;
}
const spentByCountdown = 1n + 8n * 1000n;
