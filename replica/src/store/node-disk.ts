// Shell: a directory of the operating system as a Disk. Writes and syncs run in Node's thread pool; reads are synchronous.

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ok, type Result, refuse } from '@tamc/base/result';
import { type Disk, type DiskFile, saltBytes } from './disk.ts';
import { makeFolder } from './make-folder.ts';
import { createDiskError, isStoreError, type StoreError } from './store-error.ts';

/** Makes the directory when it is not there. */
export function openNodeDisk(directory: string): Result<Disk, StoreError> {
  try {
    attempt('create directory', directory, () => createDirectory(directory));
    return ok(createNodeDisk(directory));
  } catch (error) {
    if (isStoreError(error)) return refuse(error);
    throw error;
  }
}

/** Each new directory is a name in the one above it, and lost in a power cut unless that one is synced. */
function createDirectory(directory: string): void {
  const first = makeFolder(directory);
  if (first === null || process.platform === 'win32') return;
  for (let path = resolve(directory); path.length >= first.length; path = dirname(path)) {
    const descriptor = fs.openSync(dirname(path), 'r');
    fs.fsyncSync(descriptor);
    fs.closeSync(descriptor);
  }
}

function createNodeDisk(directory: string): Disk {
  const pathOf = (name: string) => join(directory, name);
  const open = async (operation: string, name: string, flags: string): Promise<DiskFile> => {
    const path = pathOf(name);
    return createNodeFile(name, path, await call<number>(operation, path, (done) => fs.open(path, flags, done)));
  };
  return {
    pathOf,
    list: () => call<string[]>('list', directory, (done) => fs.readdir(directory, done)),
    openFile: (name) => open('open', name, 'r+'),
    createFile: (name) => open('create', name, 'w+'),
    readWhole: (name) => attempt('read', pathOf(name), () => new Uint8Array(fs.readFileSync(pathOf(name)))),
    sizeOf: (name) => attempt('stat', pathOf(name), () => fs.statSync(pathOf(name)).size),
    rename: (from, to) => call('rename', pathOf(from), (done) => fs.rename(pathOf(from), pathOf(to), done)),
    remove: (name) => call('remove', pathOf(name), (done) => fs.unlink(pathOf(name), done)),
    syncDirectory: () => syncDirectory(directory),
    freshSalt: () => Uint8Array.from(randomBytes(saltBytes)),
  };
}

function createNodeFile(name: string, path: string, opened: number): DiskFile {
  let current: number | null = opened;
  // The system gives a closed number to the next file opened, so it must never be used again.
  const descriptor = (): number => {
    if (current === null) throw createDiskError('EBADF', 'use after close', path);
    return current;
  };
  return {
    name,
    size: () => attempt('stat', path, () => fs.fstatSync(descriptor()).size),
    readAt: (target, offset) => attempt('read', path, () => readFully(descriptor(), target, offset)),
    writeAt: async (bytes, offset) => writeFully(descriptor(), path, bytes, offset),
    truncate: async (length) => call('truncate', path, (done) => fs.ftruncate(descriptor(), length, done)),
    sync: async () => call('sync', path, (done) => fs.fdatasync(descriptor(), done)),
    async close() {
      const closing = current;
      current = null;
      if (closing !== null) await call('close', path, (done) => fs.close(closing, done));
    },
  };
}

/** One read may return less than asked for; only zero means the end. */
function readFully(descriptor: number, target: Uint8Array, offset: number): number {
  let filled = 0;
  while (filled < target.length) {
    const count = fs.readSync(descriptor, target, filled, target.length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

async function writeFully(descriptor: number, path: string, bytes: Uint8Array, offset: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const start = written;
    const count = await call<number>('write', path, (done) =>
      fs.write(descriptor, bytes, start, bytes.length - start, offset + start, done),
    );
    if (count === 0) throw createDiskError('EIO', 'write of nothing', path);
    written += count;
  }
}

/** Windows cannot sync a directory and does not need to: its file system journals names by itself. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const descriptor = await call<number>('open', directory, (done) => fs.open(directory, 'r', done));
  try {
    await call<void>('sync', directory, (done) => fs.fsync(descriptor, done));
  } finally {
    await call<void>('close', directory, (done) => fs.close(descriptor, done));
  }
}

type Done<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

function call<T = void>(operation: string, path: string, start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) =>
      error === null || error === undefined ? resolve(value!) : reject(wrap(error, operation, path)),
    );
  });
}

function attempt<T>(operation: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw wrap(error, operation, path);
  }
}

function wrap(error: unknown, operation: string, path: string): unknown {
  if (isStoreError(error)) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? createDiskError(code, operation, path) : error;
}
