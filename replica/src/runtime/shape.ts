// What values the library takes from its callers, as data: TypeScript's types are not there any more when a program runs.
import { isSharedArrayBuffer, isUint8Array } from 'node:util/types';
import { ReplicaError } from './replica-error.ts';

export interface Shape {
  /** Ends a sentence that begins with "Give". */
  readonly wanted: string;
  readonly fits: (value: unknown) => boolean;
}

export type Shapes = Readonly<Record<string, Shape>>;

/** What a mistake is called: `The option store cannot be 5.` */
export interface Place {
  readonly kind: 'option' | 'argument';
  /** Before the names of fields: `instructionLimits.`, `call.` */
  readonly prefix: string;
}

export const isBoolean: Shape = { wanted: 'true or false', fits: (value) => typeof value === 'boolean' };
export const isFunction: Shape = { wanted: 'a function', fits: (value) => typeof value === 'function' };
export const isText: Shape = { wanted: 'a string', fits: (value) => typeof value === 'string' };
/** Other threads could change shared bytes between their execution and their record. */
export const isBytes: Shape = {
  wanted: 'a Uint8Array (Candid bytes) that is not shared between threads',
  fits: (value) => isUint8Array(value) && !isSharedArrayBuffer(value.buffer),
};

export function isOneOf(...choices: readonly string[]): Shape {
  return {
    wanted: choices.map((each) => JSON.stringify(each)).join(' or '),
    fits: (value) => choices.some((each) => each === value),
  };
}

export function isWhole(least: number, most: number, wanted = `a whole number from ${least} to ${most}`): Shape {
  return {
    wanted,
    fits: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most,
  };
}

export function isBigInt(least: bigint, most: bigint, wanted: string): Shape {
  return { wanted, fits: (value) => typeof value === 'bigint' && value >= least && value <= most };
}

export function isListOf(each: (value: unknown) => boolean, wanted: string): Shape {
  return { wanted, fits: (value) => Array.isArray(value) && Array.from<unknown>(value).every(each) };
}

/** An object that can have named fields: no array, map, date or promise. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/**
 * The fields that were given, each read once and of its shape: whatever the object is or becomes, this is what is used.
 * A field that is undefined counts as left out.
 */
export function parseFields<Fields extends object>(place: Place, value: object, shapes: Shapes): Fields {
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(shapes, name)) continue;
    throw mistake(place, name, 'is not one that is known', `There are ${Object.keys(shapes).join(', ')}.`);
  }
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(shapes)) {
    const field: unknown = Reflect.get(value, name);
    if (field !== undefined) given[name] = checkValue(place, name, field, shapes[name]!);
  }
  // The parser's own word for it: each field has been held against its shape.
  return given as Fields;
}

/** The value itself, if it has the shape. */
export function checkValue(place: Place, name: string, value: unknown, { wanted, fits }: Shape): unknown {
  if (!fits(value)) throw mistake(place, name, `cannot be ${renderValue(value)}`, `Give ${wanted}.`);
  return value;
}

export function mistake({ kind, prefix }: Place, name: string, problem: string, nextStep: string): ReplicaError {
  const code = kind === 'option' ? 'badOption' : 'badArgument';
  return new ReplicaError('input', code, `The ${kind} ${prefix}${name} ${problem}.`, nextStep);
}

const shownMax = 60;

/** Short, and without running anything of the value's own. */
export function renderValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, shownMax));
  if (typeof value === 'bigint') return renderBigInt(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : String(value);
}

/** Digits of huge ones would take minutes. */
function renderBigInt(value: bigint): string {
  return BigInt.asIntN(128, value) === value ? `${value}n` : 'so huge a bigint';
}
