// For tests: a process that fights for a store's lock, and while it has it, writes and removes a file that nobody else
// may see. Prints `won`, `lost`, `clash`.

import * as fs from 'node:fs';
import { join } from 'node:path';
import { acquireLock } from './lock.ts';

const [directory = '', attempts = '1', mode = 'release'] = process.argv.slice(2);

function hold(path: string): string {
  try {
    fs.writeFileSync(path, String(process.pid), { flag: 'wx' });
  } catch {
    return 'clash';
  }
  const until = performance.now() + 2;
  while (performance.now() < until);
  fs.rmSync(path);
  return 'won';
}

for (let attempt = 0; attempt < Number(attempts); attempt++) {
  const lock = acquireLock(directory);
  fs.writeSync(1, `${lock.ok ? hold(join(directory, 'inside')) : 'lost'}\n`);
  if (!lock.ok) continue;
  if (mode === 'die') process.kill(process.pid, 'SIGKILL');
  if (mode === 'stay') {
    lock.value.setURL('http://127.0.0.1:4943');
    fs.writeSync(1, 'staying\n');
    setInterval(() => {}, 1000);
    break;
  }
  lock.value.release();
}
