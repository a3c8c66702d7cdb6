// Shell: a file that grows line by line. When it is full it becomes an older one; of those that are bounded one is kept.
import { appendFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../make-folder.ts';

export function appendLine(path: string, line: string, bytesMax: number): void {
  makeFolder(dirname(path));
  rotate(path, bytesMax, `${path}.1`);
  appendFileSync(path, `${line}\n`, { mode: 0o600 });
}

/** What had the older one's name goes. */
export function rotate(path: string, bytesMax: number, older: string): void {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes >= bytesMax) renameSync(path, older);
}
