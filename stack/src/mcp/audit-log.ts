// Shell: the audit log of a world: one line per call of any assistant, from all processes. It is never shortened: a full file is put
// aside under its date, and whoever wants its room takes it.
import { join } from 'node:path';
import { openAuditFile, type World } from '@tamc/mcp-server';
import { rotate } from '../world/log-file.ts';

/** Some 60,000 calls, which is a file that an editor still opens. */
const bytesMax = 16 * 1_048_576;

/** Opened for each entry: another process may have begun a new file meanwhile. */
export function createAudit(folderPath: string): World['audit'] {
  const path = join(folderPath, 'audit.jsonl');
  return (entry) => {
    rotate(path, bytesMax, `${path}.${new Date(entry.atMs).toISOString().replaceAll(':', '-')}`);
    const file = openAuditFile(path);
    try {
      file.append(entry);
    } finally {
      file.close();
    }
  };
}
