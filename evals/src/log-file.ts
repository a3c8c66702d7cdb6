// Shell (files): a log that only grows. A line is on the disk when the call returns; one that was cut off before stays as it is, and
// the next begins on a line of its own.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Log, type LogLine, parseLog } from './log.ts';

export interface LogFile {
  readonly path: string;
  append(line: LogLine): void;
  close(): void;
}

const name = 'log.jsonl';

export function openLogFile(folder: string): LogFile {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  const isTorn = existsSync(path) && !/(^|\n)$/.test(readFileSync(path, 'utf8'));
  const file = openSync(path, 'a');
  if (isTorn) writeSync(file, '\n');
  return {
    path,
    append: (line) => {
      writeSync(file, `${JSON.stringify(line)}\n`);
      // Calls are many and of use only with their trial.
      if (line.kind !== 'call') fsyncSync(file);
    },
    close: () => closeSync(file),
  };
}

/** Of a folder or of the file itself; null when there is none. */
export function readLogFile(path: string): Log | null {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, name) : path;
  return existsSync(file) ? parseLog(readFileSync(file, 'utf8')) : null;
}

export function hasLog(folder: string): boolean {
  return existsSync(join(folder, name));
}
