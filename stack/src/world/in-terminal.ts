// What a person types in a terminal of their own for the network of one folder. For the usual folder it is short, and works in the
// checkout; for any other it names the program and the folder, and works anywhere.
import { join, resolve } from 'node:path';
import { type InTerminal, withCommands } from '@tamc/mcp-server/terminal-words';
import { defaultNetworkPath } from '../deploy/network-folder.ts';
import { findRoot } from '../root.ts';

/** `words`: what stands after `npx tamc`. */
export function inTerminalOf(folderPath: string): InTerminal {
  if (folderPath === defaultNetworkPath()) return (words) => `npx tamc ${words}`;
  const script = quoted(join(findRoot(), 'stack/bin/tamc.mjs'));
  return (words) => `node ${script} ${words} --store ${quoted(folderPath)}`;
}

/** Connects Claude Code to the network in this folder; it works anywhere. */
export function claudeCommand(folderPath: string): string {
  const script = quoted(join(findRoot(), 'stack/bin/tamc.mjs'));
  const store = folderPath === defaultNetworkPath() ? '' : ` --store ${quoted(folderPath)}`;
  return `claude mcp add tamc -- node ${script} mcp${store}`;
}

/** What our texts tell a person to type, for the network in this folder; left out, for the usual one. */
export function textFor(store: string | undefined, text: string): string {
  const path = store === undefined ? defaultNetworkPath() : resolve(store);
  return path === defaultNetworkPath() ? text : withCommands(text, inTerminalOf(path));
}

/** For a POSIX shell, where it needs it. */
export function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
