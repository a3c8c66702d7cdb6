// The head of a text: lines of `name: value` between two lines of three dashes, and one level of them below a name. It is a part of
// YAML, so that other programs read the same; what YAML would read differently is refused, with its line.
import { ok, type Result, refuse } from '@tamc/base/result';

export interface TextProblem {
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

export type Field = string | ReadonlyMap<string, string>;

export interface FrontMatter {
  readonly fields: ReadonlyMap<string, Field>;
  readonly body: string;
  /** The line on which the body begins. */
  readonly bodyLine: number;
}

const dashes = '---';

export function parseFrontMatter(text: string): Result<FrontMatter, TextProblem> {
  const lines = text.split(/\r?\n/);
  if (lines[0] !== dashes) return problem(1, `the first line must be "${dashes}"`);
  const end = lines.indexOf(dashes, 1);
  if (end < 0) return problem(1, `the head is not closed by a line "${dashes}"`);
  const fields = parseFields(lines.slice(1, end));
  if (!fields.ok) return fields;
  const below = lines.slice(end + 1);
  const blankCount = Math.max(
    0,
    below.findIndex((line) => line.trim() !== ''),
  );
  return ok({ fields: fields.value, body: below.join('\n').trim(), bodyLine: end + 2 + blankCount });
}

/** The first of them stands on line 2 of the text. */
function parseFields(lines: readonly string[]): Result<ReadonlyMap<string, Field>, TextProblem> {
  const fields = new Map<string, Field>();
  let below: Map<string, string> | null = null;
  for (const [index, line] of lines.entries()) {
    const match = /^( {2})?([\w-]+):(?: (.*))?$/.exec(line);
    if (match === null) return problem(index + 2, 'a line of the head must read "name: value"');
    const [, indent, name = '', value = ''] = match;
    const wrong = plainProblem(value);
    if (wrong !== null) return problem(index + 2, wrong);
    const target: Map<string, Field> | null = indent === undefined ? fields : below;
    if (target === null) return problem(index + 2, 'there is nothing that this line could belong to');
    if (target.has(name)) return problem(index + 2, `"${name}" stands there twice`);
    if (indent === undefined) below = value === '' ? new Map() : null;
    target.set(name, indent === undefined && below !== null ? below : value);
  }
  return ok(fields);
}

/** A plain value of YAML in one line, that YAML too reads as text. */
function plainProblem(value: string): string | null {
  if (value === '') return null;
  if (value !== value.trim()) return 'there are spaces at an end of the value';
  if (/^[-?:,[\]{}#&*!|>'"%@`]/.test(value)) return `a value cannot begin with ${value[0]}`;
  if (/: | #|:$/.test(value)) return 'a value cannot hold ": " or " #", or end with ":"';
  if (/^(?:true|false|null|~|[-+.]?\d[\d._eE+-]*)$/i.test(value))
    return 'the value must be text, not a number or a truth';
  return null;
}

function problem(line: number, message: string): Result<never, TextProblem> {
  return refuse({ line, message });
}
