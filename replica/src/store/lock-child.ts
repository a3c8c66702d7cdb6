// For tests: a process that fights for a store's lock, and while it has it, writes and removes a file that nobody else
// may see. Tries until it has won so often. Prints `won` or `clash` for each.

import * as fs from 'node:fs';
import { join } from 'node:path';
import { acquireLock } from './lock.ts';

const [directory = '', wins = '1', mode = 'release'] = process.argv.slice(2);

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

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

for (let left = Number(wins); left > 0; ) {
  const lock = acquireLock(directory);
  if (!lock.ok) {
    pause();
    continue;
  }
  left--;
  fs.writeSync(1, `${hold(join(directory, 'inside'))}\n`);
  if (mode === 'die') process.kill(process.pid, 'SIGKILL');
  if (mode === 'stay') {
    lock.value.setURL('http://127.0.0.1:4943');
    fs.writeSync(1, 'staying\n');
    setInterval(() => {}, 1000);
  } else lock.value.release();
}
