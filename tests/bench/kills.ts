// Kills a working replica at random moments and counts what its store has lost or doubled.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@tamc/base/random';
import { createReplica, replayStore } from '@tamc/replica';
import { createWith } from '../harness/canisters.ts';

export interface KillReport {
  readonly kills: number;
  readonly acknowledged: number;
  /** Acknowledged updates that were missing afterwards. */
  readonly lost: number;
  /** Updates beyond those that were sent, or values that were acknowledged twice. */
  readonly doubled: number;
  /** Times at which the state differed from that of executing the recorded inputs again. */
  readonly differing: number;
}

export interface KillOptions {
  readonly wasm: Uint8Array;
  readonly kills: number;
  readonly seed: number;
  /** A bundle of kill-child.ts, or null to run the source through tsx. */
  readonly childArgs: readonly string[];
  /** How often the whole journal is executed again to compare states; every run, the last kill included. */
  readonly replays: number;
  readonly say: (line: string) => void;
}

const inFlight = 8;
const lifeMsMax = 400;

export async function runKills({ wasm, kills, seed, childArgs, replays, say }: KillOptions): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tamc-kill-'));
  const random = createRandom(seed);
  const canister = await prepare(folder, wasm);
  const total = { kills, acknowledged: 0, lost: 0, doubled: 0, differing: 0 };
  let before = 0;
  let sent = 0;
  let acknowledged: number[] = [];
  for (let kill = 0; kill <= kills; kill++) {
    const life = await liveAndDie([...childArgs, folder, canister, String(inFlight)], random.below(lifeMsMax));
    if (kill > 0) {
      const grown = life.count - before;
      total.lost += acknowledged.filter((value) => value > life.count).length;
      total.doubled += Math.max(0, grown - sent) + (acknowledged.length - new Set(acknowledged).size);
      total.acknowledged += acknowledged.length;
    }
    ({ count: before, sent, acknowledged } = life);
    if (kill % Math.ceil(kills / replays) === 0) total.differing += await differs(folder);
    if (kill % Math.ceil(kills / 10) === 0)
      say(`${kill} of ${kills} kills, count ${life.count}, ${life.replayed} rounds were replayed`);
  }
  rmSync(folder, { recursive: true });
  return total;
}

async function prepare(folder: string, wasm: Uint8Array): Promise<string> {
  const replica = await createReplica({ store: folder });
  const canister = await createWith(replica, wasm);
  await replica.close();
  return canister;
}

async function differs(folder: string): Promise<number> {
  const replica = await createReplica({ store: folder });
  const kept = { round: replica.round(), hash: replica.stateHash() };
  await replica.close();
  const replayed = await replayStore(folder);
  return replayed.round === kept.round && replayed.stateHash === kept.hash ? 0 : 1;
}

interface Life {
  readonly count: number;
  readonly replayed: number;
  readonly sent: number;
  readonly acknowledged: number[];
}

/** Runs the child until it counts, lets it live a while, kills it, and reads all it has said. */
function liveAndDie(args: readonly string[], lifeMs: number): Promise<Life> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), lifeMs);
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === null ? resolve(readLife(output)) : reject(new Error(`the child ended by itself: ${output.slice(-300)}`)),
    );
  });
}

function readLife(output: string): Life {
  // The last line may have been cut by the kill.
  const lines = output.slice(0, output.lastIndexOf('\n')).split('\n');
  const [, count, replayed] = lines[0]!.split(' ');
  const acknowledged = lines
    .filter((line) => line.startsWith('acknowledged'))
    .map((line) => Number(line.split(' ')[1]));
  return {
    count: Number(count),
    replayed: Number(replayed),
    sent: lines.filter((line) => line === 'sent').length,
    acknowledged,
  };
}
