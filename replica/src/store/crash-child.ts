// For tests: a process that writes to a store in a directory until it is killed, and says on its output what it was told:
// `append N`, `started N`, `complete N`. What it writes follows from the round, so that the parent can check it.

import * as fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createRandom } from '@tamc/base/random';
import { openNodeDisk } from './node-disk.ts';
import { openStore } from './store.ts';

/** Small enough that segments and compactions come within a second. */
export const childLimits = { segmentBytes: 100_000, compactAboveBytes: 300_000 };

export function recordOf(round: number): Uint8Array {
  const random = createRandom(round);
  return random.bytes(random.below(600));
}

/** Every key anew, so that the state follows from the round alone. */
export function stateOf(round: number): Array<{ readonly key: string; readonly value: Uint8Array }> {
  const random = createRandom(round);
  return Array.from({ length: 20 }, (_, i) => ({ key: `key/${i}`, value: random.bytes(random.below(6000)) }));
}

const say = (line: string) => fs.writeSync(1, `${line}\n`);

async function run(directory: string): Promise<void> {
  const disk = openNodeDisk(directory);
  if (!disk.ok) throw disk.error;
  const opened = await openStore(disk.value, { limits: childLimits });
  if (!opened.ok) throw opened.error;
  const store = opened.value;
  let nextRound = store.lastRound() + 1;
  let isCheckpointing = false;
  for (;;) {
    const burst = 1 + (nextRound % 40);
    const appends = Array.from({ length: burst }, async () => {
      const round = nextRound++;
      if (round % 50 === 0) store.putBlob(recordOf(round));
      await store.appendRound(round, recordOf(round));
      say(`append ${round}`);
    });
    if (!isCheckpointing) {
      const round = nextRound - 1;
      isCheckpointing = true;
      say(`started ${round}`);
      void store.checkpoint(round, stateOf(round)).then(() => {
        say(`complete ${round}`);
        isCheckpointing = false;
      });
    }
    await Promise.all(appends);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(process.argv[2]!);
