// For tests: random function bodies, well typed, that always end and use everything rewriting touches.

import type { Random } from '@tamc/base/random';
import {
  type Address,
  addAddress,
  addExpression,
  type FunctionShape,
  type Scope,
  type Type,
  types,
} from './random-expressions.ts';

export interface Body {
  readonly locals: readonly Type[];
  readonly lines: readonly string[];
}

export function createBody(random: Random, own: FunctionShape, all: readonly FunctionShape[], address: Address): Body {
  const added = Array.from({ length: 4 + random.below(5) }, () => random.pick(types));
  const locals = [...own.params, address, address, 'i64' as const, 'i32' as const, ...added];
  const scope: Scope = {
    random,
    own,
    all,
    address,
    locals,
    labels: [own.results],
    lines: [],
    size: 30 + random.below(60),
  };
  leaveWhenSpent(scope);
  addStatements(scope, 3 + random.below(8), 0);
  for (const type of own.results) addExpression(scope, type, 2);
  return { locals: locals.slice(own.params.length), lines: scope.lines };
}

/** Every function and loop takes from a budget, so that all programs end. */
function leaveWhenSpent(scope: Scope): void {
  scope.lines.push('global.get $budget', 'i32.const 1', 'i32.sub', 'global.set $budget', 'global.get $budget');
  scope.lines.push('i32.const 0', 'i32.lt_s', 'if');
  for (const type of scope.own.results) scope.lines.push(`${type}.const 1`);
  scope.lines.push('return', 'end');
}

function addStatements(scope: Scope, count: number, depth: number): void {
  for (let i = 0; i < count; i++) addStatement(scope, depth);
}

type Statement = (scope: Scope, depth: number) => void;

const simple: readonly Statement[] = [
  (scope) => {
    const index = scope.random.below(scope.locals.length);
    addExpression(scope, scope.locals[index]!, 3);
    scope.lines.push(`local.set ${index}`);
  },
  addStore,
  addFieldStores,
  addFieldStores,
  (scope) => {
    addExpression(scope, scope.random.pick(types), 3);
    scope.lines.push('drop');
  },
  (scope) => {
    addExpression(scope, 'i64', 2);
    scope.lines.push('call $note');
  },
  (scope) => {
    const [name, type] = scope.random.pick([
      ['g32', 'i32'],
      ['g64', 'i64'],
      ['gf', 'f64'],
    ] as const);
    addExpression(scope, type, 2);
    scope.lines.push(`global.set $${name}`);
  },
  addBulk,
  addCall,
  (scope) => {
    scope.lines.push(`${scope.address}.const ${scope.random.below(2)}`, 'memory.grow', 'drop');
  },
];

const nested: readonly Statement[] = [addIf, addIf, addBlock, addBlock, addLoop, addBranchTable];
const leaving: readonly Statement[] = [addBranch, addReturn, (scope) => scope.lines.push('unreachable')];

function addStatement(scope: Scope, depth: number): void {
  scope.size--;
  const { random } = scope;
  if (scope.size < 0) {
    scope.lines.push('nop');
    return;
  }
  const draw = random.below(100);
  if (draw < 35 && depth < 4) random.pick(nested)(scope, depth + 1);
  else if (draw < 42) addConditionalBranch(scope);
  else if (draw < 44 && depth > 0) random.pick(leaving)(scope, depth);
  else random.pick(simple)(scope, depth);
}

const stores: Record<Type, readonly string[]> = {
  i32: ['i32.store', 'i32.store8', 'i32.store16'],
  i64: ['i64.store', 'i64.store8', 'i64.store16', 'i64.store32'],
  f32: ['f32.store'],
  f64: ['f64.store'],
};

function addStore(scope: Scope): void {
  const type = scope.random.pick(types);
  addAddress(scope);
  addExpression(scope, type, 2);
  const offset = scope.random.pick([0, 1, 8, 4090, 4095, 4096, 9000, 60_000]);
  scope.lines.push(`${scope.random.pick(stores[type])} offset=${offset}`);
}

/** Like writing the fields of a record: one local, several near offsets, other things in between. */
function addFieldStores(scope: Scope): void {
  const { random, lines, address } = scope;
  const local = scope.own.params.length + random.below(2);
  if (random.below(3) > 0) {
    addAddress(scope);
    lines.push(`local.set ${local}`);
  }
  for (let left = 1 + random.below(4); left > 0; left--) {
    const type = random.pick(types);
    lines.push(`local.get ${local}`);
    if (random.below(3) === 0) lines.push(`${address}.const ${random.pick([4, 100, 300, 5000])}`, `${address}.add`);
    addExpression(scope, type, random.below(3));
    lines.push(`${random.pick(stores[type])} offset=${random.pick([0, 4, 8, 16, 100, 112, 113, 128, 129, 250, 4000])}`);
  }
}

