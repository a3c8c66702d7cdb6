// Shell: one process owns a store. An owner makes the file `lock-<n+1>`, which only one process can; the greatest number
// counts and is never removed, only followed. So two that race cannot both win, whenever either of them is stopped.

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { ok, type Result, refuse } from '@tamc/base/result';
import { makeFolder } from './make-folder.ts';
import { currentProcess, isThisProcess, lifeOf, type ProcessIdentity, parseProcess } from './process-identity.ts';
import { createDiskError, isStoreError, StoreError } from './store-error.ts';

export interface StoreLock {
  /** Where the owner can be reached: told to whoever is refused. */
  setURL(url: string): void;
  release(): void;
}

export interface LockOwner {
  readonly process: ProcessIdentity;
  readonly url: string | null;
}

/** Makes the directory when it is not there. Call before opening the store. */
export function acquireLock(directory: string): Result<StoreLock, StoreError> {
  try {
    makeFolder(directory);
    return acquire(directory);
  } catch (error) {
    if (isStoreError(error)) return refuse(error);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' || code === 'ENOTDIR') return refuse(new StoreError('notAFolder', { file: directory }));
    // Before there is a lock, nothing of a store can be missing.
    if (code === 'ENOENT') return refuse(new StoreError('noFolder', { file: directory, detail: code }));
    if (typeof code === 'string') return refuse(createDiskError(code, 'lock', directory));
    throw error;
  }
}

/** Who owns the store now, without touching it; null when nobody does. */
export function readLockOwner(directory: string): LockOwner | null {
  const newest = lockNumbers(directory).at(-1);
  if (newest === undefined) return null;
  const content = readLock(lockPath(directory, newest));
  return content.owner !== null && lifeOf(content.owner.process) === 'dead' ? null : content.owner;
}

function acquire(directory: string): Result<StoreLock, StoreError> {
  const newest = lockNumbers(directory).at(-1) ?? 0;
  if (newest > 0) {
    const refusal = refusalBy(lockPath(directory, newest));
    if (refusal !== null) return refuse(refusal);
  }
  const owner: LockOwner = { process: currentProcess(), url: null };
  const number = newest + 1;
  // Lost: somebody else has the number, or, this process having slept meanwhile, a greater one.
  if (!createExclusively(directory, number, owner)) return refuse(lockedBy(directory));
  const numbers = lockNumbers(directory);
  if (numbers.at(-1) !== number) {
    fs.rmSync(lockPath(directory, number), { force: true });
    return refuse(lockedBy(directory));
  }
  for (const old of numbers.slice(0, -1)) fs.rmSync(lockPath(directory, old), { force: true });
  removeDrafts(directory);
  return ok(createLock(directory, number, owner));
}

function createLock(directory: string, number: number, owner: LockOwner): StoreLock {
  let isHeld = true;
  return {
    setURL(url) {
      if (isHeld) replaceLock(directory, number, { ...owner, url });
    },
    release() {
      if (isHeld) giveBack(directory, number);
      isHeld = false;
    },
  };
}

/** Null when the lock's owner gave it back or is dead. */
function refusalBy(path: string): StoreError | null {
  const { owner, isReadable } = readLock(path);
  if (!isReadable) return new StoreError('lockDamaged', { file: path });
  if (owner === null) return null;
  const { pid, host } = owner.process;
  const where = owner.url === null ? '' : ` at ${owner.url}`;
  if (isThisProcess(owner.process)) return new StoreError('heldHere', { file: path, detail: `process ${pid}${where}` });
  switch (lifeOf(owner.process)) {
    case 'dead':
      return null;
    case 'alive':
      return new StoreError('locked', { file: path, detail: `process ${pid}${where}` });
    case 'unknown':
      return new StoreError('locked', {
        file: path,
        detail: `process ${pid} of another machine or container, ${host}${where}`,
        nextStep: removeStep(path),
      });
  }
}

