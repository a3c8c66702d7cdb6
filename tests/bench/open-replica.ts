// A replica to be measured, on a store of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReplica, type Replica, type ReplicaOptions } from '@tamc/replica';

export interface OpenReplica {
  readonly replica: Replica;
  readonly folder: string;
  remove(): Promise<void>;
}

export async function openReplica(options: ReplicaOptions = {}): Promise<OpenReplica> {
  const folder = mkdtempSync(join(tmpdir(), 'tamc-bench-'));
  const replica = await createReplica({ store: folder, ...options });
  return {
    replica,
    folder,
    remove: async () => {
      await replica.close();
      rmSync(folder, { recursive: true });
    },
  };
}
