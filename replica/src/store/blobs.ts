// Content-addressed big inputs, one file each, named by SHA-256. A file gets its name only when its bytes are on the disk,
// so a name is a promise; the bytes are checked against the name at every read.

import { createHash } from 'node:crypto';
import { assert } from '@tamc/base/assert';
import type { Disk } from './disk.ts';
import { encodeHeader, headerBytes, parseHeader } from './file-header.ts';
import { blobName, unfinishedName } from './file-names.ts';
import { StoreError } from './store-error.ts';

export interface Blobs {
  /** The hash. The bytes are copied. */
  put(bytes: Uint8Array): string;
  read(hash: string): Uint8Array;
  has(hash: string): boolean;
  /** What was put so far is on the disk when this resolves. */
  flush(): Promise<void>;
  sizeBytes(): number;
}

export function createBlobs(disk: Disk, stored: ReadonlySet<string>): Blobs {
  const durable = new Set(stored);
  const waiting = new Map<string, Uint8Array>();
  return {
    put(bytes) {
      const hash = hashOf(bytes);
      if (!durable.has(hash) && !waiting.has(hash)) waiting.set(hash, bytes.slice());
      return hash;
    },
    read: (hash) => waiting.get(hash) ?? readBlob(disk, hash),
    has: (hash) => waiting.has(hash) || durable.has(hash),
    async flush() {
      const batch = [...waiting];
      if (batch.length === 0) return;
      for (let at = 0; at < batch.length; at += parallelWrites)
        await writeBlobs(disk, batch.slice(at, at + parallelWrites));
      await disk.syncDirectory();
      for (const [hash] of batch) {
        durable.add(hash);
        waiting.delete(hash);
      }
    },
    sizeBytes: () => [...durable].reduce((sum, hash) => sum + disk.sizeOf(blobName(hash)), 0),
  };
}

/** As many as the thread pool takes, at four threads, without leaving it idle: more would only hold more files open. */
const parallelWrites = 8;

async function writeBlobs(disk: Disk, blobs: ReadonlyArray<readonly [string, Uint8Array]>): Promise<void> {
  const results = await Promise.allSettled(blobs.map(([hash, bytes]) => writeBlob(disk, hash, bytes)));
  // Not before all have ended: nobody may close a file that is being written.
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function writeBlob(disk: Disk, hash: string, bytes: Uint8Array): Promise<void> {
  const name = unfinishedName(blobName(hash));
  const file = await disk.createFile(name);
  await file.writeAt(encodeHeader({ kind: 'blob', salt: disk.freshSalt(), number: 0, previousRound: 0 }), 0);
  await file.writeAt(bytes, headerBytes);
  await file.sync();
  await file.close();
  await disk.rename(name, blobName(hash));
}

function readBlob(disk: Disk, hash: string): Uint8Array {
  assert(/^[0-9a-f]{64}$/.test(hash), `not a hash: ${hash}`);
  const path = disk.pathOf(blobName(hash));
  const bytes = disk.readWhole(blobName(hash));
  const header = parseHeader(bytes.subarray(0, headerBytes), 'blob', path);
  if (!header.ok) throw header.error;
  const content = bytes.subarray(headerBytes);
  if (hashOf(content) !== hash)
    throw new StoreError('fileDamaged', { file: path, detail: 'its content is not what its name says' });
  return content;
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
