// A layout of tables as text, as canisters of ours report it, and what a change of it would do. A machine's text is a stranger's.
import { ok, type Result, refuse } from '@tamc/base/result';
import { registryLimits } from '@tamc/protocol/registry';
import { compareLayouts, type Layout } from './layout.ts';

const kinds: readonly unknown[] = ['table', 'cell', 'list', 'ordered'];

/** An empty text is the layout of code that keeps nothing in stable memory. */
export function parseLayout(text: string): Result<Layout, string> {
  if (text === '') return ok([]);
  if (text.length > registryLimits.layoutCharsMax) return refuse('it is too long');
  const json = parseJson(text);
  if (!Array.isArray(json)) return refuse('it is not a JSON list of tables');
  const wrong = json.findIndex((table) => !isTable(table));
  return wrong < 0 ? ok(json) : refuse(`table ${wrong} has not number, name, kind, key and value`);
}

/** Sentences that name the table and the field; empty when nothing is lost. */
export function layoutProblems(before: Layout, after: Layout): readonly string[] {
  const compared = compareLayouts(before, after);
  if (compared.ok) return [];
  return compared.error.map(({ table, field, problem }) =>
    field === '' ? `table ${table}: ${problem}` : `table ${table}: field ${field}: ${problem}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Shapes themselves are compared as they are: one that is none equals no other. */
function isTable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { number, name, kind, key, value: shape }: Record<string, unknown> = { ...value };
  const isNamed = Number.isSafeInteger(number) && typeof name === 'string' && kinds.includes(kind);
  return isNamed && isShape(shape, 0) && (key === null || isShape(key, 0));
}

/** No shape of ours nests deeper; the comparison recurses. */
const depthMax = 32;

function isShape(value: unknown, depth: number): boolean {
  if (depth > depthMax) return false;
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null) return false;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return false;
  const [form, content] = entry;
  if (form === 'optional' || form === 'list' || form === 'encoded') return isShape(content, depth + 1);
  if (!Array.isArray(content)) return false;
  if (form === 'choice') return content.every((word) => typeof word === 'string');
  if (form === 'tuple') return content.every((item) => isShape(item, depth + 1));
  if (form === 'record') return content.every((field) => isNamedShape(field, 'name', depth));
  return form === 'variant' && content.every((field) => isNamedShape(field, 'kind', depth));
}

function isNamedShape(value: unknown, label: 'name' | 'kind', depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const field: Record<string, unknown> = { ...value };
  return typeof field[label] === 'string' && isShape(field.shape, depth + 1);
}
