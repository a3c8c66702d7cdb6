// Real processes, a real directory, kill -9 at random moments.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesEqual } from '@tamc/base/bytes';
import { createRandom } from '@tamc/base/random';
import { afterAll, expect, it } from 'vitest';
import { childLimits, recordOf, stateOf } from './crash-child.ts';
import { openNodeDisk } from './node-disk.ts';
import { openStore, type Store } from './store.ts';

const directory = fs.mkdtempSync(join(tmpdir(), 'store-kill-'));
const childPath = fileURLToPath(new URL('./crash-child.ts', import.meta.url));
const kills = Number(process.env.STORE_KILLS ?? 12);
const seed = Number(process.env.STORE_SEED ?? 1);

afterAll(() => fs.rmSync(directory, { recursive: true }));

interface Told {
  appended: number;
  started: Set<number>;
  complete: number;
}

/** Lets the child work for `lifeMs` after its first acknowledgement and kills it. What it said is added to `told`. */
function runAndKill(lifeMs: number, told: Told): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', childPath, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  let isTimed = false;
  child.stdout.on('data', (chunk) => {
    text += chunk;
    if (isTimed) return;
    isTimed = true;
    setTimeout(() => child.kill('SIGKILL'), lifeMs);
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      if (code !== null) reject(new Error(`the child ended by itself with ${code}`));
      for (const line of text.split('\n').slice(0, -1)) hear(told, line);
      resolve();
    });
  });
}

function hear(told: Told, line: string): void {
  const [word, number] = line.split(' ');
  if (word === 'append') told.appended = Math.max(told.appended, Number(number));
  if (word === 'started') told.started.add(Number(number));
  if (word === 'complete') told.complete = Math.max(told.complete, Number(number));
}

async function verifyRounds(store: Store, told: Told): Promise<void> {
  expect(store.lastRound()).toBeGreaterThanOrEqual(told.appended);
  let expected = 1;
  for await (const { round, record } of store.readRounds(0)) {
    if (round !== expected || !bytesEqual(record, recordOf(round))) throw new Error(`round ${round} where ${expected}`);
    if (round % 50 === 0) store.readBlob(createHash('sha256').update(recordOf(round)).digest('hex'));
    expected++;
  }
  expect(expected).toBe(store.lastRound() + 1);
}

function verifyState(store: Store, told: Told): void {
  const round = store.checkpointRound();
  expect(round).toBeGreaterThanOrEqual(told.complete);
  expect(round).toBeLessThanOrEqual(store.lastRound());
  if (round === 0) return;
  expect(told.started.has(round)).toBe(true);
  for (const { key, value } of stateOf(round)) {
    if (!bytesEqual(store.read(key)!, value)) throw new Error(`${key} is not of checkpoint ${round}`);
  }
}

it(`keeps every acknowledged round through kill -9 (seed ${seed}) [durable.kill]`, async () => {
  const random = createRandom(seed);
  const told: Told = { appended: 0, started: new Set(), complete: 0 };
  for (let kill = 0; kill < kills; kill++) {
    await runAndKill(random.below(400), told);
    const disk = openNodeDisk(directory);
    if (!disk.ok) throw disk.error;
    const opened = await openStore(disk.value, { limits: childLimits });
    if (!opened.ok) throw opened.error;
    await verifyRounds(opened.value, told);
    verifyState(opened.value, told);
    await opened.value.close();
  }
}, 300_000);
