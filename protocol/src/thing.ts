// The W3C Thing Description of a machine: what it measures and what it can be told to do. It comes from outside as JSON text;
// what is read from it are the names of actions, because a command may ask for no other.
import { ok, type Result, refuse } from '@tamc/base/result';
import { isPrintableLine, printableLineWanted } from './printable.ts';

/** 1.1 is the Recommendation of 2023, the other one is 1.0. */
export const thingContexts = ['https://www.w3.org/2022/wot/td/v1.1', 'https://www.w3.org/2019/wot/td/v1'] as const;

export const thingLimits = {
  /** A description of some sixty affordances; it is stored once and answered whole, well below a reply's 2 MiB. */
  bytesMax: 16_384,
  /** Names of actions are read at every command, so their list stays one small record. */
  affordancesMax: 64,
  nameCharsMax: 64,
  titleCharsMax: 128,
} as const;

export interface Thing {
  readonly title: string;
  readonly actions: readonly string[];
  readonly properties: readonly string[];
}

const namePattern = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** Refuses with a sentence that names the member at fault. */
export function parseThing(json: string): Result<Thing, string> {
  if (utf8Length(json) > thingLimits.bytesMax) return refuse(`it has more than ${thingLimits.bytesMax} bytes`);
  const description = parseObject(json);
  if (description === null) return refuse('it is not a JSON object');
  if (!hasContext(description['@context'])) return refuse(`@context does not name ${thingContexts[0]}`);
  const { title } = description;
  // It is what people see of the machine in every list.
  if (typeof title !== 'string' || !isPrintableLine(title, thingLimits.titleCharsMax))
    return refuse(`title is not a text of ${printableLineWanted(thingLimits.titleCharsMax)}`);
  const actions = parseAffordances(description.actions, 'actions');
  if (!actions.ok) return actions;
  const properties = parseAffordances(description.properties, 'properties');
  if (!properties.ok) return properties;
  return ok({ title, actions: actions.value, properties: properties.value });
}

/** A JSON object, or null for anything else. */
export function parseObject(json: string): Readonly<Record<string, unknown>> | null {
  const parsed = parseJson(json);
  return parsed.ok && isObject(parsed.value) ? parsed.value : null;
}

/** What people nest; the parser recurses, and in a canister too deep a recursion is a trap instead of a refusal. */
export const jsonDepthMax = 32;

export function parseJson(json: string): Result<unknown, string> {
  if (isDeeperThan(json, jsonDepthMax)) return refuse(`it is nested deeper than ${jsonDepthMax}`);
  try {
    const value: unknown = JSON.parse(json);
    return ok(value);
  } catch {
    return refuse('it is not JSON');
  }
}

/** Strings are taken out by the native expression, so that only brackets are walked. */
function isDeeperThan(json: string, limit: number): boolean {
  let depth = 0;
  for (const [bracket] of json.replace(/"(?:[^"\\]|\\.)*"/gs, '').matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > limit) return true;
  }
  return false;
}

/** Bytes of the text in UTF-8: what storage costs. A lone surrogate counts as the three bytes that replace it. */
export function utf8Length(text: string): number {
  // Texts from outside are bounded by the size of a message; encoding natively is cheaper here than a loop over characters.
  return new TextEncoder().encode(text).length;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasContext(given: unknown): boolean {
  const words: readonly unknown[] = Array.isArray(given) ? given : [given];
  return thingContexts.some((context) => words.includes(context));
}

function parseAffordances(given: unknown, member: string): Result<readonly string[], string> {
  if (given === undefined) return ok([]);
  if (!isObject(given)) return refuse(`${member} is not an object`);
  const names = Object.keys(given);
  if (names.length > thingLimits.affordancesMax)
    return refuse(`${member} has more than ${thingLimits.affordancesMax} members`);
  for (const name of names) {
    if (name.length > thingLimits.nameCharsMax || !namePattern.test(name))
      return refuse(`${member} has a name that is not 1 to 64 letters, digits, _ or -`);
    if (!isObject(given[name])) return refuse(`${member}.${name} is not an object`);
  }
  return ok(names);
}
