// Shell: small JSON files that only their owner may read. A reader sees a whole file or none, also after a loss of power, and what is
// there is never replaced unless that is asked for.
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isRunning } from '@tamc/replica/process-identity';
import { makeFolder } from '../make-folder.ts';

/** A file of ours that cannot be used as it is. It is never made anew by itself: what was in it may be the only copy. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
  readonly nextStep = 'Put it back from a copy, or move it away to begin anew without what was in it.';

  constructor(path: string, wanted: string) {
    super(`${path} is not ${wanted}.`);
  }
}

/** Null when there is none. */
export function readOwnFile<T>(path: string, wanted: string, parse: (content: unknown) => T | null): T | null {
  const text = readText(path);
  if (text === null) return null;
  const parsed = parse(parseJson(text));
  if (parsed === null) throw new DamagedFile(path, wanted);
  return parsed;
}

/** False when there is one already: then nothing was written. */
export function createOwnFile(path: string, content: unknown): boolean {
  const unfinished = writeUnfinished(path, content, ownerOnly);
  try {
    linkSync(unfinished, path);
    flushFolder(path);
    return true;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    return false;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

const ownerOnly = 0o600;

export function replaceOwnFile(path: string, content: unknown): void {
  replaceFile(path, content, ownerOnly);
}

/** For what others may read, with another mode. */
export function replaceFile(path: string, content: unknown, mode: number): void {
  renameSync(writeUnfinished(path, content, mode), path);
  flushFolder(path);
}

function writeUnfinished(path: string, content: unknown, mode: number): string {
  makeFolder(dirname(path), mode === ownerOnly ? 0o700 : 0o777);
  removeLeftovers(dirname(path));
  const unfinished = `${path}.${process.pid}.unfinished`;
  const file = openSync(unfinished, 'w', mode);
  try {
    writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
    // Without it a loss of power can leave the new name with nothing in it.
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  // One that was left over keeps the mode that it had.
  chmodSync(unfinished, mode);
  return unfinished;
}

/** Of processes that were killed while they wrote: nobody will finish them. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, pid] = /\.(\d+)\.unfinished$/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

/** A name is on the disk when its folder is; Windows does not let folders be flushed, and keeps names by itself. */
function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
