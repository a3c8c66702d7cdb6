// The audit log: one JSON line per call, appended and flushed before the answer leaves. Nothing in it is secret.
import { closeSync, constants, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AuditEntry } from './world.ts';

export interface AuditFile {
  append(entry: AuditEntry): void;
  close(): void;
}

export function openAuditFile(path: string): AuditFile {
  mkdirSync(dirname(path), { recursive: true });
  // Not through a link: another's file is no log of ours. Where the system has no such flag, there are hardly any links.
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
  const file = openSync(path, flags, 0o600);
  return {
    append: ({ atMs, ...entry }) => {
      writeSync(file, `${JSON.stringify({ at: new Date(atMs).toISOString(), ...entry })}\n`);
      fsyncSync(file);
    },
    close: () => closeSync(file),
  };
}
