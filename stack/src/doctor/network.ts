// Shell (sockets, files): what runs, and whether it answers as it should.
import { readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { NetworkFolder, Running } from '../deploy/network-folder.ts';
import { renderDuration } from '../show/times.ts';
import type { People } from '../world/people.ts';
import { type Check, fine, warning, wrong } from './check.ts';

const answerMs = 5_000;

/** Of a network that runs only its own count: they are open, and looked at below. Else those that a start would take. */
export async function checkPorts(ports: readonly number[], running: Running | null): Promise<Check> {
  if (running !== null) {
    const own = [running.url, running.page, running.mcp].map((url) => new URL(url).port);
    return fine('ports', `The network that runs has ${own.join(', ')}.`);
  }
  const states = await Promise.all(ports.map(isFree));
  const taken = ports.filter((_, i) => !states[i]);
  if (taken.length === 0) return fine('ports', `${ports.join(', ')} are free.`);
  const next = 'End what listens there, or choose others: npm start -- --port N --page-port N --mcp-port N';
  return warning('ports', `Another program listens at ${taken.join(', ')}.`, next);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** `ownerPid`: of the process that has the store's lock and lives. */
export function checkStore(ownerPid: number | null, running: Running | null, isStarting: boolean): Check {
  if (ownerPid === null) return fine('store', 'No process uses the store.');
  if (running?.pid === ownerPid) return fine('store', `Process ${ownerPid} uses the store: the network that runs.`);
  if (isStarting) return fine('store', `Process ${ownerPid} uses the store: the network that starts.`);
  const next = `Wait if it is \`tamc deploy\`; else end it: kill ${ownerPid}`;
  return warning('store', `Process ${ownerPid} uses the store, and no network is known to run.`, next);
}

export function checkOwner(people: Pick<People, 'owner'>): Check {
  try {
    if (people.owner() !== null) return fine('owner', 'There is an owner, whose key is sealed.');
  } catch (error) {
    return wrong('owner', error instanceof Error ? error.message : String(error), 'Put it back from a copy.');
  }
  return warning(
    'owner',
    'There is no owner: nobody can approve anything.',
    'Run `npx tamc owner` in your own terminal.',
  );
}

/** None to speak of while all of their files are whole. */
export function checkAssistants(people: Pick<People, 'assistants' | 'readAssistant'>): readonly Check[] {
  return people.assistants().flatMap((name) => {
    const assistant = people.readAssistant(name);
    if (assistant.ok) return [];
    const next =
      'Put it back from a copy, or move it away: a new key then has to be let in with `npx tamc owner --admit`.';
    return [wrong('assistants', assistant.error, next)];
  });
}

const restart = 'Run `npx tamc stop`, then `npm start`; nothing is lost.';

export async function checkReplica({ url }: Running): Promise<Check> {
  try {
    const { status } = await fetch(`${url}/api/v2/status`, { signal: AbortSignal.timeout(answerMs) });
    if (status === 200) return fine('replica', `It answers at ${url}.`);
    return wrong('replica', `It answers at ${url} with status ${status}.`, restart);
  } catch {
    return wrong('replica', `Nothing answers at ${url}.`, restart);
  }
}

/** Messages of clients live for five minutes; ours are dated by the network's time where the clocks are further apart. */
const skewNs = { careful: 10n * 1_000_000_000n, bad: 240n * 1_000_000_000n };

export async function checkClock({ url }: Running, nowNs: () => bigint): Promise<Check> {
  try {
    const response = await fetch(`${url}/_/time`, { signal: AbortSignal.timeout(answerMs) });
    const { timeNs, virtual }: { timeNs: string; virtual: boolean } = JSON.parse(await response.text());
    const behindNs = nowNs() - BigInt(timeNs);
    const apartNs = behindNs < 0n ? -behindNs : behindNs;
    const text = `The network's clock and this computer's are ${renderDuration(apartNs)} apart.`;
    if (virtual && apartNs > skewNs.careful)
      return warning('clock', text, 'Its time is virtual and is moved by who started it.');
    if (behindNs < -skewNs.careful) return warning('clock', `${text} ${isAhead}`, goesOn);
    if (apartNs > skewNs.bad) return wrong('clock', text, `Set this computer's clock. ${restart}`);
    return apartNs > skewNs.careful ? warning('clock', text, restart) : fine('clock', text);
  } catch {
    return warning('clock', 'The network did not tell its time.', restart);
  }
}

const isAhead = 'The network is ahead: this clock was ahead once, or was put back since.';
const goesOn =
  "Nothing has to be done if this computer's clock is right: the network goes on from its own time, and everything here follows it. If it is wrong, set it.";

const hello = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'tamc doctor', version: '0' } },
};

export async function checkMcp({ mcp }: Running, token: string | null): Promise<Check> {
  if (token === null) {
    const next = 'Run `npx tamc owner --admit assistant`: it makes one, with a key that may act for the owner.';
    return warning('MCP', 'The assistant has no token, or its file cannot be used.', next);
  }
  try {
    const { status } = await fetch(mcp, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify(hello),
      signal: AbortSignal.timeout(answerMs),
    });
    if (status === 200) return fine('MCP', `It answers at ${mcp} to the assistant's token.`);
    const next = status === 401 ? `The file of the token was changed since the start. ${restart}` : restart;
    return wrong('MCP', `It answers at ${mcp} with status ${status}.`, next);
  } catch {
    return wrong('MCP', `Nothing answers at ${mcp}.`, restart);
  }
}

/** In the quietest hours of the town minutes pass between two things that happen. */
const quietMs = 20 * 60_000;

export function checkTown(folderPath: string, nowMs: number): Check {
  const path = join(folderPath, 'town.jsonl');
  const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (changedMs === undefined) return fine('town', 'No town lives here.');
  const ago = renderDuration(BigInt(Math.max(0, Math.round(nowMs - changedMs))) * 1_000_000n);
  if (nowMs - changedMs < quietMs) return fine('town', `It lives: something happened ${ago} ago.`);
  return warning(
    'town',
    `Nothing has happened in it for ${ago}.`,
    `The end of ${path} tells why; without --no-town it comes back.`,
  );
}

/** Every file in the folder of a network that has a key in it. */
export function keyFilesOf({ path }: Pick<NetworkFolder, 'path'>): readonly string[] {
  const inFolder = (folder: string) =>
    namesIn(join(path, folder))
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(path, folder, name));
  const own = namesIn(path).includes('identity.json') ? [join(path, 'identity.json')] : [];
  return [...own, ...inFolder('people'), ...inFolder('people/assistants'), ...inFolder('devices')];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
