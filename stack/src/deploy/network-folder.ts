// What `tamc start` leaves on disk beside the replica's store, so that other commands find the replica, its canisters by
// name, and the key of the person who works here.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { createIdentity, type Ed25519KeyIdentity, identityFromSeed, seedOf } from '@tamc/client';
import { findRoot } from '../root.ts';

export interface NetworkFolder {
  readonly store: string;
  running(): Running | null;
  setRunning(running: Running | null): void;
  canisters(): Readonly<Record<string, string>>;
  setCanister(name: string, id: string): void;
  identity(): Ed25519KeyIdentity;
}

/** The process that owns the store now. */
export interface Running {
  readonly url: string;
  readonly page: string;
  readonly pid: number;
}

export function defaultNetworkPath(): string {
  return join(findRoot(), '.tamc', 'start');
}

export function openNetworkFolder(path: string): NetworkFolder {
  const file = (name: string) => join(path, name);
  const write = (name: string, content: unknown, mode = 0o644) => {
    mkdirSync(path, { recursive: true });
    writeFileSync(file(name), `${JSON.stringify(content, null, 2)}\n`, { mode });
  };
  const canisters = () => readJson<Record<string, string>>(file('canisters.json')) ?? {};
  return {
    store: file('replica'),
    canisters,
    running: () => {
      const running = readJson<Running>(file('running.json'));
      return running !== null && isAlive(running.pid) ? running : null;
    },
    setRunning: (running) => write('running.json', running),
    setCanister: (name, id) => write('canisters.json', { ...canisters(), [name]: id }),
    identity: () => {
      const seed = parseHex(readJson<{ seed: string }>(file('identity.json'))?.seed ?? '');
      if (seed !== null && seed.length > 0) return identityFromSeed(seed);
      const made = createIdentity();
      // Only its owner may read a key.
      write('identity.json', { seed: bytesToHex(seedOf(made)) }, 0o600);
      return made;
    },
  };
}

function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
