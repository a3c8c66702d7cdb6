// The codecs that others are made of. Numbers that are money or time are decimal text, bytes are hexadecimal text, a record is
// a JSON array in the order of its declaration: a field may be added later only at the end, and with a default.
import { assert } from './assert.ts';
import { type Codec, CodecError, type FieldShape, type Json, type Shape, type ValueOf } from './shape.ts';
import { bytesToHexQuickly, parseHexQuickly } from './utf8.ts';

/** Digits of a big integer; 2^256 has 78. Turning digits into a number costs the square of their count. */
const digitsMax = 100;

const isNat = /^(?:0|[1-9][0-9]*)$/;
const isInt = /^(?:0|-?[1-9][0-9]*)$/;

function bigintCodec(shape: 'nat' | 'int', pattern: RegExp): Codec<bigint> {
  return {
    shape,
    toJson: (value) => {
      const digits = value.toString();
      assert(digits.length <= digitsMax && pattern.test(digits), `${digits} is no ${shape}`);
      return digits;
    },
    fromJson: (json) => {
      if (typeof json !== 'string' || json.length > digitsMax || !pattern.test(json)) throw unlike(shape, json);
      return BigInt(json);
    },
  };
}

/** A big integer from zero on. */
export const nat: Codec<bigint> = bigintCodec('nat', isNat);
export const int: Codec<bigint> = bigintCodec('int', isInt);

/** A safe integer as a JavaScript number: how many, the number of a thing, parts per million. */
export const count: Codec<number> = {
  shape: 'count',
  toJson: (value) => {
    assert(Number.isSafeInteger(value), `${value} is no safe integer`);
    return value;
  },
  fromJson: (json) => {
    if (!Number.isSafeInteger(json)) throw unlike('count', json);
    return json as number;
  },
};

/** Text under a branded type; what the brand promises is checked where the value comes in. */
export function textAs<T extends string>(isValid: (text: string) => boolean = () => true): Codec<T> {
  return {
    shape: 'text',
    toJson: (value) => value,
    fromJson: (json) => {
      if (typeof json !== 'string' || !isValid(json)) throw unlike('text', json);
      return json as T;
    },
  };
}

export const text: Codec<string> = textAs<string>();

export const flag: Codec<boolean> = {
  shape: 'flag',
  toJson: (value) => value,
  fromJson: (json) => {
    if (typeof json !== 'boolean') throw unlike('flag', json);
    return json;
  },
};

export const bytes: Codec<Uint8Array> = {
  shape: 'bytes',
  toJson: bytesToHexQuickly,
  fromJson: (json) => {
    const parsed = typeof json === 'string' ? parseHexQuickly(json) : null;
    if (parsed === null) throw unlike('bytes', json);
    return parsed;
  },
};

/** A value that is bytes and stays so, as the whole value of a table: no JSON around it. Inside of others it is `bytes`. */
export const raw: Codec<Uint8Array> = {
  ...bytes,
  shape: 'raw',
  direct: { toBytes: (value) => value, fromBytes: (value) => value },
};

/** One of a few words. */
export function choice<const T extends string>(...words: readonly T[]): Codec<T> {
  const known = new Set<unknown>(words);
  return {
    shape: { choice: words },
    toJson: (value) => value,
    fromJson: (json) => {
      if (!known.has(json)) throw unlike(`one of ${words.join(', ')}`, json);
      return json as T;
    },
  };
}

export function optional<T>(codec: Codec<T>): Codec<T | null> {
  const isNested = typeof codec.shape === 'object' && 'optional' in codec.shape;
  assert(!isNested, 'an optional optional cannot say which of the two is missing');
  return {
    shape: { optional: codec.shape },
    toJson: (value) => (value === null ? null : codec.toJson(value)),
    fromJson: (json) => (json === null ? null : codec.fromJson(json)),
  };
}

export function list<T>(codec: Codec<T>): Codec<readonly T[]> {
  return {
    shape: { list: codec.shape },
    toJson: (values) => values.map((value) => codec.toJson(value)),
    fromJson: (json) => jsonToList(json).map((item) => codec.fromJson(item)),
  };
}

