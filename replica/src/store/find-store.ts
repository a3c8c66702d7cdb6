// Shell: whether there is a store in a folder, without touching it.

import * as fs from 'node:fs';
import { parseFileNames } from './file-names.ts';
import { createDiskError } from './store-error.ts';

/** Throws a StoreError where the folder may not be read. */
export function holdsStore(directory: string): boolean {
  const { segments, states, blobs } = parseFileNames(namesIn(directory));
  return segments.length + states.length + blobs.size > 0;
}

function namesIn(directory: string): readonly string[] {
  try {
    return fs.readdirSync(directory);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw typeof code === 'string' ? createDiskError(code, 'list', directory) : error;
  }
}
