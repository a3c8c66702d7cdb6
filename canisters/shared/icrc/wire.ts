// Arguments and answers of the methods that are called all day, in Candid without the library: its decoder takes 5 M instructions
// for a transfer and its encoder 14 M for the answer. Only for messages whose types are exactly those of the method, as clients
// send them; null for any other, and then the library decides.
import { IDL } from '@dfinity/candid';
import { concatBytes } from '@tamc/base/bytes';
import { fieldHash } from '@tamc/protocol/candid-reader';
import { type GivenAccount, keyText } from './account.ts';
import { sizeBytes, toLeb128 } from './value.ts';

type FieldKind = 'account' | 'nat' | 'optionalNat' | 'optionalNat64' | 'optionalBlob';
interface FieldValues {
  account: GivenAccount;
  nat: bigint;
  optionalNat: bigint | null;
  optionalNat64: bigint | null;
  optionalBlob: Uint8Array | null;
}
type Fields = Readonly<Record<string, FieldKind>>;
export type ReadArgument<F extends Fields> = { readonly [N in keyof F]: FieldValues[F[N]] };

class Unusual extends Error {}

/** Digits of a number cost the square of their count; an argument of 4 KiB holds no more, and rules refuse them by name. */
const numberBytesMax = 4_096;
/** Clients write their types in a few different orders. */
const headersMax = 16;
/** Types of these methods nest four deep, in tables of some ten. */
const depthMax = 6;
const typesMax = 40;

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

export function createArgumentReader<const F extends Fields>(fields: F): (bytes: Uint8Array) => ReadArgument<F> | null {
  const ordered = Object.entries<FieldKind>(fields).sort(([a], [b]) => fieldHash(a) - fieldHash(b));
  const wanted = signatureOf(ordered);
  const known: { readonly text: string; readonly length: number }[] = [];
  const valueStart = (bytes: Uint8Array): number => {
    for (let i = 0; i < known.length; i++) {
      const { text, length } = known[i]!;
      if (keyText(bytes.subarray(0, length)) === text) return length;
    }
    const cursor = { bytes, at: 0 };
    if (readSignature(cursor) !== wanted) throw new Unusual();
    if (known.length < headersMax) known.push({ text: keyText(bytes.subarray(0, cursor.at)), length: cursor.at });
    return cursor.at;
  };
  return (bytes) => {
    try {
      const cursor = { bytes, at: valueStart(bytes) };
      const read: Record<string, unknown> = {};
      for (let i = 0; i < ordered.length; i++) {
        const [name, kind] = ordered[i]!;
        read[name] = readField(cursor, kind);
      }
      return cursor.at === bytes.length ? (read as ReadArgument<F>) : null;
    } catch (error) {
      if (error instanceof Unusual) return null;
      throw error;
    }
  };
}

const codes = { nat: -3, nat8: -5, nat64: -8, principal: -24, opt: -18, vec: -19, record: -20 } as const;
const blobSignature = `(${codes.vec} ${codes.nat8})`;
const kindSignatures: Readonly<Record<FieldKind, string>> = {
  account: recordSignature([
    ['owner', `${codes.principal}`],
    ['subaccount', `(${codes.opt} ${blobSignature})`],
  ]),
  nat: `${codes.nat}`,
  optionalNat: `(${codes.opt} ${codes.nat})`,
  optionalNat64: `(${codes.opt} ${codes.nat64})`,
  optionalBlob: `(${codes.opt} ${blobSignature})`,
};

function signatureOf(ordered: readonly (readonly [string, FieldKind])[]): string {
  return recordSignature(ordered.map(([name, kind]) => [name, kindSignatures[kind]]));
}

function recordSignature(fields: readonly (readonly [name: string, signature: string])[]): string {
  const hashed = fields.map(([name, signature]) => [fieldHash(name), signature] as const);
  return `(${codes.record} ${hashed
    .sort(([a], [b]) => a - b)
    .map(([hash, text]) => `${hash}:${text}`)
    .join(' ')})`;
}

type Row = readonly [code: number, of: readonly (readonly [label: number, type: number])[]];

/** Of the only argument; the cursor stands behind the types afterwards. */
function readSignature(cursor: Cursor): string {
  for (const letter of [0x44, 0x49, 0x44, 0x4c]) if (readByte(cursor) !== letter) throw new Unusual();
  const count = readSmall(cursor);
  if (count > typesMax) throw new Unusual();
  const rows = Array.from({ length: count }, () => readRow(cursor));
  if (readSmall(cursor) !== 1) throw new Unusual();
  return signature(rows, readType(cursor), 0);
}

function readRow(cursor: Cursor): Row {
  const code = readType(cursor);
  if (code === codes.opt || code === codes.vec) return [code, [[0, readType(cursor)]]];
  if (code !== codes.record) throw new Unusual();
  const count = readSmall(cursor);
  if (count > typesMax) throw new Unusual();
  return [code, Array.from({ length: count }, () => [readSmall(cursor), readType(cursor)] as const)];
}

