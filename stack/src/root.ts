// Finds the checkout this program belongs to, whether it runs from source or as a bundle somewhere below the root.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assert } from '@tamc/base/assert';

let found: string | null = null;

export function findRoot(): string {
  found ??= searchUpwards(import.meta.dirname);
  return found;
}

function searchUpwards(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'tamc-workspace') return folder;
  const parent = dirname(folder);
  assert(parent !== folder, 'this program does not lie in a checkout of the workspace');
  return searchUpwards(parent);
}