type Codecs = Readonly<Record<string, Codec<unknown>>>;

/** A few values of different types in a fixed order. */
export function tuple<const C extends readonly Codec<unknown>[]>(
  ...codecs: C
): Codec<{ readonly [I in keyof C]: ValueOf<C[I]> }> {
  type Value = { readonly [I in keyof C]: ValueOf<C[I]> };
  return {
    shape: { tuple: codecs.map(({ shape }) => shape) },
    toJson: (values) => codecs.map((codec, i) => codec.toJson(values[i])),
    fromJson: (json) => {
      const items = jsonToList(json);
      if (items.length !== codecs.length) throw unlike(`${codecs.length} values`, json);
      return codecs.map((codec, i) => codec.fromJson(items[i]!)) as unknown as Value;
    },
  };
}

interface Added<T> extends Codec<T> {
  readonly added: { readonly default: T };
}

/** A field that older bytes do not have: only at the end of a record. */
export function added<T>(codec: Codec<T>, value: T): Codec<T> {
  const field: Added<T> = { ...codec, added: { default: value } };
  return field;
}

const isAdded = (codec: Codec<unknown>): codec is Added<unknown> => 'added' in codec;

export function record<const F extends Codecs>(fields: F): Codec<{ readonly [K in keyof F]: ValueOf<F[K]> }> {
  type Value = { readonly [K in keyof F]: ValueOf<F[K]> };
  const names = Object.keys(fields);
  const codecs = Object.values(fields);
  const firstAdded = codecs.findIndex(isAdded);
  const neededCount = firstAdded < 0 ? codecs.length : firstAdded;
  assert(codecs.slice(neededCount).every(isAdded), 'fields are added only at the end of a record');
  const shapes = names.map((name, i): FieldShape => {
    return { name, shape: codecs[i]!.shape, isAdded: i >= neededCount };
  });
  return {
    shape: { record: shapes },
    toJson: (value) => codecs.map((codec, i) => codec.toJson(value[names[i]!])),
    fromJson: (json) => {
      const items = jsonToList(json);
      if (items.length < neededCount || items.length > codecs.length) throw unlike(`${names.length} fields`, json);
      const value: Record<string, unknown> = {};
      for (let i = 0; i < codecs.length; i++) {
        value[names[i]!] =
          i < items.length ? codecs[i]!.fromJson(items[i]!) : (codecs[i] as Added<unknown>).added.default;
      }
      return value as Value;
    },
  };
}

type VariantValue<R extends Codecs> = { [K in keyof R & string]: { readonly kind: K } & ValueOf<R[K]> }[keyof R &
  string];

/** A tagged union: `{ kind: 'paid', amount }`, written `["paid", [amount]]`. New kinds may be added anywhere. */
export function variant<const R extends Codecs>(records: R): Codec<VariantValue<R>> {
  const known = new Map<unknown, Codec<unknown>>(Object.entries(records));
  const shapes = Object.entries(records).map(([kind, { shape }]): { kind: string; shape: Shape } => ({ kind, shape }));
  return {
    shape: { variant: shapes },
    toJson: (value) => [value.kind, records[value.kind]!.toJson(value)],
    fromJson: (json) => {
      const [kind, fields, ...more] = jsonToList(json);
      const codec = known.get(kind);
      if (codec === undefined || fields === undefined || more.length > 0)
        throw unlike(`one of ${[...known.keys()].join(', ')}`, json);
      return { kind, ...(codec.fromJson(fields) as object) } as VariantValue<R>;
    },
  };
}

function jsonToList(json: Json): readonly Json[] {
  if (!Array.isArray(json)) throw unlike('list', json);
  return json as readonly Json[];
}

/** What was expected and the start of what came; a stranger's text is not repeated at length. */
function unlike(expected: string, json: Json): CodecError {
  return new CodecError(`expected ${expected}, got ${(JSON.stringify(json) ?? 'nothing').slice(0, 60)}`);
}
