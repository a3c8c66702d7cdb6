// Shell: whether a network that is started here would have room for what it writes: one that has not dies after some seconds, and
// writes nowhere why.
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Problem } from '@tamc/mcp-server';

/** A first start writes 5 MB of modules, a checkpoint of a town some 10 more. */
export const startBytesMin = 16_000_000;

/** Null: there is room, or nobody can tell. */
export function roomProblem(path: string, freeBytes: (path: string) => number | null = readFreeBytes): Problem | null {
  const free = freeBytes(path);
  return free === null || free >= startBytesMin
    ? null
    : diskFull(`the disk of ${path} is full (${inMB(free)} MB free)`);
}

export function diskFull(what: string): Problem {
  return {
    code: 'DiskFull',
    message: `the network cannot be started: ${what}`,
    nextStep: `Nothing was done. Ask the person to free some space, at least ${inMB(startBytesMin)} MB; then make the same call again.`,
  };
}

const inMB = (bytes: number) => Math.floor(bytes / 1_000_000);

/** For who is not root. The folder itself may be yet to be made. */
function readFreeBytes(path: string): number | null {
  try {
    const { bavail, bsize, blocks } = statfsSync(path);
    // Some file systems tell nothing.
    return blocks === 0 ? null : bavail * bsize;
  } catch {
    const parent = dirname(path);
    return parent === path ? null : readFreeBytes(parent);
  }
}
