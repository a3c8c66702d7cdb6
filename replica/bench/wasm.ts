// What rewriting costs: `node --import tsx replica/bench/wasm.ts [module.wasm]`. Small kernels as written and as rewritten
// (fastest of many interleaved rounds), then preparing a large module, and the given one if there is one.

import { readFileSync } from 'node:fs';
import { apiSignature } from '../src/system-api/imports.ts';
import { prepareModule } from '../src/wasm/prepare.ts';
import {
  instantiateOriginal,
  instantiateRewritten,
  parseWat,
  prepareBytes,
  type TestInstance,
} from '../src/wasm/testing.ts';

const method = 'canister_update run';

/** Bodies of methods; each takes about a millisecond. */
const kernels: Readonly<Record<string, string>> = {
  'sieve: bytes in loops': `(local $i i32) (local $j i32)
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 60000)) (local.set $i (i32.const 2))
    (loop $outer
      (if (i32.eqz (i32.load8_u (local.get $i))) (then
        (local.set $j (i32.mul (local.get $i) (i32.const 2)))
        (block $done (loop $inner
          (br_if $done (i32.ge_u (local.get $j) (i32.const 60000)))
          (i32.store8 (local.get $j) (i32.const 1))
          (local.set $j (i32.add (local.get $j) (local.get $i)))
          (br $inner)))))
      (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30000))))`,
  'records: fields through a pointer': `(local $i i32) (local $p i32)
    (loop $next
      (local.set $p (i32.and (i32.mul (local.get $i) (i32.const 40)) (i32.const 0x7fff)))
      (i32.store (local.get $p) (local.get $i)) (i32.store offset=4 (local.get $p) (i32.const 7))
      (i64.store offset=8 (local.get $p) (i64.extend_i32_u (local.get $i)))
      (i64.store offset=16 (local.get $p) (i64.load offset=8 (local.get $p)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200000))))`,
  'calls: recursive fibonacci': '(drop (call $fib (i32.const 24)))',
  'calls through the table': `(local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (call_indirect (param i32) (result i32) (local.get $sum) (i32.and (local.get $i) (i32.const 3))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200000))))
    (i32.store (i32.const 0) (local.get $sum))`,
  'bulk: copies of 100 bytes': `(local $i i32)
    (loop $next
      (memory.copy (i32.and (local.get $i) (i32.const 0x7fff)) (i32.const 40000) (i32.const 100))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50000))))`,
  'floats: a chain of f64': `(local $i i32) (local $x f64) (local.set $x (f64.const 0.5))
    (loop $next
      (local.set $x (f64.div (f64.add (f64.mul (local.get $x) (local.get $x)) (f64.const 1.25)) (f64.const 2.5)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100000))))
    (f64.store (i32.const 0) (local.get $x))`,
};

const support = `(memory (export "memory") 1) (table 4 funcref) (elem (i32.const 0) $a $b $a $b)
  (func $a (param i32) (result i32) (i32.add (local.get 0) (i32.const 3)))
  (func $b (param i32) (result i32) (i32.xor (local.get 0) (i32.const 5)))
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0)) (else
      (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))`;

function fastest(runs: readonly (() => void)[], rounds: number): number[] {
  const best = runs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const [index, run] of runs.entries()) {
      const start = performance.now();
      run();
      best[index] = Math.min(best[index]!, performance.now() - start);
    }
  }
  return best;
}

function assertReturns(instance: TestInstance): void {
  const { trap } = instance.run(method);
  if (trap !== null) throw trap;
}

async function benchKernel(name: string, body: string): Promise<void> {
  const bytes = await parseWat(`(module ${support} (func (export "${method}") ${body}))`);
  const prepared = prepareBytes(bytes);
  if (!prepared.ok) throw new Error(prepared.error.message);
  const original = instantiateOriginal(bytes);
  const rewritten = instantiateRewritten(prepared.value);
  const [before, after] = fastest([() => assertReturns(original), () => assertReturns(rewritten)], 400);
  const percent = (after! / before! - 1) * 100;
  console.log(
    `${name.padEnd(36)} ${before!.toFixed(3)} ms → ${after!.toFixed(3)} ms  (${percent >= 0 ? '+' : ''}${percent.toFixed(0)} %)`,
  );
}

function benchPreparing(name: string, bytes: Uint8Array): void {
  const results: number[] = [];
  let growth = '';
  for (let i = 0; i < 15; i++) {
    const start = performance.now();
    const prepared = prepareModule(bytes, apiSignature);
    results.push(performance.now() - start);
    if (!prepared.ok) throw new Error(prepared.error.message);
    growth = `${bytes.length} → ${prepared.value.rewritten.length} bytes`;
  }
  const median = results.slice(5).toSorted((a, b) => a - b)[5]!;
  console.log(`prepare ${name}: first ${results[0]!.toFixed(0)} ms, then ${median.toFixed(0)} ms (${growth})`);
}

async function createLargeModule(): Promise<Uint8Array> {
  const bodies = Object.values(kernels);
  const functions = Array.from({ length: 6000 }, (_, i) => `(func ${bodies[i % bodies.length]})`);
  return parseWat(`(module ${support} ${functions.join('\n')})`);
}

for (const [name, body] of Object.entries(kernels)) await benchKernel(name, body);
benchPreparing('6,000 functions', await createLargeModule());
const given = process.argv[2];
if (given !== undefined) benchPreparing(given, readFileSync(given));
