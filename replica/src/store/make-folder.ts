// Shell: a folder with all the folders above it. Node's own `recursive` never ends where a folder is there and nothing can
// be made in it (under /proc), and a program that waits for ever says nothing.

import * as fs from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The uppermost folder that was made, or null when all were there. */
export function makeFolder(path: string): string | null {
  const absolute = resolve(path);
  if (isFolder(absolute)) return null;
  const above = dirname(absolute);
  const first = above === absolute ? null : makeFolder(above);
  return makeOne(absolute) ? (first ?? absolute) : first;
}

/** False when somebody else has made it at the same moment. */
function makeOne(path: string): boolean {
  try {
    fs.mkdirSync(path);
    return true;
  } catch (error) {
    if (isFolder(path)) return false;
    throw error;
  }
}

function isFolder(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
