// Kills a working replica at random moments, while it opens, works or writes a checkpoint, and counts what its store has
// lost or doubled.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Principal } from '@dfinity/principal';
import { createRandom, type Random } from '@tamc/base/random';
import { createReplica, replayStore } from '@tamc/replica';
import { createWith } from '../harness/canisters.ts';
import { noArguments } from './bare-loop.ts';
import { countOf } from './count-answer.ts';

export interface KillReport {
  readonly kills: number;
  readonly acknowledged: number;
  /** Acknowledged updates that were missing afterwards. */
  readonly lost: number;
  /** Updates beyond those that were sent, and values that were acknowledged twice. */
  readonly doubled: number;
  /** Stores whose state was not that of executing their recorded inputs again. */
  readonly differing: number;
  /** Lives that began with rounds to execute again. */
  readonly recovered: number;
}

export interface KillOptions {
  readonly wasm: Uint8Array;
  readonly kills: number;
  readonly seed: number;
  /** What Node is given to run kill-child.ts: a bundle, or the source with a loader. */
  readonly childArgs: readonly string[];
  readonly say: (line: string) => void;
}

/** A store is executed again from its first round after so many kills; then a new one begins. */
const killsPerStore = 50;
const lifeMsMax = 400;
/** Two for each update: some lives end only when they have come far, however slow the machine. */
const linesMax = 2_000;
/** More than it sends before the first answer, so that there is something to lose. */
const linesMin = 40;
/** From a few updates between checkpoints, so that most kills meet one, to more than a life executes. */
const checkpointInstructions = [10_000_000, 100_000_000, 4_000_000_000];

export async function runKills({ wasm, kills, seed, childArgs, say }: KillOptions): Promise<KillReport> {
  const random = createRandom(seed);
  const total = { kills, acknowledged: 0, lost: 0, doubled: 0, differing: 0, recovered: 0 };
  for (let done = 0; done < kills; done += killsPerStore) {
    const store = await prepareStore(wasm);
    const ledger: Ledger = { count: 0, sent: 0, acknowledged: [] };
    const count = Math.min(killsPerStore, kills - done);
    for (let i = 0; i < count; i++) {
      const args = [...childArgs, ...childArguments(store, random)];
      judge(await liveAndDie(args, random), ledger, total);
    }
    await judgeStore(store, ledger, total);
    rmSync(store.folder, { recursive: true });
    say(
      `${done + count} of ${kills} kills: ${total.acknowledged} acknowledged, ${total.lost} lost, ${total.doubled} doubled`,
    );
  }
  return total;
}

interface KillStore {
  readonly folder: string;
  readonly counter: string;
  readonly relay: string;
}

async function prepareStore(wasm: Uint8Array): Promise<KillStore> {
  const folder = mkdtempSync(join(tmpdir(), 'tamc-kill-'));
  const replica = await createReplica({ store: folder });
  const store = { folder, counter: await createWith(replica, wasm), relay: await createWith(replica, wasm) };
  await replica.close();
  return store;
}

function childArguments({ folder, counter, relay }: KillStore, random: Random): string[] {
  const counterHex = Principal.fromText(counter).toHex();
  const numbers = [1 + random.below(32), random.pick(checkpointInstructions)];
  return [folder, counter, counterHex, relay, ...numbers.map(String)];
}

/** What was told and sent since the count was last known. */
interface Ledger {
  count: number;
  sent: number;
  acknowledged: number[];
}

type Total = { -readonly [Name in keyof KillReport]: KillReport[Name] };

interface Life {
  /** Null when it was killed before it could tell. */
  readonly start: { readonly count: number; readonly replayed: number } | null;
  readonly sent: number;
  readonly acknowledged: readonly number[];
}

function judge(life: Life, ledger: Ledger, total: Total): void {
  if (life.start !== null) {
    judgeCount(life.start.count, ledger, total);
    if (life.start.replayed > 0) total.recovered++;
  }
  ledger.sent += life.sent;
  ledger.acknowledged.push(...life.acknowledged);
}

/** Every acknowledged value is within the count, each was acknowledged once, and the count is not beyond what was sent. */
function judgeCount(count: number, ledger: Ledger, total: Total): void {
  const { acknowledged } = ledger;
  total.lost += acknowledged.filter((value) => value > count).length;
  total.doubled += Math.max(0, count - ledger.count - ledger.sent) + acknowledged.length - new Set(acknowledged).size;
  total.acknowledged += acknowledged.length;
  Object.assign(ledger, { count, sent: 0, acknowledged: [] });
}

async function judgeStore({ folder, counter }: KillStore, ledger: Ledger, total: Total): Promise<void> {
  const replica = await createReplica({ store: folder });
  judgeCount(countOf(await replica.query({ canister: counter, method: 'count', arg: noArguments })), ledger, total);
  const kept = { round: replica.round(), hash: replica.stateHash() };
  await replica.close();
  const again = await replayStore(folder);
  if (again.round !== kept.round || again.stateHash !== kept.hash) total.differing++;
}

/** Runs the child and kills it: while it opens, some time after it began to count, or when it has come so far. */
function liveAndDie(args: readonly string[], random: Random): Promise<Life> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = () => child.kill('SIGKILL');
  const moment = random.pick(['opening', 'time', 'time', 'lines', 'lines'] as const);
  const lifeMs = random.below(lifeMsMax);
  let linesLeft = moment === 'lines' ? linesMin + random.below(linesMax) : Number.POSITIVE_INFINITY;
  let output = '';
  if (moment === 'opening') setTimeout(kill, lifeMs);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '' && moment === 'time') setTimeout(kill, lifeMs);
    output += text;
    linesLeft -= text.split('\n').length;
    if (linesLeft <= 0) kill();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(readLife(output));
      else reject(new Error(`the child ended by itself (${code}): ${output.slice(-300)}`));
    });
  });
}

function readLife(output: string): Life {
  // The last line may have been cut by the kill.
  const lines = output
    .slice(0, output.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
  const [word, count, replayed] = lines[0]?.split(' ') ?? [];
  return {
    start: word === 'start' ? { count: Number(count), replayed: Number(replayed) } : null,
    sent: lines.filter((line) => line === 'sent').length,
    acknowledged: lines.filter((line) => line.startsWith('acknowledged')).map((line) => Number(line.split(' ')[1])),
  };
}