function signature(rows: readonly Row[], type: number, depth: number): string {
  if (type < 0) return `${type}`;
  const row = rows[type];
  if (row === undefined || depth > depthMax) throw new Unusual();
  const [code, of] = row;
  const inner = of.map(([label, item]) => {
    const text = signature(rows, item, depth + 1);
    return code === codes.record ? `${label}:${text}` : text;
  });
  return `(${code} ${inner.join(' ')})`;
}

function readByte(cursor: Cursor): number {
  if (cursor.at >= cursor.bytes.length) throw new Unusual();
  return cursor.bytes[cursor.at++]!;
}

/** Lengths and labels: below 2^35. */
function readSmall(cursor: Cursor): number {
  let value = 0;
  for (let i = 0, scale = 1; i < 5; i++, scale *= 128) {
    const byte = readByte(cursor);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  throw new Unusual();
}

/** Signed: the codes that we know and small places in the table take one byte. */
function readType(cursor: Cursor): number {
  const byte = readByte(cursor);
  if (byte >= 0x80) throw new Unusual();
  return byte >= 0x40 ? byte - 0x80 : byte;
}

function readField(cursor: Cursor, kind: FieldKind): unknown {
  if (kind === 'nat') return readNat(cursor);
  if (kind === 'account') return readAccount(cursor);
  const flag = readByte(cursor);
  if (flag > 1) throw new Unusual();
  if (flag === 0) return null;
  if (kind === 'optionalNat') return readNat(cursor);
  return kind === 'optionalBlob' ? readBlob(cursor) : readNat64(cursor);
}

const accountOrder = fieldHash('owner') < fieldHash('subaccount');

function readAccount(cursor: Cursor): GivenAccount {
  const early = accountOrder ? null : readField(cursor, 'optionalBlob');
  if (readByte(cursor) !== 1) throw new Unusual();
  const owner = readBlob(cursor);
  if (owner.length > 29) throw new Unusual();
  const subaccount = accountOrder ? readField(cursor, 'optionalBlob') : early;
  return { owner, subaccount: subaccount as Uint8Array | null };
}

function readBlob(cursor: Cursor): Uint8Array {
  const length = readSmall(cursor);
  if (length > cursor.bytes.length - cursor.at) throw new Unusual();
  cursor.at += length;
  return cursor.bytes.slice(cursor.at - length, cursor.at);
}

/** Seven bytes at a time as plain numbers. */
function readNat(cursor: Cursor): bigint {
  let total = 0n;
  for (let read = 0; read < numberBytesMax; read += 7) {
    let [chunk, scale] = [0, 1];
    for (let i = 0; i < 7; i++, scale *= 128) {
      const byte = readByte(cursor);
      chunk += (byte & 0x7f) * scale;
      if (byte < 0x80) return read === 0 ? BigInt(chunk) : total + (BigInt(chunk) << BigInt(7 * read));
    }
    total += BigInt(chunk) << BigInt(7 * read);
  }
  throw new Unusual();
}

function readNat64(cursor: Cursor): bigint {
  const { bytes, at } = cursor;
  if (bytes.length - at < 8) throw new Unusual();
  cursor.at += 8;
  return new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigUint64(0, true);
}

/** Writes `variant { Ok : nat; Err : … }`: the types are the same every time, and `Ok` is its tag and a number. */
export function createResultWriter<E>(type: IDL.Type): (result: { Ok: bigint } | { Err: E }) => Uint8Array {
  const sample = new Uint8Array(IDL.encode([type], [{ Ok: 0n }]));
  const start = sample.slice(0, -1);
  return (result) => {
    if ('Ok' in result) return concatBytes(start, toLeb128(result.Ok));
    return concatBytes(start.slice(0, -1), new Uint8Array(type.encodeValue(result)));
  };
}

export interface WrittenBlock {
  readonly index: number;
  readonly candid: Uint8Array;
}

const inOrder = (...names: readonly string[]) => [...names].sort((a, b) => fieldHash(a) - fieldHash(b));
const blockOrder = inOrder('id', 'block');

function blockList(blocks: readonly WrittenBlock[]): Uint8Array[] {
  const parts = [sizeBytes(blocks.length)];
  for (const { index, candid } of blocks) {
    for (const name of blockOrder) parts.push(name === 'id' ? toLeb128(BigInt(index)) : candid);
  }
  return parts;
}

/** Writes a record that holds a list of `record { id; block }`: blocks are kept as they are served. */
export function createBlocksWriter<const N extends string>(
  type: IDL.Type,
  empty: Readonly<Record<string, unknown>>,
  blocksField: N,
) {
  const order = inOrder(...Object.keys(empty));
  const sample = new Uint8Array(IDL.encode([type], [empty]));
  // Each field of the empty answer takes one byte.
  const types = sample.slice(0, -order.length);
  return (blocks: readonly WrittenBlock[], others: Readonly<Record<string, Uint8Array>>): Uint8Array => {
    const parts = order.flatMap((name) => (name === blocksField ? blockList(blocks) : [others[name]!]));
    return concatBytes(types, ...parts);
  };
}
