// For tests: random expressions, well typed, as lines of instructions; see `random-programs.ts`.

import type { Random } from '@tamc/base/random';

export type Type = 'i32' | 'i64' | 'f32' | 'f64';
export const types: readonly Type[] = ['i32', 'i64', 'f32', 'f64'];

export interface FunctionShape {
  readonly index: number;
  readonly params: readonly Type[];
  readonly results: readonly Type[];
}

/** Type of addresses. */
export type Address = 'i32' | 'i64';

export interface Scope {
  readonly random: Random;
  readonly address: Address;
  readonly own: FunctionShape;
  readonly all: readonly FunctionShape[];
  readonly locals: readonly Type[];
  /** Types that a branch to each enclosing label must bring, innermost last. */
  readonly labels: (readonly Type[])[];
  /** One instruction each, in order. */
  readonly lines: string[];
  /** Falls with every statement, so that functions stay small. */
  size: number;
}

export function addLocal(scope: Scope, type: Type): boolean {
  const candidates = scope.locals.flatMap((local, index) => (local === type ? [index] : []));
  if (candidates.length === 0) return false;
  scope.lines.push(`local.get ${scope.random.pick(candidates)}`);
  return true;
}

function addConstant({ random, lines }: Scope, type: Type): void {
  const value = random.pick([0, 1, -1, 7, 255, 4095, 4096, 65_536, 100_000, -70_000, 2 ** 30]);
  lines.push(`${type}.const ${type.startsWith('f') && random.below(4) === 0 ? 'nan' : value}`);
}

const binaries = 'add sub mul and or xor shl shr_u shr_s rotl div_u rem_s'.split(' ');
const floatBinaries = 'add sub mul div min max copysign'.split(' ');
const comparisons = 'eq ne lt_s gt_u le_u ge_s'.split(' ');
const conversions: Record<Type, readonly (readonly [Type, string])[]> = {
  i32: [
    ['i64', 'i32.wrap_i64'],
    ['f32', 'i32.reinterpret_f32'],
    ['f64', 'i32.trunc_sat_f64_s'],
    ['f64', 'i32.trunc_f64_u'],
  ],
  i64: [
    ['i32', 'i64.extend_i32_s'],
    ['f64', 'i64.reinterpret_f64'],
    ['f32', 'i64.trunc_sat_f32_u'],
  ],
  f32: [
    ['i32', 'f32.convert_i32_u'],
    ['f64', 'f32.demote_f64'],
    ['i32', 'f32.reinterpret_i32'],
  ],
  f64: [
    ['i64', 'f64.convert_i64_s'],
    ['f32', 'f64.promote_f32'],
    ['i64', 'f64.reinterpret_i64'],
  ],
};

/** Leaves one value of the type on the stack. */
export function addExpression(scope: Scope, type: Type, depth: number): void {
  const { random, lines } = scope;
  const draw = depth <= 0 ? random.below(30) : random.below(100);
  if (draw < 20 && addLocal(scope, type)) return;
  if (draw < 30) addConstant(scope, type);
  else if (draw < 55) {
    addExpression(scope, type, depth - 1);
    addExpression(scope, type, depth - 1);
    lines.push(`${type}.${random.pick(type.startsWith('f') ? floatBinaries : binaries)}`);
  } else if (draw < 65) {
    const [from, conversion] = random.pick(conversions[type]);
    addExpression(scope, from, depth - 1);
    lines.push(conversion);
  } else if (draw < 75) {
    addAddress(scope);
    lines.push(`${type}.load offset=${random.below(5000)}`);
  } else if (draw < 80 && type === 'i32') {
    const of = random.pick(types);
    addExpression(scope, of, depth - 1);
    addExpression(scope, of, depth - 1);
    lines.push(`${of}.${of.startsWith('f') ? random.pick(['eq', 'lt', 'ge']) : random.pick(comparisons)}`);
  } else if (draw < 85) addValueBlock(scope, type, depth);
  else if (draw < 90) addTee(scope, type, depth);
  else if (draw < 95) {
    addExpression(scope, type, depth - 1);
    addExpression(scope, type, depth - 1);
    addExpression(scope, 'i32', depth - 1);
    lines.push('select');
  } else addLibrary(scope, type);
}

function addLibrary(scope: Scope, type: Type): void {
  if (type === scope.address) scope.lines.push('memory.size');
  else if (type === 'i64') scope.lines.push('i32.const 5', 'global.get $g64', 'call $answer');
  else if (type === 'f64') scope.lines.push('global.get $gf');
  else addConstant(scope, type);
}

function addTee(scope: Scope, type: Type, depth: number): void {
  addExpression(scope, type, depth - 1);
  const candidates = scope.locals.flatMap((local, index) => (local === type ? [index] : []));
  if (candidates.length > 0) scope.lines.push(`local.tee ${scope.random.pick(candidates)}`);
}

function addValueBlock(scope: Scope, type: Type, depth: number): void {
  const { lines, labels } = scope;
  const isIf = scope.random.below(2) === 0;
  if (isIf) addExpression(scope, 'i32', depth - 1);
  lines.push(`${isIf ? 'if' : 'block'} (result ${type})`);
  labels.push([type]);
  addExpression(scope, type, depth - 1);
  if (isIf) {
    lines.push('else');
    addExpression(scope, type, depth - 1);
  } else {
    addExpression(scope, 'i32', 0);
    lines.push('br_if 0');
  }
  labels.pop();
  lines.push('end');
}

/** Mostly inside the memory. */
export function addAddress(scope: Scope): void {
  const { random, lines, address } = scope;
  if (random.below(4) > 0) addLocal(scope, address);
  else addExpression(scope, address, 1);
  if (random.below(40) === 0) return;
  lines.push(`${address}.const ${random.pick([0xffff, 0x1ffff, 0x1fff0, 0xff0])}`, `${address}.and`);
}
