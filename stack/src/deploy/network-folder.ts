// What `tamc start` leaves on disk beside the replica's store, so that other commands find the replica, its canisters by
// name, and the key of the network's own keeper: who deploys, governs the registry and mints simulated money. Not the owner's.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import type { Ed25519KeyIdentity } from '@tamc/client';
import { createIdentity, identityFromSeed, seedOf } from '@tamc/client/identity';
import { parsePrincipal } from '@tamc/protocol/principal';
import { currentProcess, lifeOf, parseProcess, processOf } from '@tamc/replica/process-identity';
import { findRoot } from '../root.ts';
import { createOwnFile, readOwnFile, replaceFile } from '../world/own-files.ts';

export interface NetworkFolder {
  readonly path: string;
  readonly store: string;
  running(): Running | null;
  /** By this process. */
  setRunning(running: Running | null): void;
  /** A process opens the store just now, or installs what it needs for that, and will run or fail. */
  isStarting(): boolean;
  /** `pid`: of another process than this one, which was told to start it. */
  setStarting(isStarting: boolean, pid?: number): void;
  /** Empty only where nothing was written yet: a file that is damaged is said, because what it named would be created again. */
  canisters(): Readonly<Record<string, string>>;
  setCanister(name: string, id: string): void;
  identity(): Ed25519KeyIdentity;
}

/** The process that owns the store now. */
export interface Running {
  readonly url: string;
  readonly page: string;
  /** Where assistants reach it over HTTP. */
  readonly mcp: string;
  readonly pid: number;
}

export const canistersFile = 'canisters.json';

export function defaultNetworkPath(): string {
  return join(findRoot(), '.tamc', 'start');
}

export function openNetworkFolder(path: string): NetworkFolder {
  const file = (name: string) => join(path, name);
  const write = (name: string, content: unknown) => replaceFile(file(name), content, 0o644);
  const canisters = () => readOwnFile(file(canistersFile), 'a list of canisters with their ids', parseIds) ?? {};
  const key = () => readOwnFile(file('identity.json'), "the key of the network's keeper", parseSeed);
  return {
    path,
    store: file('replica'),
    canisters,
    running: () => {
      const content = readJson<unknown>(file('running.json'));
      const running = parseRunning(content);
      return running !== null && isAlive(content) ? running : null;
    },
    setRunning: (running) => write('running.json', running === null ? null : { ...running, ...currentProcess() }),
    isStarting: () => isAlive(readJson<unknown>(file('starting.json'))),
    setStarting: (isStarting, pid = process.pid) =>
      isStarting ? write('starting.json', processOf(pid)) : rmSync(file('starting.json'), { force: true }),
    setCanister: (name, id) => write(canistersFile, { ...canisters(), [name]: id }),
    identity: () => {
      // A damaged one is never made anew: it governs the registry and mints, and may be put back from a copy.
      const known = key();
      if (known !== null) return identityFromSeed(known);
      const made = createIdentity();
      // Another process may have made one since: there is one key, and both use it.
      if (createOwnFile(file('identity.json'), { seed: bytesToHex(seedOf(made)) })) return made;
      return identityFromSeed(key()!);
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

/** Every id holds: one that was cut or misspelt is not told as one that is not there. */
function parseIds(content: unknown): Readonly<Record<string, string>> | null {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return null;
  const entries = Object.entries(content).flatMap(([name, id]: [string, unknown]) =>
    typeof id === 'string' && parsePrincipal(id) !== null ? [[name, id] as const] : [],
  );
  return entries.length === Object.keys(content).length ? Object.fromEntries(entries) : null;
}

function parseSeed(content: unknown): Uint8Array | null {
  const { seed }: { seed?: unknown } = typeof content === 'object' && content !== null ? content : {};
  const bytes = typeof seed === 'string' ? parseHex(seed) : null;
  return bytes?.length === 32 ? bytes : null;
}

function parseRunning(content: unknown): Running | null {
  const fields: Partial<Record<keyof Running, unknown>> =
    typeof content === 'object' && content !== null ? content : {};
  const { url, page, mcp, pid } = fields;
  if (!isUrl(url) || !isUrl(page) || !isUrl(mcp)) return null;
  return typeof pid === 'number' && Number.isInteger(pid) && pid > 0 ? { url, page, mcp, pid } : null;
}

function isUrl(text: unknown): text is string {
  return typeof text === 'string' && URL.canParse(text);
}

/**
 * The process that wrote this: after a loss of power its number may be that of any other. One of another machine or container, whose
 * processes cannot be seen from here, is nowhere that could be reached either.
 */
function isAlive(content: unknown): boolean {
  const written = parseProcess(content);
  return written !== null && lifeOf(written) === 'alive';
}
