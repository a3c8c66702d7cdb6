// Reads Candid that a stranger made, whatever its types, with bounded work: depth and number of values have limits, so that
// things without bytes, of which a few bytes can make billions, end soon. The library's decoder promises neither.
import { parseText } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';

export type CandidValue =
  | null
  | boolean
  | bigint
  | string
  | Uint8Array
  | { readonly kind: 'list'; readonly items: readonly CandidValue[] }
  /** Fields by the hash of their names. */
  | { readonly kind: 'record'; readonly fields: ReadonlyMap<number, CandidValue> }
  | { readonly kind: 'variant'; readonly tag: number; readonly value: CandidValue }
  | { readonly kind: 'principal'; readonly bytes: Uint8Array };

/** Values nest about six deep in the answers that we read. */
const depthMax = 24;
/** Fifty blocks have some 3,000. */
const valuesMax = 20_000;
const typesMax = 200;
/** A variant in a type table has some twenty cases. */
const fieldsMax = 64;
/** Digits cost the square of their count; 2^256 takes 37 bytes. */
const numberBytesMax = 40;

type Type = number | { readonly op: 'opt' | 'vec'; readonly of: number } | FieldsType | { readonly op: 'reference' };
interface FieldsType {
  readonly op: 'record' | 'variant';
  readonly fields: readonly (readonly [label: number, type: number])[];
}

class Malformed extends Error {}

/** The hash by which Candid knows a field. */
export function fieldHash(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 223) + name.charCodeAt(i)) >>> 0;
  return hash;
}

/** The arguments of a message; names are ASCII and at most `bytesMax` bytes are looked at. */
export function readCandid(bytes: Uint8Array, bytesMax: number): Result<readonly CandidValue[], string> {
  if (bytes.length > bytesMax) return refuse(`${bytes.length} bytes, at most ${bytesMax} are read`);
  try {
    return ok(readMessage(createCursor(bytes)));
  } catch (error) {
    if (error instanceof Malformed) return refuse(error.message);
    throw error;
  }
}

type Cursor = ReturnType<typeof createCursor>;

