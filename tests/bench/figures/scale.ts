// A thousand canisters of one Azle module, after ten updates each: memory, disk, and how long the store takes to open.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpAgent } from '@dfinity/agent';
import type { Replica } from '@tamc/replica';
import { createCanister, install, reply } from '../../harness/canisters.ts';
import { buildSample } from '../../harness/sample.ts';
import { noArguments } from '../bare-loop.ts';
import { type Benchmark, createFigure, type Figure, median } from '../figure.ts';
import { openReplica } from '../open-replica.ts';

const canisterCount = 1_000;
const updatesEach = 10;

export const scale: Benchmark = {
  name: 'scale',
  about: `${canisterCount} canisters of one Azle module after ${updatesEach} updates each`,
  run: async (say) => {
    const wasm = await buildSample();
    const { replica, folder } = await openReplica();
    const ids: string[] = [];
    for (let i = 0; i < canisterCount; i++) {
      ids.push(await createCanister(replica));
      await install(replica, ids[i]!, wasm);
      if (i % 200 === 199) say(`${i + 1} canisters installed, ${residentMB()} MB resident`);
    }
    await updateAll(replica, ids);
    const resident = residentMB();
    await replica.close();
    const disk = folderBytes(folder) / canisterCount / 1024;
    say('five starts on that store');
    const starts: number[] = [];
    for (let i = 0; i < 5; i++) starts.push(await timeToAnswer(folder, ids[i]!));
    rmSync(folder, { recursive: true });
    return [
      createFigure('resident memory', 'MB', resident, null, { kind: 'valueAtMost', bound: 600 }),
      createFigure('disk per canister', 'KB', disk, null, { kind: 'valueAtMost', bound: 400 }),
      createFigure('start on that store until it answers', 'ms', median(starts), null, {
        kind: 'valueAtMost',
        bound: 1_000,
      }),
      ...(await emptyStart(say)),
    ];
  },
};

async function updateAll(replica: Replica, ids: readonly string[]): Promise<void> {
  for (let round = 0; round < updatesEach; round++) {
    await Promise.all(ids.map((canister) => reply(replica.call({ canister, method: 'inc', arg: noArguments }))));
  }
}

function residentMB(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, file) => {
    const stat = statSync(join(folder, file));
    // Blocks, not length: what the disk really gives.
    return sum + (stat.isFile() ? stat.blocks * 512 : 0);
  }, 0);
}

/** From starting the command until it has answered a query over HTTP. */
async function timeToAnswer(store: string, canister: string): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, [...commandArgs(store), '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const agent = await HttpAgent.create({ host: JSON.parse(line.toString()).url, verifyQuerySignatures: false });
  const answer = await agent.query(canister, { methodName: 'count', arg: noArguments });
  const elapsed = performance.now() - start;
  child.kill('SIGTERM');
  await once(child, 'exit');
  if (answer.status !== 'replied') throw new Error(`the query was answered with ${answer.status}`);
  return elapsed;
}

const commandArgs = (store: string) => ['stack/bin/tamc.mjs', 'replica', '--port', '0', '--store', store];

/** `tamc replica` on an empty store until its one line, in turn with a Node that does nothing. */
async function emptyStart(say: (line: string) => void): Promise<Figure[]> {
  const times: { tamc: number[]; node: number[] } = { tamc: [], node: [] };
  for (let i = 0; i < 9; i++) {
    const folder = mkdtempSync(join(tmpdir(), 'tamc-empty-'));
    times.tamc.push(await timeUntilOutput(commandArgs(folder)));
    rmSync(folder, { recursive: true, force: true });
    times.node.push(await timeUntilOutput(['-e', 'console.log(1)']));
  }
  say('nine starts on an empty store');
  return [
    createFigure('start on an empty store', 'ms', median(times.tamc), median(times.node), {
      kind: 'ratioAtMost',
      bound: 3,
    }),
  ];
}

function timeUntilOutput(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let elapsed = 0;
    child.stdout.once('data', () => {
      elapsed = performance.now() - start;
      child.kill('SIGTERM');
    });
    child.once('error', reject);
    child.once('exit', () => resolve(elapsed));
  });
}
