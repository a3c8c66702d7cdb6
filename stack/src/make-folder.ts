// Shell: a folder with all the folders above it. Node's own `recursive` never ends where a folder is there and nothing can be made in
// it, as under /proc; here that is an error.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export function makeFolder(path: string, mode = 0o777): void {
  const target = resolve(path);
  const missing: string[] = [];
  for (let at = target; !existsSync(at); at = dirname(at)) missing.unshift(at);
  // Where nothing is missing it may be a file, which making it tells.
  for (const folder of missing.length === 0 ? [target] : missing) makeOne(folder, mode);
}

/** Somebody else may have made it at the same moment. */
function makeOne(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}
