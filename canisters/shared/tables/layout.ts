// The layout of a canister's tables as plain data, and whether other code could read what lies in them: every field that would be
// lost or misread is named. The registry asks this before it replaces code.
import type { FieldShape, Shape, VariantShape } from '@tamc/base/codec';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { AnyDefinition } from './tables.ts';

export interface TableLayout {
  readonly number: number;
  readonly name: string;
  readonly kind: 'table' | 'cell' | 'list' | 'ordered';
  /** Null where entries have no key of their own. */
  readonly key: Shape | null;
  readonly value: Shape;
}

export type Layout = readonly TableLayout[];

export interface LayoutProblem {
  readonly table: string;
  /** Path of the field: `payee.owner`, `lines[].price`; empty for the table as a whole. */
  readonly field: string;
  readonly problem: string;
}

export function layoutOf(definitions: readonly AnyDefinition[]): Layout {
  return definitions.map((definition) => {
    const { number, name, kind, value } = definition;
    return { number, name, kind, key: 'key' in definition ? definition.key.shape : null, value: value.shape };
  });
}

export function compareLayouts(before: Layout, after: Layout): Result<void, readonly LayoutProblem[]> {
  const kept = before.flatMap((table) => compareTable(table, after));
  const problems = [...kept, ...reusedNumbers(before, after)];
  return problems.length === 0 ? ok(undefined) : refuse(problems);
}

function compareTable(table: TableLayout, after: Layout): readonly LayoutProblem[] {
  const next = after.find(({ name }) => name === table.name);
  const whole = (problem: string) => [{ table: table.name, field: '', problem }];
  if (next === undefined) return whole('table removed');
  if (next.number !== table.number) return whole(`number changed from ${table.number} to ${next.number}`);
  if (next.kind !== table.kind) return whole(`kind changed from ${table.kind} to ${next.kind}`);
  if (!isSameShape(table.key, next.key)) return whole('key changed');
  return compareShapes(table.value, next.value, '').map((problem) => ({ table: table.name, ...problem }));
}

/** A new table over what an old one left. */
function reusedNumbers(before: Layout, after: Layout): readonly LayoutProblem[] {
  return after.flatMap(({ name, number }) => {
    const old = before.find((table) => table.number === number);
    if (old === undefined || old.name === name) return [];
    return [{ table: name, field: '', problem: `has number ${number}, which belongs to ${old.name}` }];
  });
}

interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

function compareShapes(before: Shape, after: Shape, path: string): readonly FieldProblem[] {
  if (isSameShape(before, after)) return [];
  // Earlier code did not tell what is in its bytes.
  if (before === 'raw' && typeof after === 'object' && 'encoded' in after) return [];
  if (typeof before === 'object' && typeof after === 'object') {
    if ('record' in before && 'record' in after) return compareFields(before.record, after.record, path);
    if ('variant' in before && 'variant' in after) return compareKinds(before.variant, after.variant, path);
    if ('list' in before && 'list' in after) return compareShapes(before.list, after.list, `${path}[]`);
    if ('optional' in before && 'optional' in after) return compareShapes(before.optional, after.optional, path);
    if ('encoded' in before && 'encoded' in after) return compareShapes(before.encoded, after.encoded, path);
    if ('choice' in before && 'choice' in after) return compareWords(before.choice, after.choice, path);
  }
  return [{ field: path, problem: `type changed from ${JSON.stringify(before)} to ${JSON.stringify(after)}` }];
}

/** Fields lie in order: each must still be where it was; more may follow if they have a default. */
function compareFields(
  before: readonly FieldShape[],
  after: readonly FieldShape[],
  path: string,
): readonly FieldProblem[] {
  const names = after.map(({ name }) => name);
  const old = before.flatMap((field, i) => compareField(field, after, names.indexOf(field.name), i, path));
  const isOld = new Set(before.map(({ name }) => name));
  const fresh = after.flatMap(({ name, isAdded }, i) => {
    if (isOld.has(name)) return [];
    if (i < before.length) return [{ field: under(path, name), problem: 'field inserted before others' }];
    return isAdded ? [] : [{ field: under(path, name), problem: 'field added without a default' }];
  });
  return [...old, ...fresh];
}

function compareField(
  field: FieldShape,
  after: readonly FieldShape[],
  at: number,
  was: number,
  path: string,
): readonly FieldProblem[] {
  const name = under(path, field.name);
  if (at < 0) return [{ field: name, problem: 'field removed or renamed' }];
  const next = after[at]!;
  if (field.isAdded && !next.isAdded) return [{ field: name, problem: 'default of an added field removed' }];
  if (at !== was) return [{ field: name, problem: `field moved from place ${was + 1} to ${at + 1}` }];
  return compareShapes(field.shape, next.shape, name);
}

function compareKinds(
  before: readonly VariantShape[],
  after: readonly VariantShape[],
  path: string,
): readonly FieldProblem[] {
  return before.flatMap(({ kind, shape }) => {
    const next = after.find((variant) => variant.kind === kind);
    if (next === undefined) return [{ field: under(path, kind), problem: 'kind removed' }];
    return compareShapes(shape, next.shape, under(path, kind));
  });
}

function compareWords(before: readonly string[], after: readonly string[], path: string): readonly FieldProblem[] {
  const gone = before.filter((word) => !after.includes(word));
  return gone.map((word) => ({ field: path, problem: `word ${word} removed` }));
}

function under(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function isSameShape(a: Shape | null, b: Shape | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
