// Every instruction gives the same bits, traps and memory after rewriting as before, over the values that matter.

import { describe, expect, it } from 'vitest';
import { nameOf } from './opcodes.ts';
import { instantiateOriginal, instantiateRewritten, parseWat, prepareBytes, trapText } from './testing.ts';

type Scalar = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

interface Operation {
  readonly name: string;
  readonly takes: readonly Scalar[];
  readonly gives: Scalar;
  readonly immediate: string;
}

const scalars: readonly Scalar[] = ['i32', 'i64', 'f32', 'f64', 'v128'];
const isScalar = (text: string): text is Scalar => scalars.some((scalar) => scalar === text);

/** Type of one lane of a shape, as a scalar: `i8x16` → i32, `f64x2` → f64. */
function laneOf(shape: string): Scalar {
  if (shape.startsWith('f')) return shape.startsWith('f32') ? 'f32' : 'f64';
  return shape === 'i64x2' ? 'i64' : 'i32';
}

const unary = /^(clz|ctz|popcnt|eqz|abs|neg|ceil|floor|trunc|nearest|sqrt|not|extend(8|16|32)_s)$/;
const comparison = /^(eq|ne|eqz|lt|gt|le|ge|lt_[su]|gt_[su]|le_[su]|ge_[su])$/;
const conversion = /_(i32|i64|f32|f64)(_[su])?$/;
const vectorUnary = /^(abs|neg|popcnt|ceil|floor|trunc|nearest|sqrt|extend_|extadd_|convert_|trunc_sat|demote|promote)/;

function scalarOperation(name: string): Operation | null {
  const [type, action] = name.split('.');
  if (type === undefined || action === undefined || !isScalar(type) || type === 'v128') return null;
  if (/^(const|load|store)/.test(action)) return null;
  const source = conversion.exec(action)?.[1];
  if (source !== undefined && isScalar(source)) return { name, takes: [source], gives: type, immediate: '' };
  const gives = comparison.test(action) ? 'i32' : type;
  return { name, takes: unary.test(action) ? [type] : [type, type], gives, immediate: '' };
}

function vectorOperation(name: string): Operation | null {
  const [shape, action] = name.split('.');
  if (shape === undefined || action === undefined || !/^(v128|[if]\d+x\d+)$/.test(shape)) return null;
  const lane = laneOf(shape);
  if (/^(const|load|store)/.test(action)) return null;
  if (action === 'shuffle')
    return { name, takes: ['v128', 'v128'], gives: 'v128', immediate: '0 31 2 29 4 5 6 7 8 9 10 11 12 13 30 15' };
  if (action === 'splat') return { name, takes: [lane], gives: 'v128', immediate: '' };
  if (action.startsWith('extract_lane')) return { name, takes: ['v128'], gives: lane, immediate: '1' };
  if (action === 'replace_lane') return { name, takes: ['v128', lane], gives: 'v128', immediate: '1' };
  if (/^(any_true|all_true|bitmask)$/.test(action)) return { name, takes: ['v128'], gives: 'i32', immediate: '' };
  if (/^(shl|shr_)/.test(action)) return { name, takes: ['v128', 'i32'], gives: 'v128', immediate: '' };
  if (action === 'bitselect') return { name, takes: ['v128', 'v128', 'v128'], gives: 'v128', immediate: '' };
  const takes: Scalar[] = vectorUnary.test(action) || action === 'not' ? ['v128'] : ['v128', 'v128'];
  return { name, takes, gives: 'v128', immediate: '' };
}

const operations = nameOf.flatMap((name) => {
  const found = scalarOperation(name) ?? vectorOperation(name);
  return found === null ? [] : [found];
});

