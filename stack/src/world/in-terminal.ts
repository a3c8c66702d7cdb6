// What a person types in a terminal of their own for the network of one folder. For the usual folder it is short, and works in the
// checkout; for any other it names the program and the folder, and works anywhere.
import { join } from 'node:path';
import { defaultNetworkPath } from '../deploy/network-folder.ts';
import { findRoot } from '../root.ts';

/** `words`: what stands after `npx tamc`. */
export function inTerminalOf(folderPath: string): (words: string) => string {
  if (folderPath === defaultNetworkPath()) return (words) => `npx tamc ${words}`;
  const script = quoted(join(findRoot(), 'stack/bin/tamc.mjs'));
  return (words) => `node ${script} ${words} --store ${quoted(folderPath)}`;
}

/** For a POSIX shell, where it needs it. */
export function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
