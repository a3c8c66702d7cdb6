// Reads the fields of a CBOR map against what the CDDL of the interface says. Throws Malformed with a text that names
// the field, what was expected and what came; parseEnvelope is the door that turns it into a refusal.
import { type CborMap, type CborValue, isCborArray, isCborMap } from '../codec/cbor.ts';
import { malformed } from '../codec/malformed.ts';
import { type Principal, parsePrincipalBytes } from '../codec/principal.ts';

const nat64Max = (1n << 64n) - 1n;

/** A map whose fields are all known. Null is how some clients write an optional field that is not there. */
export function openMap(value: CborValue | undefined, where: string, names: readonly string[]): CborMap {
  if (!isCborMap(value)) return expected(where, 'a map', value);
  for (const name of value.keys()) {
    // What a stranger calls a field is not repeated at length.
    if (!names.includes(name)) malformed(`${where} has the unknown field "${name.slice(0, 40)}": leave it out`);
  }
  return value;
}

export function readBlob(value: CborValue | undefined, where: string): Uint8Array {
  return value instanceof Uint8Array ? value : expected(where, 'a byte string', value);
}

export function readText(value: CborValue | undefined, where: string): string {
  return typeof value === 'string' ? value : expected(where, 'text', value);
}

/** A timestamp: nanoseconds since 1970, 64 bits. */
export function readTimestamp(value: CborValue | undefined, where: string): bigint {
  const description = 'a natural number below 2^64 (nanoseconds since 1970)';
  if (typeof value !== 'number' && typeof value !== 'bigint') return expected(where, description, value);
  const timestamp = BigInt(value);
  return timestamp >= 0n && timestamp <= nat64Max ? timestamp : expected(where, description, value);
}

export function readPrincipal(value: CborValue | undefined, where: string): Principal {
  return (
    parsePrincipalBytes(readBlob(value, where)) ?? malformed(`${where} is longer than the 29 bytes of a principal`)
  );
}

export function readList(value: CborValue | undefined, where: string, countMax: number): readonly CborValue[] {
  if (!isCborArray(value)) return expected(where, 'an array', value);
  if (value.length > countMax) malformed(`${where} has ${value.length} elements; at most ${countMax} are allowed`);
  return value;
}

export function readOptional<T>(
  value: CborValue | undefined,
  where: string,
  read: (value: CborValue, where: string) => T,
): T | null {
  return value === undefined || value === null ? null : read(value, where);
}

function expected(where: string, description: string, value: CborValue | undefined): never {
  if (value === undefined || value === null) return malformed(`${where} is missing: it must be ${description}`);
  return malformed(`${where} must be ${description}, not ${describe(value)}`);
}

function describe(value: CborValue): string {
  if (typeof value === 'number' || typeof value === 'bigint') return value < 0 ? 'a negative number' : 'a number';
  if (typeof value === 'string') return 'text';
  if (value instanceof Uint8Array) return 'a byte string';
  if (isCborMap(value)) return 'a map';
  return isCborArray(value) ? 'an array' : 'a simple value';
}
