// Remembers which files are open, so that none stays open when opening the store fails or the store is closed.

import type { Disk, DiskFile } from './disk.ts';

export function trackFiles(disk: Disk): { readonly disk: Disk; closeAll(): Promise<void> } {
  const opened = new Set<DiskFile>();
  const track = (file: DiskFile): DiskFile => {
    opened.add(file);
    const close = async () => {
      if (opened.delete(file)) await file.close();
    };
    return { ...file, close };
  };
  return {
    disk: {
      ...disk,
      openFile: async (name) => track(await disk.openFile(name)),
      createFile: async (name) => track(await disk.createFile(name)),
    },
    async closeAll() {
      const closing = [...opened].map((file) => file.close());
      opened.clear();
      // A file that cannot be closed has nothing left to lose: what counts was synced.
      await Promise.allSettled(closing);
    },
  };
}