function removeStep(path: string): string {
  return `If you are sure that no process uses the store, remove ${path}.`;
}

function lockedBy(directory: string): StoreError {
  const path = lockPath(directory, lockNumbers(directory).at(-1) ?? 1);
  return refusalBy(path) ?? new StoreError('locked', { file: path, detail: 'it was taken at the same moment' });
}

const draftPrefix = 'lock-draft-';
const lockPath = (directory: string, number: number) => join(directory, `lock-${number}`);

function lockNumbers(directory: string): number[] {
  const matches = fs.readdirSync(directory).map((name) => /^lock-(\d{1,15})$/.exec(name));
  return matches.flatMap((match) => (match === null ? [] : [Number(match[1])])).sort((a, b) => a - b);
}

/** The name appears with its whole content or, when another process has it, not at all. */
function createExclusively(directory: string, number: number, owner: LockOwner): boolean {
  return withDraft(directory, owner, (draft) => {
    try {
      fs.linkSync(draft, lockPath(directory, number));
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      return createWithoutLink(lockPath(directory, number), owner);
    }
  });
}

/** For file systems without hard links: as exclusive, but for a moment there is a name without content. */
function createWithoutLink(path: string, owner: LockOwner): boolean {
  try {
    writeNewFile(path, renderLock(owner));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Synced: a lock without content after a power cut would have to be removed by hand. */
function writeNewFile(path: string, content: string): void {
  const descriptor = fs.openSync(path, 'wx');
  try {
    // All of it, or an error: a full disk may take a part and say nothing.
    fs.writeFileSync(descriptor, content);
    fs.fsyncSync(descriptor);
  } catch (error) {
    fs.rmSync(path, { force: true });
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

function replaceLock(directory: string, number: number, owner: LockOwner | null): void {
  withDraft(directory, owner, (draft) => fs.renameSync(draft, lockPath(directory, number)));
}

/** A full disk has no room for a draft, but what is shorter than before fits where the lock lies already. */
function giveBack(directory: string, number: number): void {
  try {
    replaceLock(directory, number, null);
  } catch {
    const content = Buffer.from(renderLock(null));
    const descriptor = fs.openSync(lockPath(directory, number), 'r+');
    try {
      const written = fs.writeSync(descriptor, content, 0, content.length, 0);
      // What was cut short begins as before: then the dead owner's name stays, and is readable.
      if (written === content.length) fs.ftruncateSync(descriptor, content.length);
    } finally {
      fs.closeSync(descriptor);
    }
  }
}

function withDraft<T>(directory: string, owner: LockOwner | null, use: (draft: string) => T): T {
  const draft = join(directory, `${draftPrefix}${randomBytes(8).toString('hex')}`);
  writeNewFile(draft, renderLock(owner));
  try {
    return use(draft);
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** What crashed processes left. Whoever loses a draft to this has lost the race and finds another way to see it. */
function removeDrafts(directory: string): void {
  for (const name of fs.readdirSync(directory)) {
    if (name.startsWith(draftPrefix)) fs.rmSync(join(directory, name), { force: true });
  }
}

function renderLock(owner: LockOwner | null): string {
  return `${JSON.stringify({ version: 1, owner })}\n`;
}

function readLock(path: string): { readonly owner: LockOwner | null; readonly isReadable: boolean } {
  try {
    return parseLock(JSON.parse(fs.readFileSync(path, 'utf8')));
  } catch {
    return { owner: null, isReadable: false };
  }
}

function parseLock(value: unknown): { readonly owner: LockOwner | null; readonly isReadable: boolean } {
  const owner = field(value, 'owner');
  if (field(value, 'version') !== 1 || owner === undefined) return { owner: null, isReadable: false };
  if (owner === null) return { owner: null, isReadable: true };
  const process = parseProcess(field(owner, 'process'));
  const url = field(owner, 'url');
  if (process === null) return { owner: null, isReadable: false };
  return { owner: { process, url: typeof url === 'string' ? url : null }, isReadable: true };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
