// Which version of the command this is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRoot } from '../root.ts';

export function readVersion(): string {
  return JSON.parse(readFileSync(join(findRoot(), 'stack', 'package.json'), 'utf8')).version;
}
