import { request } from 'node:http';
import { connect } from 'node:net';
import { McpServer } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpEndpoint, serveHttp } from './http.ts';

let endpoint: HttpEndpoint;
const token = 'a-token-of-the-test';
const otherToken = 'a-token-of-another';
const faultyToken = 'a-token-at-which-looking-fails';
const faults: unknown[] = [];

const serverOf = (name: string) => () =>
  new McpServer({ name, version: '0' }, { capabilities: { tools: { listChanged: true } } });

beforeAll(async () => {
  const [factory, otherFactory] = [serverOf('test'), serverOf('another')];
  const find = (given: string) => {
    if (given === faultyToken) throw new Error('the file of this assistant cannot be read');
    return given === token ? factory : given === otherToken ? otherFactory : null;
  };
  endpoint = await serveHttp(find, { port: 0, onFault: (error) => faults.push(error) });
});
afterAll(() => endpoint.close());

interface Asked {
  readonly headers?: Record<string, string>;
  readonly path?: string;
  readonly body?: string;
}

/** `fetch` would not let a test choose Host and Origin. */
function ask({ headers = {}, path = '/mcp', body = discover }: Asked): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const all = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers };
    const sent = request(new URL(path, endpoint.url), { method: 'POST', headers: all }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** No client library would send these. The first line of the answer. */
function askRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(endpoint.url);
    const socket = connect(Number(port), hostname, () => socket.end(text));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => (answer += chunk));
    socket.once('error', reject);
    socket.once('close', () => resolve(answer.split('\r\n')[0] ?? ''));
  });
}

const discover = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '0' } },
});
const authorization = `Bearer ${token}`;

describe('a token that is taken away', () => {
  const listen = {
    jsonrpc: '2.0',
    id: 1,
    method: 'subscriptions/listen',
    params: {
      notifications: { toolsListChanged: true },
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 't', version: '0' },
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    },
  };
  const accept = 'application/json, text/event-stream';

  it('ends the streams that it opened, in both revisions, and nobody else', async () => {
    const tokens = new Set(['kept', 'taken']);
    const factories = new Map([...tokens].map((name) => [name, serverOf(name)]));
    const find = (given: string) => (tokens.has(given) ? (factories.get(given) ?? null) : null);
    const own = await serveHttp(find, { port: 0, onFault: (error) => faults.push(error) });
    const send = async (name: string, headers: Record<string, string>, init: RequestInit) =>
      await fetch(own.url, { ...init, headers: { authorization: `Bearer ${name}`, accept, ...headers } });
    const post = async (name: string, body: string, headers: Record<string, string> = {}) =>
      await send(name, { 'content-type': 'application/json', ...headers }, { method: 'POST', body });
    /** Tells, once each is open, how it ends. */
    const openStreams = async (name: string): Promise<readonly Promise<unknown>[]> => {
      const session = (await post(name, discover)).headers.get('mcp-session-id')!;
      // The head of this answer comes with its first event.
      const former = send(name, { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }, {});
      const current = await post(name, JSON.stringify(listen), {
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'subscriptions/listen',
      });
      expect([current.status, current.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
      return [former.then((response) => response.text()), current.text()];
    };
    const ended: string[] = [];
    const endings: Promise<unknown>[] = [];
    for (const name of tokens) {
      const note = () => ended.push(name);
      endings.push(...(await openStreams(name)).map((ending) => ending.then(note, note)));
    }
    tokens.delete('taken');
    await Promise.all(endings.slice(2));
    expect(ended).toEqual(['taken', 'taken']);
    await own.close();
    await Promise.all(endings);
  });
});

describe('the endpoint over HTTP', () => {
  it('serves who has the token', async () => {
    const { status, text } = await ask({ headers: { authorization } });
    expect(status, text).toBe(200);
    expect(text).toContain('"name":"test"');
  });

  it('serves each who has a token by a server of their own', async () => {
    expect((await ask({ headers: { authorization: `Bearer ${otherToken}` } })).text).toContain('"name":"another"');
    expect((await ask({ headers: { authorization } })).text).toContain('"name":"test"');
  });

  it('refuses who has none, or a wrong one', async () => {
    for (const given of [undefined, '', 'Bearer', 'Bearer wrong', `Bearer ${token}x`, `bearer ${token}`]) {
      const { status, text } = await ask({ headers: given === undefined ? {} : { authorization: given } });
      expect(status, String(given)).toBe(401);
      expect(text).toContain('Authorization: Bearer');
      expect(text).not.toContain(token);
    }
  });

  it('refuses a page of somebody else, by its origin and by a name that leads here', async () => {
    expect((await ask({ headers: { authorization, origin: 'https://evil.example' } })).status).toBe(403);
    expect((await ask({ headers: { authorization, host: 'evil.example' } })).status).toBe(403);
    expect((await ask({ headers: { authorization, origin: 'http://localhost:4944' } })).status).toBe(200);
  });

  it('refuses a body that is too long, and other places, with a sentence', async () => {
    expect((await ask({ headers: { authorization }, body: `"${'x'.repeat(1_100_000)}"` })).status).toBe(413);
    expect(await ask({ headers: { authorization }, path: '/' })).toMatchObject({ status: 404 });
  });

  it.each(['//', '//mcp', 'http://[', '*', '/%', '/mcp/..', '\\', 'mcp', '/?//'])(
    'answers a request for %s, whoever sends it, and goes on',
    async (target) => {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const head = `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
        expect(await askRaw(`${head}\r\n`)).toMatch(/^HTTP\/1\.1 4\d\d/);
        expect(await askRaw(`${head}Authorization: ${authorization}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 4\d\d/);
      }
      expect((await ask({ headers: { authorization } })).status).toBe(200);
    },
  );

  it('answers when looking for who has the token fails, says so to who runs it, and goes on', async () => {
    const before = faults.length;
    expect((await ask({ headers: { authorization: `Bearer ${faultyToken}` } })).status).toBe(500);
    expect(faults.length).toBe(before + 1);
    expect((await ask({ headers: { authorization } })).status).toBe(200);
  });

  it('answers a message as deep as a body allows, and goes on', async () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const deep = `${open.repeat(150_000)}1${close.repeat(150_000)}`;
      const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"a":${deep}}}}`;
      for (const body of [deep, call])
        expect((await ask({ headers: { authorization }, body })).status).toBeGreaterThanOrEqual(200);
    }
    expect((await ask({ headers: { authorization } })).status).toBe(200);
  });

  it('answers what is no message with an error, and goes on', async () => {
    for (const body of ['', '{', 'null', '[]', '{"jsonrpc":"2.0"}', '\u0000']) {
      expect((await ask({ headers: { authorization }, body })).status).toBeGreaterThanOrEqual(400);
    }
    expect((await ask({ headers: { authorization } })).status).toBe(200);
  });
});