/** Interesting bits of each type, 16 bytes each, little-endian. */
const samples: readonly bigint[] = [
  0n,
  1n,
  2n,
  31n,
  0x7fn,
  0x80n,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_ffff_ffffn,
  0x3f80_0000n, // 1.0f
  0xbfc0_0000n, // -1.5f
  0x4b80_0001n, // 2^24 + 2
  0x7f80_0000n, // infinity
  0x7fa0_0001n, // a signalling NaN
  0xffc0_1234n, // a negative NaN with a payload
  0x3ff0_0000_0000_0000n, // 1.0
  0xc008_cccc_cccc_cccdn, // -3.1
  0x41e0_0000_0020_0000n, // 2^31 + 1
  0x7ff0_0000_0000_0000n, // infinity
  0x7ff4_0000_0000_0001n, // a signalling NaN
  0xfff8_0000_0000_0abcn, // a negative NaN with a payload
  0x3f80_0000_7fc0_0000_bf00_0000_ff80_0000n,
  0x4059_0000_0000_0000_fff8_0000_0000_0001n,
  0x8001_7fff_0102_fefd_80ff_7f01_aa55_00ffn,
];

const inputAt = [0, 16, 32];
const outputAt = 64;

function operationModule({ name, takes, gives, immediate }: Operation): string {
  const operands = takes.map((type, index) => `(${type}.load (i32.const ${inputAt[index]}))`).join(' ');
  return `(module
    (memory (export "memory") 1)
    (func (export "canister_update run")
      (${gives}.store (i32.const ${outputAt}) (${name} ${immediate} ${operands}))))`;
}

/** Lanes whose NaN an operation leaves open, and that are NaN, replaced by the canonical one. */
function canonicalized(bytes: Uint8Array, laneBytes: number): Uint8Array {
  const view = new DataView(bytes.slice().buffer);
  for (let at = 0; at < bytes.length; at += laneBytes) {
    if (laneBytes === 4 && Number.isNaN(view.getFloat32(at, true))) view.setUint32(at, 0x7fc0_0000, true);
    if (laneBytes === 8 && Number.isNaN(view.getFloat64(at, true))) {
      view.setBigUint64(at, 0x7ff8_0000_0000_0000n, true);
    }
  }
  return new Uint8Array(view.buffer);
}

const openNaN = /^f(32|64)(x[24])?\.(add|sub|mul|div|min|max|sqrt|ceil|floor|trunc|nearest|demote_\w+|promote_\w+)$/;

function expectedBits(operation: Operation, bytes: Uint8Array): Uint8Array {
  const match = openNaN.exec(operation.name);
  return match === null ? bytes : canonicalized(bytes, Number(match[1]) / 8);
}

const widthOf: Record<Scalar, number> = { i32: 4, i64: 8, f32: 4, f64: 8, v128: 16 };

function setInput(heap: Uint8Array, place: number, value: bigint): void {
  const view = new DataView(heap.buffer, heap.byteOffset);
  view.setBigUint64(inputAt[place]!, value & 0xffff_ffff_ffff_ffffn, true);
  view.setBigUint64(inputAt[place]! + 8, value >> 64n, true);
}

