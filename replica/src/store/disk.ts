// The port between the store and a directory of files. What a driver promises is said here and checked by disk.test.ts
// for every driver. All methods fail with a StoreError of kind `disk` (or code fileMissing) and with nothing else.

export interface Disk {
  /** For messages: where the file is. */
  pathOf(name: string): string;
  list(): Promise<readonly string[]>;
  /** Opens an existing file for reading and writing. */
  openFile(name: string): Promise<DiskFile>;
  /** Creates an empty file; one that is there loses its content. The name survives a power cut after syncDirectory. */
  createFile(name: string): Promise<DiskFile>;
  /** The whole content, synchronously. */
  readWhole(name: string): Uint8Array;
  sizeOf(name: string): number;
  /** Atomic; replaces `to`. Survives a power cut after syncDirectory. */
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  syncDirectory(): Promise<void>;
  /** Bytes that nobody outside can foresee; they mark a file's own records, so that no recorded input can imitate one. */
  freshSalt(): Uint8Array;
}

export const saltBytes = 8;

export interface DiskFile {
  readonly name: string;
  size(): number;
  /** Synchronous; fills `target` from `offset` and returns how many bytes there were. */
  readAt(target: Uint8Array, offset: number): number;
  /** Writes all of `bytes`, which must not change before this resolves. Not durable before `sync`. */
  writeAt(bytes: Uint8Array, offset: number): Promise<void>;
  truncate(length: number): Promise<void>;
  /** Everything written before the call is on the disk when this resolves. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Exactly `length` bytes from `offset`, or null where the file is shorter. Allocates only what is there. */
export function readExactly(file: DiskFile, offset: number, length: number): Uint8Array | null {
  if (offset + length > file.size()) return null;
  const bytes = new Uint8Array(length);
  return file.readAt(bytes, offset) === length ? bytes : null;
}
