// `tamc stop`: ends the process that runs the network of a folder, after it has shown that it is the one: it knows the tokens there.
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readLockOwner } from '@tamc/replica';
import { defaultNetworkPath, type NetworkFolder, openNetworkFolder, type Running } from '../deploy/network-folder.ts';
import { openPeople } from '../world/people.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';

/** It writes a checkpoint first, which on a slow disk takes some seconds. */
const endTimeoutMs = 60_000;
const lookMs = 100;
const answerTimeoutMs = 10_000;

export async function run({ values, switches }: Given): Promise<number> {
  const folder = openNetworkFolder(values.store === undefined ? defaultNetworkPath() : resolve(values.store));
  const isJson = switches.has('json');
  const running = folder.running();
  if (running === null) {
    console.log(isJson ? JSON.stringify({ stopped: false, pid: null }) : 'Nothing runs here.');
    return 0;
  }
  const { pid, mcp } = running;
  if (!(await isOurs(folder, running))) {
    const next =
      'Nothing was ended. Run `npx tamc start`: it starts the network, or says which process has the store and does not answer.';
    throw new CommandFailure(`Process ${pid} does not answer at ${mcp} as the one of this folder.`, next);
  }
  process.kill(pid, 'SIGTERM');
  for (let waitedMs = 0; waitedMs < endTimeoutMs; waitedMs += lookMs) {
    if (folder.running()?.pid !== pid) {
      console.log(isJson ? JSON.stringify({ stopped: true, pid }) : `Stopped (process ${pid}). Everything is kept.`);
      return 0;
    }
    await delay(lookMs);
  }
  throw new CommandFailure(`Process ${pid} was told to end and has not yet.`, `Wait, or end it: kill -9 ${pid}.`);
}

/** A number alone proves nothing: numbers of processes are used again. Where no assistant has a token, the lock of the store tells. */
async function isOurs({ path, store }: NetworkFolder, { mcp, pid }: Running): Promise<boolean> {
  const token = tokenIn(path);
  if (token === null) return readLockOwner(store)?.process.pid === pid;
  const statusWith = async (headers: Record<string, string>) => {
    const answer = await fetch(mcp, { headers, signal: AbortSignal.timeout(answerTimeoutMs) });
    await answer.body?.cancel();
    return answer.status;
  };
  try {
    const known = await statusWith({ authorization: `Bearer ${token}` });
    return known !== 401 && (await statusWith({})) === 401;
  } catch {
    return false;
  }
}

/** Any assistant's; looked at, never made. */
function tokenIn(path: string): string | null {
  const people = openPeople(path);
  for (const name of people.assistants()) {
    const assistant = people.readAssistant(name);
    if (assistant.ok) return assistant.value.token;
  }
  return null;
}
