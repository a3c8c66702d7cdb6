// The first 64 bytes of every file of the store, in every version: what it is, which version, its salt, its number.
// A file of another version is upgraded by a row of the table, or refused with a sentence.

import { crc32 } from 'node:zlib';
import { bytesEqual, textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { type DiskFile, readExactly, saltBytes } from './disk.ts';
import { readU64, viewOf, writeU64 } from './integers.ts';
import { StoreError, type StoreErrorFacts } from './store-error.ts';

export const headerBytes = 64;
export const formatVersion = 1;

export type FileKind = 'journal' | 'state' | 'blob';
const magicOf: Record<FileKind, Uint8Array> = {
  journal: textToBytes('TAMCJRNL'),
  state: textToBytes('TAMCSTAT'),
  blob: textToBytes('TAMCBLOB'),
};

/** Rewrites a file of the version that is the key into the next one. Version 1 is the first, so there is none. */
export type Upgrade = (file: DiskFile) => Promise<void>;
export const upgrades: ReadonlyMap<number, Upgrade> = new Map();

export interface FileHeader {
  readonly kind: FileKind;
  readonly salt: Uint8Array;
  /** Segment or generation as in the name; 0 for a blob. */
  readonly number: number;
  /** Journal: the newest round before this segment. Otherwise 0. */
  readonly previousRound: number;
}

/** A header as it was found. */
export interface FoundHeader extends FileHeader {
  /** Journal: the file was on the disk up to here once, or further. 0 where nothing says so. */
  readonly flushedEnd: number;
}

// magic 0–7 · version 8–11 · zeros 12–15 · salt 16–23 · number 24–31 · previous round 32–39 · flushed end 40–47, its CRC
// 48–51 · zeros · CRC 60–63, of the header without the flushed end
export function encodeHeader(header: FileHeader, version = formatVersion): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const view = viewOf(bytes);
  bytes.set(magicOf[header.kind], 0);
  view.setUint32(8, version, true);
  bytes.set(header.salt, 16);
  writeU64(view, 24, header.number);
  writeU64(view, 32, header.previousRound);
  view.setUint32(60, headerCrc(bytes), true);
  return bytes;
}

export const flushedEndOffset = 40;
const flushedEndBytes = 12;

/** The only part of a header that is written again. It has a checksum of its own, so that a torn write of it spoils
 * nothing but itself. */
export function encodeFlushedEnd(end: number, salt: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(flushedEndBytes);
  const view = viewOf(bytes);
  writeU64(view, 0, end);
  view.setUint32(8, crc32(bytes.subarray(0, 8), crc32(salt)), true);
  return bytes;
}

function parseFlushedEnd(header: Uint8Array, salt: Uint8Array): number {
  const bytes = header.subarray(flushedEndOffset, flushedEndOffset + flushedEndBytes);
  const end = readU64(viewOf(bytes), 0);
  return !Number.isNaN(end) && bytesEqual(encodeFlushedEnd(end, salt), bytes) ? end : 0;
}

function headerCrc(header: Uint8Array): number {
  return crc32(header.slice(0, 60).fill(0, flushedEndOffset, flushedEndOffset + flushedEndBytes));
}

/** `bytes` is null where the file is too short for a header. */
export function parseHeader(bytes: Uint8Array | null, kind: FileKind, path: string): Result<FoundHeader, StoreError> {
  if (bytes === null || bytes.length < headerBytes)
    return refuseHeader('fileDamaged', path, 'it ends inside its header');
  const view = viewOf(bytes);
  if (!bytesEqual(bytes.subarray(0, 8), magicOf[kind])) return refuseHeader('notOurs', path);
  const version = view.getUint32(8, true);
  if (headerCrc(bytes) !== view.getUint32(60, true)) {
    return refuseHeader('fileDamaged', path, 'its header does not match its checksum');
  }
  if (version > formatVersion) return refuseVersion('newerVersion', path, version);
  if (version < formatVersion && !upgrades.has(version)) return refuseVersion('olderVersion', path, version);
  const salt = bytes.slice(16, 16 + saltBytes);
  const flushedEnd = parseFlushedEnd(bytes, salt);
  return ok({ kind, salt, number: readU64(view, 24), previousRound: readU64(view, 32), flushedEnd });
}

/** The header of a file that must have one, with the number its name says. */
export function readHeader(file: DiskFile, kind: FileKind, number: number, path: string): FoundHeader {
  const header = parseHeader(readExactly(file, 0, headerBytes), kind, path);
  if (!header.ok) throw header.error;
  if (header.value.number !== number) throw refuseHeader('fileDamaged', path, 'it was renamed').error;
  return header.value;
}

type HeaderCode = 'fileDamaged' | 'notOurs' | 'newerVersion' | 'olderVersion';

function refuseVersion(code: HeaderCode, path: string, version: number) {
  return refuseHeader(code, path, `it has format version ${version}, this program writes ${formatVersion}`);
}

function refuseHeader(code: HeaderCode, file: string, detail?: string) {
  const facts: StoreErrorFacts = detail === undefined ? { file, offset: 0 } : { file, offset: 0, detail };
  return refuse(new StoreError(code, facts));
}
