// Serves the page of `npm start` on loopback: what runs, and the example canister with its buttons. The page asks this
// server, and this server asks the replica as every client does.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { bytesToHex } from '@tamc/base/bytes';
import type { Connection } from '@tamc/client';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { parseArgumentValues, valueToJson } from '../candid/argument-values.ts';
import type { Methods } from '../candid/parse-did.ts';
import { methodOf } from '../candid/read-methods.ts';
import { findRoot } from '../root.ts';
import { statusToJson } from '../show/status-json.ts';
import { type ApproveRoutes, createApproveRoutes, type StatusReading, type TownPort } from './approve-routes.ts';
import { type Answer, bodyLengthMax, html, isLoopback, json, readBody, send } from './loopback.ts';
import { type SharedReading, shareReading } from './shared-reading.ts';

export interface PageSettings {
  readonly port: number;
  /** The replica's. */
  readonly url: string;
  readonly connection: Pick<Connection, 'call' | 'rootKey'>;
  readonly name: string;
  readonly canister: PrincipalHex;
  readonly methods: Methods;
  /** The machines, and what waits for their owner; left out where only the example canister is shown. */
  readonly town?: TownPort;
}

export interface Page {
  readonly url: string;
  close(): Promise<void>;
}

interface Routes {
  readonly settings: PageSettings;
  readonly approve: ApproveRoutes | null;
  readonly readings: SharedReading<TownReading> | null;
}

export async function startPage(settings: PageSettings): Promise<Page> {
  const { town } = settings;
  const readings = town === undefined ? null : shareReading(() => readTown(town), performance.now.bind(performance));
  const approve = town === undefined || readings === null ? null : createApproveRoutes(town, readings, readStyle());
  const routes: Routes = { settings, approve, readings };
  const server = createServer((request, response) => {
    answer(routes, request)
      .catch((error: unknown) => json(502, { error: error instanceof Error ? error.message : String(error) }))
      .then((found) => send(response, found))
      // What cannot be sent has nobody to go to; the process serves others too.
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : settings.port;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer({ settings, approve, readings }: Routes, request: IncomingMessage): Promise<Answer> {
  if (!isLoopback(request))
    return json(403, {
      error: 'this page answers only to 127.0.0.1 and localhost, and to no page of others: open it by itself',
    });
  // As it was sent: another server's address, or one that is none, is nothing that is here.
  const [pathname = '', ...query] = (request.url ?? '').split('?');
  const searchParams = new URLSearchParams(query.join('?'));
  const route = `${request.method} ${pathname}`;
  if (route === 'GET /') return html(200, readPage());
  if (readings !== null && route === 'GET /status') return (await readings.ask()).answer;
  if (approve !== null && route === 'GET /approve') return await approve.show(searchParams.get('done'));
  if (approve !== null && route === 'POST /approve') return await takeForm(approve, request);
  if (route === 'GET /state') return json(200, await readState(settings));
  if (route === 'POST /call') return await call(settings, request);
  return json(404, { error: 'there is nothing here' });
}

async function takeForm(approve: ApproveRoutes, request: IncomingMessage): Promise<Answer> {
  const form = await readBody(request);
  return form === null ? json(413, { error: `a form holds at most ${bodyLengthMax} bytes` }) : await approve.take(form);
}

/** What pages ask for every other second. */
interface TownReading extends StatusReading {
  /** To those who only look. */
  readonly answer: Answer;
}

async function readTown(town: TownPort): Promise<TownReading> {
  const status = await town.readStatus();
  const answer = status.ok ? json(200, statusToJson(status.value)) : json(502, { error: status.error.message });
  return { status, answer };
}

const readFileOf = (name: string) => readFileSync(join(findRoot(), 'stack/src/page', name), 'utf8');

const readStyle = () => readFileOf('page.css');

function readPage(): string {
  return readFileOf('page.html').replace('/* style */', readStyle);
}

async function readState(settings: PageSettings): Promise<unknown> {
  const { url, connection, name, canister } = settings;
  const [count, history] = await Promise.all([
    callByWords(settings, 'count', []),
    callByWords(settings, 'history', []),
  ]);
  return {
    replica: { url, rootKey: bytesToHex(connection.rootKey) },
    canister: { name, id: principalToText(canister), count: count[0], history: history[0] },
  };
}

async function call(settings: PageSettings, request: IncomingMessage): Promise<Answer> {
  const body = await readBody(request);
  if (body === null) return json(413, { error: `a call holds at most ${bodyLengthMax} bytes` });
  const wanted = parseJson(body);
  if (!isCall(wanted)) return json(400, { error: 'send {"method": "…", "words": ["…"]}' });
  return json(200, { answer: await callByWords(settings, wanted.method, wanted.words) });
}

function isCall(wanted: unknown): wanted is { method: string; words: string[] } {
  if (typeof wanted !== 'object' || wanted === null || !('method' in wanted) || !('words' in wanted)) return false;
  const { method, words } = wanted;
  return typeof method === 'string' && Array.isArray(words) && words.every((word) => typeof word === 'string');
}

async function callByWords(
  { connection, canister, methods }: PageSettings,
  name: string,
  words: readonly string[],
): Promise<readonly unknown[]> {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) throw new Error(`the canister has no method "${name}"`);
  const values = parseArgumentValues(method.argTypes, words);
  if (!values.ok) throw new Error(`${name} ${values.error}`);
  const answer = await connection.call(canister, methodOf(name, method), values.value);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.map(valueToJson);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