describe('an instruction', () => {
  it('is known by one name', () => {
    const known = nameOf.filter((name) => name !== '');
    expect(new Set(known).size).toBe(known.length);
    expect(known.length).toBe(439);
  });

  it('[module.rewriting] gives the same bits after rewriting, with the canonical NaN where the NaN is open', async () => {
    expect(operations.length).toBeGreaterThan(330);
    for (const operation of operations) await compareOperation(operation);
  });

  it.each(['i32', 'i64', 'f32', 'f64', 'v128'])(
    '[module.rewriting] loads and stores %s with every bit kept',
    async (type) => {
      const bits = ['f32', 'f64'].includes(type) ? '0xffc01234fff40001' : '0x123456789abcdef0';
      const text = `(module
      (memory (export "memory") 1)
      (func (export "canister_update run")
        (i64.store (i32.const 8) (i64.const ${bits}))
        (i64.store (i32.const 16) (i64.const ${bits}))
        (${type}.store offset=4000 (i32.const 200) (${type}.load offset=1 align=1 (i32.const 7)))))`;
      await compareMemory(text);
    },
  );

  it('[module.rewriting] of every width loads and stores alike', async () => {
    const loads = nameOf.filter((name) => /^i(32|64)\.load\d/.test(name));
    const stores = nameOf.filter((name) => /^i(32|64)\.store/.test(name));
    const lines = [
      '(i64.store (i32.const 0) (i64.const 0x80917263f4e5d6c7))',
      ...loads.map((name, i) => `(${name.slice(0, 3)}.store (i32.const ${100 + 8 * i}) (${name} (i32.const 0)))`),
      ...stores.map((name, i) => `(${name} (i32.const ${300 + 8 * i}) (${name.slice(0, 3)}.const -2))`),
    ];
    await compareMemory(moduleOf(lines));
  });

  it('[module.rewriting] loads and stores vectors in every way alike', async () => {
    const loads = nameOf.filter((name) => /^v128\.load/.test(name) && !name.endsWith('_lane'));
    const laneLoads = nameOf.filter((name) => /^v128\.load\d+_lane$/.test(name));
    const laneStores = nameOf.filter((name) => /^v128\.store\d+_lane$/.test(name));
    const lines = [
      '(i64.store (i32.const 0) (i64.const 0x80917263f4e5d6c7))',
      '(i64.store (i32.const 8) (i64.const 0x7f01020304050607))',
      ...loads.map((name, i) => `(v128.store (i32.const ${100 + 16 * i}) (${name} offset=1 (i32.const 1)))`),
      ...laneLoads.map(
        (name, i) => `(v128.store (i32.const ${400 + 16 * i}) (${name} 1 (i32.const 3) (v128.load (i32.const 0))))`,
      ),
      ...laneStores.map((name, i) => `(${name} 1 (i32.const ${4090 + 16 * i}) (v128.load (i32.const 0)))`),
    ];
    await compareMemory(moduleOf(lines));
  });

  it('[memory.canonical-nan] keeps the NaN of constants, loads, selects and sign operations', async () => {
    const lines = [
      '(f32.store (i32.const 0) (f32.const nan:0x200001))',
      '(f64.store (i32.const 8) (f64.const -nan:0x4000000000001))',
      '(f32.store (i32.const 16) (f32.neg (f32.load (i32.const 0))))',
      '(f64.store (i32.const 24) (f64.copysign (f64.load (i32.const 8)) (f64.const 1)))',
      '(f64.store (i32.const 32) (select (f64.load (i32.const 8)) (f64.const 0) (i32.const 1)))',
      '(i64.store (i32.const 40) (i64.reinterpret_f64 (f64.const -nan:0x123)))',
    ];
    await compareMemory(moduleOf(lines));
  });
});

describe('a NaN that an operation gives', () => {
  // Infinity less infinity: the default NaN of x86 is negative, that of ARM positive.
  const nan = '(f64.sub (global.get $infinity) (global.get $infinity))';
  const users: readonly (readonly [string, string])[] = [
    ['is stored', `(f64.store (i32.const 0) ${nan})`],
    ['is handed to a function before another value', `(call $keep ${nan} (local.get 0))`],
    ['is put into a local', `(local.set 1 ${nan}) (f64.store (i32.const 0) (local.get 1))`],
    ['is selected', `(f64.store (i32.const 0) (select ${nan} (f64.const 1) (i32.const 1)))`],
    ['is negated and negated again', `(f64.store (i32.const 0) (f64.neg (f64.neg ${nan})))`],
    ['goes through another operation', `(f64.store (i32.const 0) (f64.mul (f64.const 2) (f64.sqrt ${nan})))`],
    ['is seen as a number', `(i64.store (i32.const 0) (i64.reinterpret_f64 ${nan}))`],
    ['is put into a global', `(global.set $kept ${nan}) (f64.store (i32.const 0) (global.get $kept))`],
  ];

  it.each(users)('[memory.canonical-nan] is the canonical one when it %s', async (_, line) => {
    const { rewritten } = await instancesOf(`(module (memory (export "memory") 1)
      (global $infinity (mut f64) (f64.const inf)) (global $kept (mut f64) (f64.const 0))
      (func $keep (param f64 i32) (f64.store (local.get 1) (local.get 0)))
      (func (export "canister_update run") (local i32 f64) ${line}))`);
    expect(rewritten.run('canister_update run').trap).toBeNull();
    expect(Buffer.from(rewritten.heap().slice(0, 8)).toString('hex')).toBe('000000000000f87f');
  });
});