function addBulk(scope: Scope): void {
  const { random, lines, address } = scope;
  const length = random.pick([0, 1, 5, 4096, 9000]);
  addAddress(scope);
  const operation = random.below(3);
  if (operation === 0) {
    addAddress(scope);
    lines.push(`${address}.const ${length}`, 'memory.copy');
  } else if (operation === 1) {
    addExpression(scope, 'i32', 0);
    lines.push(`${address}.const ${length}`, 'memory.fill');
  } else {
    addExpression(scope, 'i32', 0);
    lines.push('i32.const 3', 'i32.and', `i32.const ${random.below(6)}`, 'memory.init $segment');
  }
  if (random.below(10) === 0) lines.push('data.drop $segment');
}

function addCall(scope: Scope): void {
  const callee = scope.random.pick(scope.all.slice(1));
  for (const type of callee.params) addExpression(scope, type, 1);
  const draw = scope.random.below(3);
  if (draw === 0) scope.lines.push(`call $f${callee.index}`);
  else {
    // The index is now a constant, now something computed.
    scope.lines.push(`i32.const ${callee.index}`);
    if (draw === 1) scope.lines.push('i32.const 1', 'i32.mul');
    scope.lines.push(`call_indirect (type $t${callee.index})`);
  }
  for (const _ of callee.results) scope.lines.push('drop');
}

function addIf(scope: Scope, depth: number): void {
  addExpression(scope, 'i32', 2);
  scope.lines.push('if');
  scope.labels.push([]);
  addStatements(scope, 1 + scope.random.below(3), depth);
  if (scope.random.below(2) === 0) {
    scope.lines.push('else');
    addStatements(scope, 1 + scope.random.below(3), depth);
  }
  scope.labels.pop();
  scope.lines.push('end');
}

function addBlock(scope: Scope, depth: number): void {
  scope.lines.push('block');
  scope.labels.push([]);
  addStatements(scope, 1 + scope.random.below(4), depth);
  scope.labels.pop();
  scope.lines.push('end');
}

function addLoop(scope: Scope, depth: number): void {
  scope.lines.push('block', 'loop');
  scope.labels.push([], []);
  scope.lines.push('global.get $budget', 'i32.const 1', 'i32.sub', 'global.set $budget', 'global.get $budget');
  scope.lines.push('i32.const 0', 'i32.lt_s', 'br_if 1');
  addStatements(scope, 1 + scope.random.below(4), depth);
  addExpression(scope, 'i32', 2);
  scope.lines.push('br_if 0');
  scope.labels.pop();
  scope.labels.pop();
  scope.lines.push('end', 'end');
}

/** Depths of labels that want no values, the function body among them if it wants none. */
function plainLabels({ labels }: Scope): number[] {
  return labels.flatMap((wanted, place) => (wanted.length === 0 ? [labels.length - 1 - place] : []));
}

function addConditionalBranch(scope: Scope): void {
  const targets = plainLabels(scope);
  if (targets.length === 0) return;
  addExpression(scope, 'i32', 1);
  scope.lines.push(`br_if ${scope.random.pick(targets)}`);
}

function addBranch(scope: Scope): void {
  const targets = plainLabels(scope);
  if (targets.length > 0) scope.lines.push(`br ${scope.random.pick(targets)}`);
}

function addReturn(scope: Scope): void {
  for (const type of scope.own.results) addExpression(scope, type, 1);
  if (scope.random.below(2) === 0) scope.lines.push(`br ${scope.labels.length - 1}`);
  else scope.lines.push('return');
}

function addBranchTable(scope: Scope, depth: number): void {
  const { random } = scope;
  const count = 2 + random.below(2);
  for (let i = 0; i < count; i++) {
    scope.lines.push('block');
    scope.labels.push([]);
  }
  addExpression(scope, 'i32', 2);
  const targets = plainLabels(scope);
  scope.lines.push(`br_table ${Array.from({ length: 1 + random.below(4) }, () => random.pick(targets)).join(' ')}`);
  for (let i = 0; i < count; i++) {
    scope.labels.pop();
    scope.lines.push('end');
    addStatements(scope, 1, depth);
  }
}
