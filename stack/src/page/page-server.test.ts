import { request } from 'node:http';
import { connect } from 'node:net';
import { IDL } from '@dfinity/candid';
import { managementCanister } from '@tamc/protocol/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Page, startPage } from './page-server.ts';

const canister = managementCanister;
const methods = {
  count: IDL.Func([], [IDL.Nat], ['query']),
  history: IDL.Func([], [IDL.Vec(IDL.Nat)], ['query']),
  increment: IDL.Func([], [IDL.Nat]),
  greet: IDL.Func([IDL.Text], [IDL.Text], ['query']),
};
let count = 0n;
const answers: Record<string, (values: readonly unknown[]) => unknown> = {
  count: () => count,
  history: () => [count],
  increment: () => ++count,
  greet: ([name]) => `Hello, ${String(name)}!`,
};
let page: Page;

beforeAll(async () => {
  page = await startPage({
    port: 0,
    url: 'http://replica',
    connection: {
      rootKey: Uint8Array.of(1, 2, 255),
      call: async (_canister, { name }, values) => ({ ok: true, value: [answers[name]!(values)] }),
    },
    name: 'counter',
    canister,
    methods,
  });
});
afterAll(() => page.close());

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** `fetch` would not let a test choose Host and Origin. */
function ask(path: string, options: { headers?: Record<string, string>; body?: string } = {}): Promise<Reply> {
  const { headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, page.url),
      { method: body === undefined ? 'GET' : 'POST', headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

/** No client library would send these. */
function askRaw(target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(page.url);
    const head = `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    const socket = connect(Number(port), hostname, () => socket.end(head));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => (answer += chunk));
    socket.once('error', reject);
    socket.once('close', () => resolve(answer.split('\r\n')[0] ?? ''));
  });
}

describe('the page of npm start', () => {
  it('is one file that asks for nothing from elsewhere', async () => {
    const { status, body } = await ask('/');
    expect(status).toBe(200);
    expect(body).toContain('<title>Autonomous Machine Cloud</title>');
    expect(body).not.toMatch(/src=|href="(?!\/)|https?:\/\//);
  });

  it('shows the replica and the canister', async () => {
    const { body } = await ask('/state');
    expect(JSON.parse(body)).toEqual({
      replica: { url: 'http://replica', rootKey: '0102ff' },
      canister: { name: 'counter', id: 'aaaaa-aa', count: '0', history: ['0'] },
    });
  });

  it('calls a method when a button is pressed', async () => {
    const { body } = await ask('/call', { body: '{"method":"increment","words":[]}' });
    expect(JSON.parse(body)).toEqual({ answer: ['1'] });
    const greeted = await ask('/call', { body: '{"method":"greet","words":["Ana"]}' });
    expect(JSON.parse(greeted.body)).toEqual({ answer: ['Hello, Ana!'] });
  });

  it('tells what is wrong with a call', async () => {
    expect((await ask('/call', { body: '{"method":"greet","words":[]}' })).body).toContain('takes 1 arguments');
    expect((await ask('/call', { body: '{"method":"fly","words":[]}' })).body).toContain('has no method');
    expect((await ask('/call', { body: '{"method":1}' })).status).toBe(400);
    expect((await ask('/call', { body: 'not JSON' })).status).toBe(400);
    expect((await ask('/call', { body: ' '.repeat(20_000) })).status).toBe(413);
    expect((await ask('/elsewhere')).status).toBe(404);
  });

  it.each(['//', '//state', 'http://[', '*', '/%', 'page'])('has nothing at %s, and goes on', async (target) => {
    expect(await askRaw(target)).toMatch(/^HTTP\/1\.1 4\d\d/);
    expect((await ask('/')).status).toBe(200);
  });

  it('calls only what is a method', async () => {
    for (const method of ['constructor', '__proto__', 'toString'])
      expect((await ask('/call', { body: JSON.stringify({ method, words: [] }) })).body).toContain('has no method');
  });

  it('is not pressed by a page of somebody else', async () => {
    const body = '{"method":"increment","words":[]}';
    expect((await ask('/call', { body, headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await ask('/call', { body, headers: { host: 'evil.example' } })).status).toBe(403);
    const { host } = new URL(page.url);
    expect((await ask('/call', { body, headers: { origin: `http://${host}` } })).status).toBe(200);
  });

  it('is no part of a page of somebody else, but a link leads to it', async () => {
    const statusOf = async (site: string, destination: string) =>
      (await ask('/state', { headers: { 'sec-fetch-site': site, 'sec-fetch-dest': destination } })).status;
    for (const destination of ['image', 'script', 'iframe', 'empty']) {
      expect(await statusOf('cross-site', destination)).toBe(403);
      expect(await statusOf('same-site', destination)).toBe(403);
    }
    expect(await statusOf('cross-site', 'document')).toBe(200);
    expect(await statusOf('same-origin', 'empty')).toBe(200);
    expect(await statusOf('none', 'document')).toBe(200);
  });
});
