// Shell (processes): starts `tamc start` for who is not at a terminal, apart from this process, so that it outlives it, and waits until
// it answers. Its output goes to `start.log` in the folder.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Problem } from '@tamc/mcp-server';
import type { NetworkFolder, Running } from '../deploy/network-folder.ts';
import { makeFolder } from '../make-folder.ts';
import { findRoot } from '../root.ts';
import { diskFull, roomProblem } from './disk-room.ts';

export interface BackgroundOptions {
  readonly say: (text: string) => void;
  /** As long as it is waited for; it goes on without anybody waiting. */
  readonly timeoutMs: number;
  /** More words for `tamc start`. */
  readonly words?: readonly string[];
}

const lookMs = 200;
/** Between two signs of life. */
const sayMs = 5_000;
const logLinesShown = 6;

/** One that runs or is being started already is taken as it is. */
export async function startInBackground(
  folder: NetworkFolder,
  { say, timeoutMs, words = [] }: BackgroundOptions,
): Promise<Result<Running, Problem>> {
  const present = folder.running();
  if (present !== null) return ok(present);
  const startedMs = performance.now();
  const isOthers = folder.isStarting();
  const problem = isOthers ? null : problemBefore(folder, startedMs);
  if (problem !== null) return refuse(problem);
  const child = isOthers ? { hasEnded: () => true } : spawnStart(folder, words);
  say(isOthers ? 'the network is being started' : 'no network runs here: starting one in the background');
  for (let saidMs = startedMs; performance.now() - startedMs < timeoutMs; await delay(lookMs)) {
    const running = folder.running();
    if (running !== null) return ok(running);
    // Whoever was a moment earlier has the store: that one is waited for.
    if (child.hasEnded() && !folder.isStarting()) return refuse(noteFailure(folder));
    if (performance.now() - saidMs < sayMs) continue;
    saidMs = performance.now();
    say(`the network is starting, ${Math.round((saidMs - startedMs) / 1_000)} s${lastLine(folder)}`);
  }
  return refuse({
    code: 'Starting',
    message: 'the network is still starting; the first time takes one to two minutes',
    nextStep: 'Nothing was done. Wait half a minute and make the same call again.',
  });
}

/** Why starting one now would only end like the last time. */
function problemBefore(folder: NetworkFolder, nowMs: number): Problem | null {
  const full = roomProblem(folder.path);
  if (full !== null) return full;
  const last = failures.get(folder);
  if (last === undefined || nowMs - last.atMs >= againMs) return null;
  const seconds = Math.ceil((againMs - (nowMs - last.atMs)) / 1_000);
  return { ...last.problem, nextStep: `${last.problem.nextStep} It is not tried again for ${seconds} s.` };
}

/** A start takes the processor for seconds, and an assistant may repeat its call at once. Long enough to read what is wrong. */
const againMs = 20_000;
const failures = new WeakMap<NetworkFolder, { readonly atMs: number; readonly problem: Problem }>();

function noteFailure(folder: NetworkFolder): Problem {
  const problem = failed(folder);
  failures.set(folder, { atMs: performance.now(), problem });
  return problem;
}

function spawnStart(folder: NetworkFolder, words: readonly string[]) {
  makeFolder(folder.path);
  const log = openSync(logPath(folder), 'w', 0o600);
  const script = join(findRoot(), 'stack/bin/tamc.mjs');
  const args = [script, 'start', '--no-owner', '--store', folder.path, ...words];
  const child = spawn(process.execPath, args, { cwd: findRoot(), detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  // From now on, not when it opens the store: until then it may install packages for minutes, and nobody is to start a second one.
  if (child.pid !== undefined) folder.setStarting(true, child.pid);
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
  };
  child.once('exit', end);
  child.once('error', end);
  return { hasEnded: () => hasEnded };
}

const logPath = ({ path }: NetworkFolder) => join(path, 'start.log');

function logLines(folder: NetworkFolder): readonly string[] {
  try {
    return readFileSync(logPath(folder), 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}

function lastLine(folder: NetworkFolder): string {
  const line = logLines(folder).at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${line}`;
}

function failed(folder: NetworkFolder): Problem {
  const lines = logLines(folder).filter((line) => line !== '');
  const full = lines.find((line) => isDiskFull(line));
  if (full !== undefined) return diskFull(full);
  const said = lines.length === 0 ? ' it wrote nothing before it ended' : `\n${lines.slice(-logLinesShown).join('\n')}`;
  return {
    code: 'StartFailed',
    message: `the network could not be started:${said}`,
    nextStep: `Run \`npm start\` in a terminal to see what is wrong; the whole output is in ${logPath(folder)}.`,
  };
}

/** In the words of the replica, or of the system. */
const isDiskFull = (line: string) => /The disk is full|ENOSPC|EDQUOT/.test(line);
