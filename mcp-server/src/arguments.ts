// Arguments as a host sent them, parsed by the tool's schema: a name that the tool does not know is refused, because a limit that was
// meant and dropped in silence is worse than a call that has to be made again. An optional one that is empty counts as left out. What
// has to happen at once is not refused for what it does not need.
import { ok, type Result, refuse } from '@tamc/base/result';
import { z } from 'zod';
import type { Problem, Tool } from './tool.ts';

export interface ToolArguments {
  readonly confirm?: string | undefined;
  readonly command_id?: string | undefined;
  readonly [name: string]: unknown;
}

/** Of every tool that changes something. The token's form is checked where it is redeemed, the id by the canister. */
const actArguments = {
  confirm: z.string().optional(),
  command_id: z.string().max(64).optional(),
};

/** Arguments for a device are a few levels; every walk over what came in is bounded by this. */
const depthMax = 32;
/** Of names and problems that an answer repeats. */
const shownMax = 5;

/** Built once: over HTTP every request has a server of its own. */
const schemas = new WeakMap<Tool, z.ZodObject>();

export function inputOf(tool: Tool): z.ZodObject {
  const known = schemas.get(tool);
  if (known !== undefined) return known;
  const schema = tool.kind === 'read' ? tool.input : tool.input.extend(actArguments);
  schemas.set(tool, schema);
  return schema;
}

export function parseArguments(tool: Tool, given: unknown, isUrgent: boolean): Result<ToolArguments, Problem> {
  if (!isRecord(given)) return refuse(invalid(tool, 'arguments are an object with a value for each name'));
  if (isTooDeep(given)) return refuse(invalid(tool, `these arguments are nested deeper than ${depthMax} levels`));
  const { shape } = inputOf(tool);
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(shape, name));
  if (unknown.length > 0 && !isUrgent) return refuse(unknownNames(tool, unknown));
  const present = Object.entries(given).filter(([name, value]) => isPresent(shape, name, value));
  const parsed = parsePresent(inputOf(tool), Object.fromEntries(present), isUrgent);
  return parsed.ok ? parsed : refuse(invalid(tool, parsed.error));
}

function parsePresent(
  schema: z.ZodObject,
  present: Record<string, unknown>,
  isUrgent: boolean,
): Result<ToolArguments, string> {
  const parsed = schema.safeParse(present);
  if (parsed.success) return ok(parsed.data);
  const { issues } = parsed.error;
  const wrong = new Set(issues.map(({ path: [name] }) => String(name)));
  const isNeeded = [...wrong].some((name) => !isOptional(schema.shape, name));
  if (!isUrgent || isNeeded) return refuse(issues.slice(0, shownMax).map(issueText(present)).join('; '));
  return parsePresent(schema, Object.fromEntries(Object.entries(present).filter(([name]) => !wrong.has(name))), false);
}

/** Hosts fill optional ones with nothing: `""`, or null. */
function isPresent(shape: z.core.$ZodShape, name: string, value: unknown): boolean {
  return Object.hasOwn(shape, name) && !((value === '' || value === null) && isOptional(shape, name));
}

function isOptional(shape: z.core.$ZodShape, name: string): boolean {
  return Object.hasOwn(shape, name) && shape[name]?._zod.optin === 'optional';
}

const issueText =
  (present: object) =>
  ({ path, message }: z.core.$ZodIssue): string => {
    const [name = 'arguments', ...rest] = path.map(String);
    if (!Object.hasOwn(present, name)) return `\`${name}\` is missing`;
    return `\`${[name, ...rest].join('.')}\`: ${message.replace(/^Invalid input: /, '')}`;
  };

function unknownNames(tool: Tool, names: readonly string[]): Problem {
  const shown = names.slice(0, shownMax).map((name) => JSON.stringify(name.slice(0, 40)));
  return invalid(tool, `\`${tool.name}\` has no argument ${shown.join(', ')}; nothing was done`);
}

function invalid(tool: Tool, message: string): Problem {
  const { shape } = inputOf(tool);
  const names = Object.keys(shape);
  const needed = names.filter((name) => !isOptional(shape, name));
  const optional = names.filter((name) => isOptional(shape, name));
  const list = (what: string, some: readonly string[]) => (some.length === 0 ? [] : [`${what} ${some.join(', ')}`]);
  const takes = [...list('needs', needed), ...list('may have', optional)].join(' and ') || 'takes no arguments';
  return { code: 'ArgumentsInvalid', message, nextStep: `Correct the call: \`${tool.name}\` ${takes}.` };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Level by level, because a walk that calls itself ends where the stack does. */
export function isTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > depthMax) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}
