// Measures the store on this machine's disk: `node --import tsx replica/bench/store.ts [directory]`.
// Main-thread cost of appending, rounds per second, opening empty and full stores, checkpoints.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryDisk } from '../src/store/memory-disk.ts';
import { openNodeDisk } from '../src/store/node-disk.ts';
import { openStore, type Store, type StoreOptions } from '../src/store/store.ts';

const parent = process.argv[2] ?? tmpdir();
const root = fs.mkdtempSync(join(parent, 'store-bench-'));
let directories = 0;

async function open(directory: string, options?: StoreOptions): Promise<Store> {
  const disk = openNodeDisk(directory);
  if (!disk.ok) throw disk.error;
  const opened = await openStore(disk.value, options);
  if (!opened.ok) throw opened.error;
  return opened.value;
}

const newDirectory = () => join(root, String(++directories));
const print = (name: string, value: number, unit: string) =>
  console.log(`${name.padEnd(64)} ${value.toFixed(2)} ${unit}`);

async function timed<T>(run: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const start = performance.now();
  const value = await run();
  return { value, ms: performance.now() - start };
}

/** `inFlight` writers, each waiting for its own round; the process's user time on the main thread is what counts. */
async function benchAppend(inFlight: number, rounds: number): Promise<void> {
  const store = await open(newDirectory());
  const record = new Uint8Array(300).fill(7);
  let next = 1;
  const writer = async () => {
    while (next <= rounds) await store.appendRound(next++, record);
  };
  const before = performance.eventLoopUtilization();
  const { ms } = await timed(() => Promise.all(Array.from({ length: inFlight }, writer)));
  const busy = performance.eventLoopUtilization(before).active;
  print(`append 300 B, ${inFlight} in flight`, (rounds / ms) * 1000, 'rounds/s');
  print(`append 300 B, ${inFlight} in flight: main thread`, (busy * 1000) / rounds, 'µs/round');
  await store.close();
}

async function benchOpenEmpty(): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const { value, ms } = await timed(() => open(newDirectory()));
    times.push(ms);
    await value.close();
  }
  print('open an empty store (first)', times[0]!, 'ms');
  print('open an empty store (median)', times.toSorted((a, b) => a - b)[10]!, 'ms');
}

async function benchState(canisters: number, keysEach: number, valueBytes: number): Promise<void> {
  const directory = newDirectory();
  const store = await open(directory);
  const value = new Uint8Array(valueBytes).fill(3);
  function* changes() {
    for (let c = 0; c < canisters; c++) {
      for (let k = 0; k < keysEach; k++) yield { key: `canister/${String(c).padStart(20, '0')}/page/${k}`, value };
    }
  }
  const label = `${canisters} × ${keysEach} values of ${valueBytes} B`;
  await store.appendRound(1, value);
  print(`first checkpoint of ${label}`, (await timed(() => store.checkpoint(1, changes()))).ms, 'ms');
  for (let round = 2; round < 100; round++) {
    await store.appendRound(round, value);
    if (round % 10 === 0) await store.checkpoint(round, [...changes()].slice(round, round + 100));
  }
  await store.close();
  const opened = await timed(() => open(directory));
  print(`open ${label}`, opened.ms, 'ms');
  const keys = await timed(async () => [...opened.value.keys('')]);
  print(`list the keys of ${label}`, keys.ms, 'ms');
  const reads = await timed(async () => keys.value.slice(0, 5000).map((key) => opened.value.read(key)));
  print(`read one value of ${valueBytes} B`, (reads.ms * 1000) / Math.min(5000, keys.value.length), 'µs');
  await opened.value.close();
}

async function benchJournalScan(): Promise<void> {
  const directory = newDirectory();
  const store = await open(directory);
  const record = new Uint8Array(1000).fill(5);
  for (let round = 1; round <= 60_000; round++) {
    const done = store.appendRound(round, record);
    if (round % 20 === 0) await done;
  }
  await store.close();
  const opened = await timed(() => open(directory));
  print('open with 60 MB of journal after the checkpoint', opened.ms, 'ms');
  const read = await timed(async () => {
    let bytes = 0;
    for await (const { record } of opened.value.readRounds(0)) bytes += record.length;
    return bytes;
  });
  print('read 60,000 rounds of 1,000 B', read.value / 1000 / read.ms, 'MB/s');
  await opened.value.close();
}

async function benchMemory(): Promise<void> {
  const opened = await openStore(createMemoryDisk());
  if (!opened.ok) throw opened.error;
  const record = new Uint8Array(300).fill(7);
  const rounds = 100_000;
  const { ms } = await timed(async () => {
    let done = Promise.resolve();
    for (let round = 1; round <= rounds; round++) {
      done = opened.value.appendRound(round, record);
      if (round % 64 === 0) await done;
    }
    await done;
  });
  print('append 300 B in memory', (ms * 1000) / rounds, 'µs/round');
}

try {
  await benchOpenEmpty();
  await benchAppend(1, 2_000);
  await benchAppend(16, 20_000);
  await benchAppend(256, 200_000);
  await benchState(1_000, 6, 4096);
  await benchState(10_000, 10, 300);
  await benchJournalScan();
  await benchMemory();
} finally {
  fs.rmSync(root, { recursive: true });
}
