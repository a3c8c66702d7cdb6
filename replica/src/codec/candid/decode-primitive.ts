// How values of the primitive types are read, once the type sent is known to be the type asked for.

import { readSignedLeb128, readUnsignedLeb128 } from '../leb128.ts';
import { malformed } from '../malformed.ts';
import { parsePrincipalBytes } from '../principal.ts';
import type { CandidReader } from './reader.ts';
import { readFlag, readPrincipalBytes } from './skip.ts';
import type { PrimitiveName } from './types.ts';
import { readBytes, readText } from './wire.ts';

type PlainName = Exclude<PrimitiveName, 'reserved' | 'empty'>;

export const primitiveReaders: Readonly<Record<PlainName, (reader: CandidReader) => unknown>> = {
  null: () => null,
  bool: readFlag,
  nat: readNat,
  int: readInt,
  nat8: (reader) => readView(reader, 1).getUint8(0),
  nat16: (reader) => readView(reader, 2).getUint16(0, true),
  nat32: (reader) => readView(reader, 4).getUint32(0, true),
  nat64: (reader) => readView(reader, 8).getBigUint64(0, true),
  int8: (reader) => readView(reader, 1).getInt8(0),
  int16: (reader) => readView(reader, 2).getInt16(0, true),
  int32: (reader) => readView(reader, 4).getInt32(0, true),
  int64: (reader) => readView(reader, 8).getBigInt64(0, true),
  float32: (reader) => readView(reader, 4).getFloat32(0, true),
  float64: (reader) => readView(reader, 8).getFloat64(0, true),
  text: (reader) => readText(reader.cursor),
  principal: (reader) => parsePrincipalBytes(readPrincipalBytes(reader)),
};

export function readNat(reader: CandidReader): bigint {
  return readUnsignedLeb128(reader.cursor) ?? malformed('Candid message ends early');
}

function readInt(reader: CandidReader): bigint {
  return readSignedLeb128(reader.cursor) ?? malformed('Candid message ends early');
}

function readView(reader: CandidReader, byteCount: number): DataView {
  const bytes = readBytes(reader.cursor, byteCount);
  return new DataView(bytes.buffer, bytes.byteOffset, byteCount);
}
