// Shell: a file that grows line by line and stays bounded: when it is full it becomes the older one, of which one is kept.
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export function appendLine(path: string, line: string, bytesMax: number): void {
  mkdirSync(dirname(path), { recursive: true });
  rotate(path, bytesMax);
  appendFileSync(path, `${line}\n`, { mode: 0o600 });
}

/** `audit.jsonl` becomes `audit.jsonl.1`; what had that name goes. */
export function rotate(path: string, bytesMax: number): void {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes >= bytesMax) renameSync(path, `${path}.1`);
}
