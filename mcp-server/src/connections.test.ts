// Who keeps a place when somebody floods: by real sockets, on the endpoint itself.
import { connect, type Socket } from 'node:net';
import { McpServer } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';
import { serveHttp } from './http.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(connectionsMax?: number): Promise<URL> {
  const serverOf = (name: string) => () => new McpServer({ name, version: '0' }, { capabilities: { tools: {} } });
  const factories = new Map(['mine', 'another'].map((token) => [token, serverOf(token)]));
  const settings = { port: 0, onFault: () => {} };
  const endpoint = await serveHttp(
    (token) => factories.get(token) ?? null,
    connectionsMax === undefined ? settings : { ...settings, connectionsMax },
  );
  closers.push(() => endpoint.close());
  return new URL(endpoint.url);
}

interface Open {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  /** The status of the next answer, on the same connection. */
  ask(token: string): Promise<number>;
}

async function open({ hostname, port }: URL): Promise<Open> {
  const socket = connect(Number(port), hostname);
  socket.setEncoding('utf8').on('error', () => {});
  closers.push(() => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const ask = async (token: string) => {
    const body = '{}';
    const head = `host: localhost\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json`;
    const answer = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk))));
    socket.write(`POST /mcp HTTP/1.1\r\n${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    return Number(/^HTTP\/1\.1 (\d+)/.exec(await Promise.race([answer, closed.then(() => '')]))?.[1] ?? 0);
  };
  return { socket, closed, ask };
}

/** Of a body that is no message: whoever gets it was served past the token. */
const served = 400;

describe('the places of the endpoint', () => {
  it('are left to who has a token by as many silent connections as somebody likes to open', async () => {
    const url = await start();
    const mine = await open(url);
    expect(await mine.ask('mine')).toBe(served);
    for (let i = 0; i < 600; i++) await open(url);
    expect(await mine.ask('mine')).toBe(served);
    expect(await (await open(url)).ask('another')).toBe(served);
  });

  it('are given up by those without a token, the oldest first', async () => {
    const url = await start(4);
    const mine = await open(url);
    expect(await mine.ask('mine')).toBe(served);
    const silent = [await open(url), await open(url), await open(url)];
    expect(await silent[0]!.ask('wrong')).toBe(401);
    for (const { closed } of silent) {
      await open(url);
      await closed;
    }
    expect(await mine.ask('mine')).toBe(served);
  });

  it('are given up by whoever holds most of them, where everybody has a token', async () => {
    const url = await start(6);
    const mine = await open(url);
    expect(await mine.ask('mine')).toBe(served);
    const flood: Open[] = [];
    for (let i = 0; i < 20; i++) {
      const one = await open(url);
      expect(await one.ask('another')).toBe(served);
      flood.push(one);
    }
    await Promise.all(flood.slice(0, -5).map(({ closed }) => closed));
    expect(await mine.ask('mine')).toBe(served);
  });
});