describe('a trap', () => {
  it.each([
    ['unreachable', '(unreachable)'],
    ['division by zero', '(drop (i32.div_u (i32.const 1) (i32.load (i32.const 0))))'],
    ['overflowing division', '(drop (i64.div_s (i64.const -9223372036854775808) (i64.const -1)))'],
    ['truncation of NaN', '(drop (i32.trunc_f64_s (f64.const nan)))'],
    ['load behind the memory', '(drop (i32.load offset=1 (i32.const 65532)))'],
    ['store behind the memory', '(i64.store offset=4294967295 (i32.const 65532) (i64.const 1))'],
    ['store at the very end', '(i32.store8 (i32.const -1) (i32.const 1))'],
    ['indirect call of nothing', '(call_indirect (i32.const 1))'],
    ['indirect call beyond the table', '(call_indirect (i32.const 7))'],
    ['indirect call of another type', '(call_indirect (param i32) (i32.const 1) (i32.const 0))'],
  ])('[module.rewriting] stays the same trap: %s', async (_, line) => {
    const bytes = await parseWat(`(module (memory (export "memory") 1) (table 2 funcref) (elem (i32.const 0) $f)
      (func $f (export "canister_update run") ${line}))`);
    const prepared = prepareBytes(bytes);
    if (!prepared.ok) throw new Error(prepared.error.message);
    const expected = trapText(instantiateOriginal(bytes).run('canister_update run').trap);
    expect(expected).toContain('RuntimeError');
    expect(trapText(instantiateRewritten(prepared.value).run('canister_update run').trap)).toBe(expected);
  });
});

function moduleOf(lines: readonly string[]): string {
  return `(module (memory (export "memory") 1) (func (export "canister_update run") ${lines.join('\n')}))`;
}

async function instancesOf(text: string) {
  const bytes = await parseWat(text);
  const prepared = prepareBytes(bytes);
  if (!prepared.ok) throw new Error(`${prepared.error.message} in ${text}`);
  return { original: instantiateOriginal(bytes), rewritten: instantiateRewritten(prepared.value) };
}

async function compareMemory(text: string): Promise<void> {
  const { original, rewritten } = await instancesOf(text);
  expect(original.run('canister_update run').trap).toBeNull();
  expect(rewritten.run('canister_update run').trap).toBeNull();
  expect(Buffer.compare(rewritten.heap(), original.heap())).toBe(0);
}

async function compareOperation(operation: Operation): Promise<void> {
  const { original, rewritten } = await instancesOf(operationModule(operation));
  const rights = operation.takes.length > 1 ? samples : [0n];
  for (const left of samples) {
    for (const right of rights) {
      for (const instance of [original, rewritten]) {
        for (const [place, value] of [left, right, left ^ right].entries()) setInput(instance.heap(), place, value);
      }
      const expectedTrap = trapText(original.run('canister_update run').trap);
      expect(trapText(rewritten.run('canister_update run').trap), operation.name).toBe(expectedTrap);
      const bytes = widthOf[operation.gives];
      const wanted = expectedBits(operation, original.heap().slice(outputAt, outputAt + bytes));
      const actual = rewritten.heap().slice(outputAt, outputAt + bytes);
      if (Buffer.compare(wanted, actual) !== 0) {
        expect(Buffer.from(actual).toString('hex'), `${operation.name} ${left} ${right}`).toBe(
          Buffer.from(wanted).toString('hex'),
        );
      }
    }
  }
}
