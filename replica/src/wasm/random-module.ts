// For tests: random modules, and the same modules with a counter charged the plain way at the entry of every basic
// block, as DFINITY's replica does it. The counter is what the rewritten module's fuel is compared with.

import type { Random } from '@tamc/base/random';
import { opcodes } from './opcodes.ts';
import { type Address, type FunctionShape, type Type, types } from './random-expressions.ts';
import { type Body, createBody } from './random-programs.ts';
import { costOf, functionEntryCost } from './weights.ts';

export interface RandomModule {
  /** As it would be uploaded. */
  readonly plain: string;
  /** With the counter in the exported global `count`, and NaNs made canonical in its own way. */
  readonly counted: string;
}

const memoryPages = 3;

export function createRandomModule(random: Random, width: 32 | 64 = 32): RandomModule {
  const address: Address = width === 64 ? 'i64' : 'i32';
  const functions = Array.from({ length: 2 + random.below(4) }, (_, index): FunctionShape => {
    // The first is the method.
    const list = (max: number) => Array.from({ length: random.below(max + 1) }, () => random.pick(types));
    return index === 0 ? { index, params: [], results: [] } : { index, params: list(3), results: list(2) };
  });
  const bodies = functions.map((own) => createBody(random, own, functions, address));
  const render = (isCounted: boolean) => renderModule({ functions, bodies, address, isCounted });
  return { plain: render(false), counted: render(true) };
}

/** Where a basic block ends, and with it what is charged at its beginning. */
const endsBlock = new Set(['loop', 'if', 'else', 'end', 'br', 'br_if', 'br_table', 'return', 'unreachable']);
/** Operations whose NaN is open; the counted module chooses the canonical one in its own way. */
const openNaN = /^f(32|64)\.(add|sub|mul|div|min|max|sqrt|demote_f64|promote_f32)$/;
const bulk = new Set(['memory.copy', 'memory.fill', 'memory.init']);

function renderBody(body: Body, address: Address, isCounted: boolean): string {
  if (!isCounted) return body.lines.join('\n');
  const lines: string[] = [];
  let blockStart = 0;
  let cost = functionEntryCost;
  for (const line of body.lines) {
    const name = line.split(' ')[0]!;
    cost += costOf[address === 'i64' ? 64 : 32][opcodes.get(name)!]!;
    if (bulk.has(name)) lines.push(`call $charge${name === 'memory.init' ? 'i32' : address}`);
    lines.push(line);
    if (openNaN.test(name)) lines.push(`call $canonical${name.slice(0, 3)}`);
    if (!endsBlock.has(name)) continue;
    lines.splice(blockStart, 0, ...chargeLines(cost));
    blockStart = lines.length;
    cost = 0;
  }
  // The `end` of the function itself costs nothing.
  lines.splice(blockStart, 0, ...chargeLines(cost));
  return lines.join('\n');
}

function chargeLines(cost: number): string[] {
  return ['global.get $count', `i64.const ${cost}`, 'i64.add', 'global.set $count'];
}

interface Rendering {
  readonly functions: readonly FunctionShape[];
  readonly bodies: readonly Body[];
  readonly address: Address;
  readonly isCounted: boolean;
}

function renderModule({ functions, bodies, address, isCounted }: Rendering): string {
  const list = (word: string, items: readonly Type[]) => (items.length === 0 ? '' : `(${word} ${items.join(' ')})`);
  const typeLines = functions.map(({ index, params, results }) => {
    return `(type $t${index} (func ${list('param', params)} ${list('result', results)}))`;
  });
  const functionLines = functions.map(({ index }) => {
    const body = bodies[index]!;
    return `(func $f${index} (type $t${index}) ${list('local', body.locals)}\n${renderBody(body, address, isCounted)})`;
  });
  return `(module
    ${typeLines.join('\n')}
    (import "ic0" "note" (func $note (param i64)))
    (import "ic0" "answer" (func $answer (param i32 i64) (result i64)))
    (memory (export "memory") ${address === 'i64' ? 'i64' : ''} ${memoryPages} 5)
    (table ${functions.length} funcref)
    (elem (i32.const 0) ${functions.map(({ index }) => `$f${index}`).join(' ')})
    (global $budget (export "budget") (mut i32) (i32.const 200))
    (global $g32 (export "g32") (mut i32) (i32.const 5))
    (global $g64 (export "g64") (mut i64) (i64.const -6))
    (global $gf (export "gf") (mut f64) (f64.const 1.5))
    ${!isCounted ? '' : '(global $count (export "count") (mut i64) (i64.const 0))'}
    (data $segment "abcdef")
    (data (${address}.const 100) "some data that is active")
    (export "canister_update run" (func $f0))
    ${functionLines.join('\n')}
    ${!isCounted ? '' : chargeFunctions + canonicalFunctions}
  )`;
}

/** Add a length to the counter and leave it on the stack. */
const chargeFunctions = `
(func $chargei32 (param i32) (result i32)
  (global.set $count (i64.add (global.get $count) (i64.extend_i32_u (local.get 0))))
  (local.get 0))
(func $chargei64 (param i64) (result i64)
  (global.set $count (i64.add (global.get $count) (local.get 0)))
  (local.get 0))`;

const canonicalFunctions = `
(func $canonicalf32 (param f32) (result f32)
  (if (result f32) (f32.eq (local.get 0) (local.get 0)) (then (local.get 0)) (else (f32.const nan))))
(func $canonicalf64 (param f64) (result f64)
  (if (result f64) (f64.eq (local.get 0) (local.get 0)) (then (local.get 0)) (else (f64.const nan))))`;
