// Shell: a file that grows line by line and stays bounded: when it is full it becomes the older one, of which one is kept.
import { appendFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../make-folder.ts';

export function appendLine(path: string, line: string, bytesMax: number): void {
  makeFolder(dirname(path));
  rotate(path, bytesMax);
  appendFileSync(path, `${line}\n`, { mode: 0o600 });
}

/** `start.log` becomes `start.log.1`; what had that name goes. */
function rotate(path: string, bytesMax: number): void {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes >= bytesMax) renameSync(path, `${path}.1`);
}
