// Shell: files that a command writes into a folder which the person named. The folder is made with those above it; what is in the way
// is told in a sentence.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../make-folder.ts';
import { CommandFailure } from './failure.ts';

/** The paths, in the order of the files. */
export function writeIntoFolder(
  folder: string,
  files: readonly { readonly name: string; readonly content: string | Uint8Array }[],
  option: string,
): string[] {
  try {
    makeFolder(folder);
    return files.map(({ name, content }) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    });
  } catch (error) {
    throw outFailure(error, folder, option) ?? error;
  }
}

const full: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);
const fileInTheWay: ReadonlySet<string> = new Set(['EEXIST', 'ENOTDIR']);

function outFailure(error: unknown, folder: string, option: string): CommandFailure | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  const { code } = error;
  if (fileInTheWay.has(code))
    return new CommandFailure(
      `${folder} is a file, or lies below one; ${option} is a folder.`,
      `Name a folder: ${option} DIR.`,
    );
  if (code === 'EISDIR')
    return new CommandFailure(
      `A folder has the name of a file that is written: ${pathOf(error)}.`,
      `Move it away, or name another folder: ${option} DIR.`,
    );
  if (full.has(code))
    return new CommandFailure(`The disk of ${folder} is full.`, 'Make room and run the same command again.');
  return new CommandFailure(
    `Nothing can be written to ${folder} (${code}).`,
    `Name a folder that you may write to: ${option} DIR.`,
  );
}

function pathOf(error: Error): string {
  return 'path' in error && typeof error.path === 'string' ? error.path : error.message;
}
