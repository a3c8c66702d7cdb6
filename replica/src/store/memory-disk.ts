// A Disk that keeps everything in this process's memory and nothing after it: for `--memory`, and for tests of plain use.

import { type Disk, type DiskFile, saltBytes } from './disk.ts';
import { createDiskError } from './store-error.ts';

export function createMemoryDisk(): Disk {
  const files = new Map<string, GrowingBytes>();
  const pathOf = (name: string) => `memory:${name}`;
  const find = (operation: string, name: string): GrowingBytes => {
    const bytes = files.get(name);
    if (bytes === undefined) throw createDiskError('ENOENT', operation, pathOf(name));
    return bytes;
  };
  return {
    pathOf,
    list: async () => [...files.keys()],
    openFile: async (name) => createMemoryFile(name, find('open', name)),
    createFile: async (name) => {
      const bytes = createGrowingBytes();
      files.set(name, bytes);
      return createMemoryFile(name, bytes);
    },
    readWhole: (name) => find('read', name).all().slice(),
    sizeOf: (name) => find('stat', name).all().length,
    rename: async (from, to) => {
      files.set(to, find('rename', from));
      files.delete(from);
    },
    remove: async (name) => {
      find('remove', name);
      files.delete(name);
    },
    syncDirectory: async () => {},
    // Nobody can write into this memory from outside, so there is nothing to imitate.
    freshSalt: () => new Uint8Array(saltBytes),
  };
}

function createMemoryFile(name: string, content: GrowingBytes): DiskFile {
  return {
    name,
    size: () => content.all().length,
    readAt: (target, offset) => {
      const found = content.all().subarray(offset, offset + target.length);
      target.set(found);
      return found.length;
    },
    writeAt: async (bytes, offset) => content.write(bytes, offset),
    truncate: async (length) => content.truncate(length),
    sync: async () => {},
    close: async () => {},
  };
}

export interface GrowingBytes {
  /** A view, valid until the next change. */
  all(): Uint8Array;
  write(bytes: Uint8Array, offset: number): void;
  truncate(length: number): void;
}

/** The content of a file: grows by doubling, a gap reads as zeros. */
export function createGrowingBytes(initial: Uint8Array = new Uint8Array(0)): GrowingBytes {
  let buffer = initial.slice();
  let length = initial.length;
  const reserve = (wanted: number) => {
    if (wanted <= buffer.length) return;
    const grown = new Uint8Array(Math.max(wanted, 2 * buffer.length));
    grown.set(buffer.subarray(0, length));
    buffer = grown;
  };
  return {
    all: () => buffer.subarray(0, length),
    write(bytes, offset) {
      reserve(offset + bytes.length);
      buffer.set(bytes, offset);
      length = Math.max(length, offset + bytes.length);
    },
    truncate(wanted) {
      reserve(wanted);
      if (wanted < length) buffer.fill(0, wanted, length);
      length = wanted;
    },
  };
}
