// Serves the page of `npm start` on loopback: what runs, and the example canister with its buttons. The page asks this
// server, and this server asks the replica as every client does.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { bytesToHex } from '@tamc/base/bytes';
import type { Connection } from '@tamc/client';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { parseArgumentValues, valueToJson } from '../candid/argument-values.ts';
import type { Methods } from '../candid/parse-did.ts';
import { methodOf } from '../candid/read-methods.ts';
import { findRoot } from '../root.ts';

export interface PageSettings {
  readonly port: number;
  /** The replica's. */
  readonly url: string;
  readonly connection: Pick<Connection, 'call' | 'rootKey'>;
  readonly name: string;
  readonly canister: PrincipalHex;
  readonly methods: Methods;
}

export interface Page {
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** A call from the page holds a method's name and a few words. */
const bodyLengthMax = 16_384;

export async function startPage(settings: PageSettings): Promise<Page> {
  const server = createServer((request, response) => {
    answer(settings, request).then(
      (found) => send(response, found),
      (error: unknown) => send(response, json(502, { error: error instanceof Error ? error.message : String(error) })),
    );
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

async function answer(settings: PageSettings, request: IncomingMessage): Promise<Answer> {
  if (!isLoopback(request)) return json(403, { error: 'this page answers only to 127.0.0.1 and localhost' });
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /') return { status: 200, type: 'text/html; charset=utf-8', body: readPage() };
  if (route === 'GET /state') return json(200, await readState(settings));
  if (route === 'POST /call') return await call(settings, request);
  return json(404, { error: 'there is nothing here' });
}

/**
 * A page of somebody else's, open in the same browser, must not press our buttons: neither by a name that resolves to
 * loopback (Host) nor by a request across origins (Origin).
 */
function isLoopback({ headers }: IncomingMessage): boolean {
  const isOurs = (host: string) => /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
  const origin = headers.origin;
  return isOurs(headers.host ?? '') && (origin === undefined || origin === `http://${headers.host}`);
}

function readPage(): string {
  return readFileSync(join(findRoot(), 'stack/src/page/page.html'), 'utf8');
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
  const method = methods[name];
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

/** Null when it is longer than a call can be. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > bodyLengthMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function json(status: number, content: unknown): Answer {
  return { status, type: 'application/json', body: JSON.stringify(content) };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