function createCursor(bytes: Uint8Array) {
  let at = 0;
  let values = 0;
  const count = () => {
    if (++values > valuesMax) throw new Malformed('it has too many values');
  };
  const byte = () => {
    if (at >= bytes.length) throw new Malformed('it ends too early');
    return bytes[at++]!;
  };
  const take = (length: number) => {
    if (length > bytes.length - at) throw new Malformed('it ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const leb = (isSigned: boolean): bigint => {
    let [value, shift, last] = [0n, 0n, 0x80];
    for (let read = 0; last & 0x80; read++) {
      if (read >= numberBytesMax) throw new Malformed('a number is too long');
      last = byte();
      value |= BigInt(last & 0x7f) << shift;
      shift += 7n;
    }
    return isSigned && last & 0x40 ? value - (1n << shift) : value;
  };
  const small = (isSigned: boolean, max: number) => {
    const value = leb(isSigned);
    if (value > BigInt(max) || value < -BigInt(max)) throw new Malformed('a number is too large');
    return Number(value);
  };
  return { count, byte, take, leb, small, length: () => small(false, bytes.length), left: () => bytes.length - at };
}

function readMessage(cursor: Cursor): readonly CandidValue[] {
  if (String.fromCharCode(...cursor.take(4)) !== 'DIDL') throw new Malformed('it is not Candid');
  const types = Array.from({ length: bounded(cursor, typesMax) }, () => readType(cursor));
  const wanted = Array.from({ length: bounded(cursor, fieldsMax) }, () => readTypeIndex(cursor));
  return wanted.map((type) => readValue(cursor, types, type, 0));
}

function bounded(cursor: Cursor, max: number): number {
  return cursor.small(false, max);
}

/** Primitive types are negative, others are places in the table. */
function readTypeIndex(cursor: Cursor): number {
  return cursor.small(true, typesMax);
}

function readType(cursor: Cursor): Type {
  const opcode = cursor.small(true, 64);
  if (opcode === -18) return { op: 'opt', of: readTypeIndex(cursor) };
  if (opcode === -19) return { op: 'vec', of: readTypeIndex(cursor) };
  if (opcode === -20 || opcode === -21) {
    const read = () => [cursor.small(false, 0xffffffff), readTypeIndex(cursor)] as const;
    const fields = Array.from({ length: bounded(cursor, fieldsMax) }, read);
    return { op: opcode === -20 ? 'record' : 'variant', fields };
  }
  if (opcode === -22) return readFunctionType(cursor);
  throw new Malformed('a type that no answer has');
}

function readFunctionType(cursor: Cursor): Type {
  for (let list = 0; list < 2; list++) {
    for (let count = bounded(cursor, fieldsMax); count > 0; count--) readTypeIndex(cursor);
  }
  cursor.take(bounded(cursor, fieldsMax));
  return { op: 'reference' };
}

function readValue(cursor: Cursor, types: readonly Type[], index: number, depth: number): CandidValue {
  if (depth > depthMax) throw new Malformed('it is nested too deep');
  cursor.count();
  if (index < 0) return readPrimitive(cursor, index);
  const type = types[index];
  if (type === undefined || typeof type === 'number') throw new Malformed('a type is missing');
  if ('of' in type)
    return type.op === 'opt' ? readOption(cursor, types, type.of, depth) : readList(cursor, types, type.of, depth);
  if (type.op === 'reference') return readReference(cursor);
  if (type.op === 'variant') {
    const field = type.fields[cursor.small(false, fieldsMax)];
    if (field === undefined) throw new Malformed('a case is missing');
    return { kind: 'variant', tag: field[0], value: readValue(cursor, types, field[1], depth + 1) };
  }
  const read = ([label, of]: readonly [number, number]) => [label, readValue(cursor, types, of, depth + 1)] as const;
  return { kind: 'record', fields: new Map(type.fields.map(read)) };
}

function readOption(cursor: Cursor, types: readonly Type[], of: number, depth: number): CandidValue {
  return cursor.byte() === 0 ? null : readValue(cursor, types, of, depth + 1);
}

function readList(cursor: Cursor, types: readonly Type[], of: number, depth: number): CandidValue {
  const length = cursor.small(false, cursor.left());
  if (of === -5) return cursor.take(length).slice();
  return { kind: 'list', items: Array.from({ length }, () => readValue(cursor, types, of, depth + 1)) };
}

/** A principal and, for a function, the name of its method. */
function readReference(cursor: Cursor): CandidValue {
  if (cursor.byte() !== 1) throw new Malformed('an opaque reference');
  const principal = readPrincipal(cursor);
  cursor.take(cursor.length());
  return principal;
}

function readPrincipal(cursor: Cursor): CandidValue {
  if (cursor.byte() !== 1) throw new Malformed('an opaque reference');
  const length = cursor.small(false, 29);
  return { kind: 'principal', bytes: cursor.take(length).slice() };
}

const fixedBytes: Readonly<Record<number, number>> = {
  [-5]: 1,
  [-6]: 2,
  [-7]: 4,
  [-8]: 8,
  [-9]: 1,
  [-10]: 2,
  [-11]: 4,
  [-12]: 8,
};

function readPrimitive(cursor: Cursor, type: number): CandidValue {
  const width = fixedBytes[type];
  if (width !== undefined) return readFixed(cursor.take(width), type <= -9);
  if (type === -1 || type === -16) return null;
  if (type === -2) return cursor.byte() === 1;
  if (type === -3) return cursor.leb(false);
  if (type === -4) return cursor.leb(true);
  if (type === -15) {
    const text = parseText(cursor.take(cursor.length()));
    if (text === null) throw new Malformed('a text is not UTF-8');
    return text;
  }
  if (type === -24) return readPrincipal(cursor);
  throw new Malformed('a type that no answer has');
}

function readFixed(bytes: Uint8Array, isSigned: boolean): bigint {
  const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return isSigned ? BigInt.asIntN(8 * bytes.length, value) : value;
}

/** The field of a record, null when it is none or has none. */
export function fieldOf(value: CandidValue | undefined, name: string): CandidValue {
  if (!isKind(value, 'record')) return null;
  return value.fields.get(fieldHash(name)) ?? null;
}

/** The content of a variant when it has this case, else undefined. */
export function caseOf(value: CandidValue | undefined, name: string): CandidValue | undefined {
  return isKind(value, 'variant') && value.tag === fieldHash(name) ? value.value : undefined;
}

type Kinded = Extract<CandidValue, { kind: string }>;

export function isKind<K extends Kinded['kind']>(
  value: CandidValue | undefined,
  kind: K,
): value is Extract<Kinded, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}
