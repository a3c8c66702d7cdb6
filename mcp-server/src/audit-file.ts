// The audit log: one JSON line per call, appended and flushed before the answer leaves. Nothing in it is secret. A line is there as a
// whole or not at all: what a full disk took half of is taken back.
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { AuditEntry } from './world.ts';

export interface AuditFile {
  append(entry: AuditEntry): void;
  close(): void;
}

export function openAuditFile(path: string): AuditFile {
  mkdirSync(dirname(path), { recursive: true });
  // Not through a link: another's file is no log of ours. Where the system has no such flag, there are hardly any links.
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
  const file = openSync(path, flags, 0o600);
  return {
    append: ({ atMs, ...entry }) => {
      const { size } = fstatSync(file);
      const line = `${JSON.stringify({ at: new Date(atMs).toISOString(), ...entry })}\n`;
      // A line that was torn once, by a power cut or a disk without room, stays by itself.
      writeWhole(file, size, Buffer.from(endsALine(file, size) ? line : `\n${line}`));
      fsyncSync(file);
    },
    close: () => closeSync(file),
  };
}

function endsALine(file: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size === 0 || readSync(file, last, 0, 1, size - 1) === 0 || last.toString() === '\n';
}

/** A disk without room takes a part and says so by its length alone. */
function writeWhole(file: number, size: number, bytes: Uint8Array): void {
  let length = 0;
  try {
    while (length < bytes.length) length += writeSync(file, bytes, length);
  } catch (error) {
    // Not where another process has written behind it meanwhile.
    if (length > 0 && fstatSync(file).size === size + length) ftruncateSync(file, size);
    throw error;
  }
}
