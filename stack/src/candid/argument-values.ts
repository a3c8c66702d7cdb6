// Turns words of a command line into Candid values, and answers into text or JSON. A text, number, bool or principal is
// written as it is; anything with parts is written as JSON: `{"name": "Ana", "age": 3}`, `["a", "b"]`, `{"Ok": null}`.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';

export function parseArgumentValues(types: readonly IDL.Type[], words: readonly string[]): Result<unknown[], string> {
  const required = types.filter((type) => !(type instanceof IDL.OptClass)).length;
  if (words.length > types.length || words.length < required) {
    return refuse(
      `takes ${types.length} arguments (${types.map((type) => type.display()).join(', ')}), not ${words.length}`,
    );
  }
  const values: unknown[] = [];
  for (const [i, type] of types.entries()) {
    const word = words[i];
    const value = word === undefined ? ok([]) : wordToValue(type, word);
    if (!value.ok) return refuse(`argument ${i + 1}: ${value.error}`);
    values.push(value.value);
  }
  return ok(values);
}

function wordToValue(type: IDL.Type, word: string): Result<unknown, string> {
  if (type instanceof IDL.TextClass) return ok(word);
  if (isWhole(type) || type instanceof IDL.PrincipalClass) return jsonToValue(type, word);
  try {
    return jsonToValue(type, JSON.parse(word));
  } catch {
    return refuse(`${type.display()} is written as JSON, and ${JSON.stringify(word)} is not JSON`);
  }
}

function isWhole(type: IDL.Type): boolean {
  const kinds = [IDL.NatClass, IDL.IntClass, IDL.FixedNatClass, IDL.FixedIntClass];
  return kinds.some((kind) => type instanceof kind);
}

export function jsonToValue(type: IDL.Type, json: unknown): Result<unknown, string> {
  const wrong = refuse(`${JSON.stringify(json)} is not ${type.display()}`);
  if (type instanceof IDL.RecClass) return jsonToValue(type.getType() ?? IDL.Empty, json);
  if (type instanceof IDL.TextClass) return typeof json === 'string' ? ok(json) : wrong;
  if (type instanceof IDL.BoolClass) return typeof json === 'boolean' ? ok(json) : wrong;
  if (type instanceof IDL.FloatClass) return typeof json === 'number' ? ok(json) : wrong;
  if (type instanceof IDL.NullClass || type instanceof IDL.ReservedClass) return ok(null);
  if (isWhole(type)) return wholeToValue(type, json) ?? wrong;
  if (type instanceof IDL.PrincipalClass) return principalToValue(json) ?? wrong;
  if (type instanceof IDL.OptClass) return optionToValue(type, json);
  if (type instanceof IDL.VecClass) return vectorToValue(type, json) ?? wrong;
  if (type instanceof IDL.TupleClass) return tupleToValue(type, json) ?? wrong;
  if (type instanceof IDL.RecordClass) return recordToValue(type, json) ?? wrong;
  if (type instanceof IDL.VariantClass) return variantToValue(type, json) ?? wrong;
  return refuse(`${type.display()} cannot be written on a command line`);
}

type Found = Result<unknown, string> | null;

function wholeToValue(type: IDL.Type, json: unknown): Found {
  if (typeof json !== 'string' && typeof json !== 'number') return null;
  if (!/^-?\d+$/.test(String(json))) return null;
  // The library takes the small fixed widths as numbers and the others as bigint.
  const isSmall = (type instanceof IDL.FixedNatClass || type instanceof IDL.FixedIntClass) && type._bits <= 32;
  const value = isSmall ? Number(json) : BigInt(json);
  return isCovered(type, value) ? ok(value) : null;
}

function isCovered(type: IDL.Type, value: unknown): boolean {
  try {
    return type.covariant(value);
  } catch {
    return false;
  }
}

function principalToValue(json: unknown): Found {
  try {
    return typeof json === 'string' ? ok(Principal.fromText(json)) : null;
  } catch {
    return null;
  }
}

function optionToValue(type: IDL.OptClass<unknown>, json: unknown): Result<unknown, string> {
  if (json === null) return ok([]);
  const inner = jsonToValue(type._type, json);
  return inner.ok ? ok([inner.value]) : inner;
}

function vectorToValue(type: IDL.VecClass<unknown>, json: unknown): Found {
  const isBlob = type._type instanceof IDL.FixedNatClass && type._type._bits === 8;
  if (isBlob && typeof json === 'string') {
    const bytes = parseHex(json);
    return bytes === null ? refuse('bytes are written as hexadecimal digits') : ok(bytes);
  }
  return Array.isArray(json) ? collect(json.map((item) => jsonToValue(type._type, item))) : null;
}

function tupleToValue(type: IDL.TupleClass<unknown[]>, json: unknown): Found {
  if (!Array.isArray(json) || json.length !== type._fields.length) return null;
  return collect(type._fields.map(([, item], i) => jsonToValue(item, json[i])));
}

function recordToValue(type: IDL.RecordClass, json: unknown): Found {
  if (!isObject(json)) return null;
  const extra = Object.keys(json).find((key) => !type._fields.some(([name]) => name === key));
  if (extra !== undefined) return refuse(`there is no field "${extra}" in ${type.display()}`);
  const values = collect(type._fields.map(([name, item]) => jsonToValue(item, json[name] ?? null)));
  return values.ok ? ok(Object.fromEntries(type._fields.map(([name], i) => [name, values.value[i]]))) : values;
}

function variantToValue(type: IDL.VariantClass, json: unknown): Found {
  const [key, content] =
    typeof json === 'string' ? [json, null] : isObject(json) ? (Object.entries(json)[0] ?? []) : [];
  const field = type._fields.find(([name]) => name === key);
  if (key === undefined || field === undefined) return null;
  const value = jsonToValue(field[1], content);
  return value.ok ? ok({ [key]: value.value }) : value;
}

function collect(results: readonly Result<unknown, string>[]): Result<unknown[], string> {
  const values: unknown[] = [];
  for (const result of results) {
    if (!result.ok) return result;
    values.push(result.value);
  }
  return ok(values);
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Candid's own text form. */
export function renderValues(types: readonly IDL.Type[], values: readonly unknown[]): string {
  return `(${types.map((type, i) => type.valueToString(values[i])).join(', ')})`;
}

/** Whole numbers become strings, because JSON readers would round large ones; bytes become hexadecimal digits. */
export function valueToJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Principal) return value.toText();
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number | bigint>, valueToJson);
  if (Array.isArray(value)) return value.map(valueToJson);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, valueToJson(item)]));
  return value;
}
