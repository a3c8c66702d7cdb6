// The universal test canister: hand-written WebAssembly that runs the program it is sent, so that a test says in a few
// lines exactly what a canister does. `program.ts` writes the programs.
import { compileWat, withCustomSection } from './canisters.ts';
import { imports, operations } from './operations.ts';

/** Places in the heap, by number; each hook owns a program that an operation sets. */
export const hooks = {
  heartbeat: 0,
  globalTimer: 1,
  lowMemory: 2,
  inspect: 3,
  preUpgrade: 4,
} as const;

const hookExports: Record<keyof typeof hooks, string> = {
  heartbeat: 'canister_heartbeat',
  globalTimer: 'canister_global_timer',
  lowMemory: 'canister_on_low_wasm_memory',
  inspect: 'canister_inspect_message',
  preUpgrade: 'canister_pre_upgrade',
};

export interface UniversalOptions {
  /** Entry points that run the program set for them. */
  readonly hooks?: readonly (keyof typeof hooks)[];
  /** Without them, install arguments are passed over. */
  readonly init?: boolean;
  readonly postUpgrade?: boolean;
  /** Wasm pages to start with. */
  readonly pages?: number;
  /** More WebAssembly text: a start function, data segments. Also makes modules differ. */
  readonly more?: string;
  /** Name of an empty custom section. */
  readonly section?: string;
  /** Leave the exports `canister_update update`, … out. */
  readonly noMethods?: boolean;
}

/** Opcodes below these are the two literals; 0x44 ('D') ends a program, so that an empty Candid argument does nothing. */
export const firstOpcode = 2;
export const literals = { int: 0, blob: 1 } as const;

const compiled = new Map<string, Promise<Uint8Array>>();

export function universal(options: UniversalOptions = {}): Promise<Uint8Array> {
  const key = JSON.stringify(options);
  const known = compiled.get(key) ?? compileUniversal(options);
  compiled.set(key, known);
  return known;
}

async function compileUniversal(options: UniversalOptions): Promise<Uint8Array> {
  const wasm = await compileWat(universalText(options));
  return options.section === undefined ? wasm : withCustomSection(wasm, options.section);
}

export function universalText(options: UniversalOptions = {}): string {
  const importLines = Object.entries(imports).map(([name, type]) => `(import "ic0" "${name}" (func $${name} ${type}))`);
  return `(module
    ${importLines.join('\n')}
    (memory (export "memory") ${options.pages ?? 32})
    (table 1 funcref)
    (elem (i32.const 0) $callback)
    (global $sp (mut i32) (i32.const 1024))
    (global $free (mut i32) (i32.const 327680))
    (global $kept (mut i64) (i64.const 0))
    ${interpreter()}
    ${exportsOf(options)}
    ${options.more ?? ''}
  )`;
}

function exportsOf(options: UniversalOptions): string {
  const named = (name: string) => `(export "${name}" (func $runArg))`;
  const methods = ['canister_update update', 'canister_query query', 'canister_composite_query composite'];
  const hookLines = (options.hooks ?? []).map(
    (hook) => `(func (export "${hookExports[hook]}") (call $runHook (i32.const ${hooks[hook]})))`,
  );
  return [
    ...(options.noMethods === true ? [] : methods.map(named)),
    ...(options.init === true ? [named('canister_init')] : []),
    ...(options.postUpgrade === true ? [named('canister_post_upgrade')] : []),
    ...hookLines,
  ].join('\n');
}

/** Memory: 16 scratch · 64 hooks · 1024 stack · 65536 cells, one per 4 KiB page · 327680 blobs, never freed. */
function interpreter(): string {
  const labels = operations.map((_, index) => `$o${index}`);
  const opening = [...labels].reverse().map((label) => `(block ${label}`);
  const cases = operations.map(({ body }) => `) ${body} (br $next)`);
  return `
    (func $push (param $v i64)
      (i64.store (global.get $sp) (local.get $v)) (global.set $sp (i32.add (global.get $sp) (i32.const 8))))
    (func $pop (result i64)
      (global.set $sp (i32.sub (global.get $sp) (i32.const 8))) (i64.load (global.get $sp)))
    (func $popi (result i32) (i32.wrap_i64 (call $pop)))
    (func $blob (param $at i32) (param $size i32)
      (call $push (i64.extend_i32_u (local.get $at))) (call $push (i64.extend_i32_u (local.get $size))))
    (func $alloc (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (global.get $free))
      (global.set $free (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
      (if (i32.gt_u (global.get $free) (i32.shl (memory.size) (i32.const 16))) (then (unreachable)))
      (local.get $at))
    (func $cell (param $n i32) (result i32)
      (i32.add (i32.const 65536) (i32.mul (local.get $n) (i32.const 4096))))
    (func $hook (param $n i32) (result i32) (i32.add (i32.const 64) (i32.mul (local.get $n) (i32.const 8))))
    (func $popProgram (result i32)
      (local $at i32)
      (local.set $at (call $alloc (i32.const 8)))
      (i32.store offset=4 (local.get $at) (call $popi))
      (i32.store (local.get $at) (call $popi))
      (local.get $at))
    (func $runHook (param $n i32) (call $callback (call $hook (local.get $n))))
    (func $callback (param $at i32)
      (global.set $sp (i32.const 1024))
      (call $run (i32.load (local.get $at)) (i32.load offset=4 (local.get $at))))
    (func $runArg
      (local $size i32) (local $at i32)
      (global.set $sp (i32.const 1024))
      (local.set $size (call $msg_arg_data_size))
      (local.set $at (call $alloc (local.get $size)))
      (call $msg_arg_data_copy (local.get $at) (i32.const 0) (local.get $size))
      (call $run (local.get $at) (local.get $size)))
    (func $run (param $pc i32) (param $length i32)
      (local $end i32) (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $e i32) (local $f i32)
      (local $n i64)
      (local.set $end (i32.add (local.get $pc) (local.get $length)))
      (block $done (loop $next
        (br_if $done (i32.ge_u (local.get $pc) (local.get $end)))
        (local.set $a (i32.load8_u (local.get $pc)))
        (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
        (br_if $done (i32.eq (local.get $a) (i32.const 0x44)))
        (if (i32.eq (local.get $a) (i32.const ${literals.int})) (then
          (call $push (i64.load align=1 (local.get $pc)))
          (local.set $pc (i32.add (local.get $pc) (i32.const 8)))
          (br $next)))
        (if (i32.eq (local.get $a) (i32.const ${literals.blob})) (then
          (local.set $b (i32.load align=1 (local.get $pc)))
          (local.set $pc (i32.add (local.get $pc) (i32.const 4)))
          (call $blob (local.get $pc) (local.get $b))
          (local.set $pc (i32.add (local.get $pc) (local.get $b)))
          (br $next)))
        (block $unknown
          ${opening.join(' ')}
          (br_table ${labels.join(' ')} $unknown (i32.sub (local.get $a) (i32.const ${firstOpcode})))
          ${cases.join('\n')}
        )
        (unreachable))))`;
}
