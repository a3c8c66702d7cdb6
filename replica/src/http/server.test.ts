import { request as httpRequest } from 'node:http';
import { textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { canisterPath, envelopeBytes, methodContent, readStateContent } from './request-double.ts';
import { type RunningServer, startServer } from './server.ts';
import { expectWellServed, open, post, queryBody, queryPath, rawPost, start, until } from './server-double.ts';

describe('the server', () => {
  it('serves what the handler answers, over sockets that stay open [http.server]', async () => {
    const { server } = await start();
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    const status = await fetch(`${server.url}/api/v2/status?x=1`);
    expect([status.status, status.headers.get('content-type')]).toEqual([200, 'application/cbor']);
    const { socket, received } = await open(server);
    for (let i = 1; i <= 3; i++) {
      socket.write(rawPost(queryBody), 'latin1');
      await until(() => received().split('HTTP/1.1 200 OK').length === i + 1);
    }
  });

  it('answers HEAD and OPTIONS without a body, and addresses written in full', async () => {
    const { server } = await start();
    expect(await (await fetch(server.url, { method: 'HEAD' })).text()).toBe('');
    const preflight = await fetch(`${server.url}${queryPath}`, { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    const { socket, received } = await open(server);
    socket.write('GET http://localhost/api/v2/status HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await until(() => received().startsWith('HTTP/1.1 200 OK'));
  });

  it('takes a body in chunks', async () => {
    const { server } = await start();
    const status = await new Promise((resolve) => {
      const request = httpRequest(`${server.url}${queryPath}`, { method: 'POST' }, (response) =>
        resolve(response.statusCode),
      );
      for (let i = 0; i < queryBody.length; i += 10) request.write(queryBody.subarray(i, i + 10));
      request.end();
    });
    expect(status).toBe(200);
  });

  it('refuses host names that are not its own [http.host]', async () => {
    const ask = async (server: RunningServer) => {
      const { socket, received } = await open(server);
      socket.write('GET /api/v2/status HTTP/1.1\r\nhost: evil.example\r\n\r\n');
      await until(() => received().includes('\r\n\r\n'));
      return received().slice(9, 12);
    };
    expect(await ask((await start()).server)).toBe('403');
    expect(await ask((await start({}, { allowedHosts: ['evil.example'] })).server)).toBe('200');
  });

  it('keeps pages of other origins away from what obeys without a signature, and from nothing else [http.control]', async () => {
    const { server } = await start({}, { allowedHosts: 'any' });
    const ask = async (path: string, headers: string) => {
      const { socket, received } = await open(server);
      socket.write(`GET ${path} HTTP/1.1\r\n${headers}connection: close\r\n\r\n`);
      await until(() => received().includes('\r\n\r\n'));
      const text = received().toLowerCase();
      return [text.slice(9, 12), text.includes('access-control-allow-origin')];
    };
    expect(await ask('/_/time', 'host: localhost\r\n')).toEqual(['200', false]);
    expect(await ask('/_/time', 'host: localhost\r\norigin: https://evil.example\r\n')).toEqual(['403', false]);
    expect(await ask('/_/time', 'host: evil.example\r\n')).toEqual(['403', false]);
    expect(await ask('/api/v2/status', 'host: evil.example\r\norigin: https://evil.example\r\n')).toEqual([
      '200',
      true,
    ]);
  });

  it('says why it cannot listen', async () => {
    const { server } = await start();
    const handler = { find: () => ({ ok: false }), answer: async () => ({}), logBug: () => undefined } as never;
    expect(await startServer(handler, { port: server.port })).toEqual({
      ok: false,
      error: {
        problem: `port ${server.port} on 127.0.0.1 is taken`,
        nextStep: 'Choose another port, or 0 for any free one; or end what listens there.',
      },
    });
    expect(await startServer(handler, { address: '192.0.2.1' })).toMatchObject({ ok: false });
  });

  it('answers 500 to a bug, logs it and goes on', async () => {
    const { server, core, logged } = await start();
    const { query } = core;
    core.query = () => {
      throw new Error('a bug for the test');
    };
    expect((await post(server, queryBody)).status).toBe(500);
    expect(logged.join()).toContain('a bug for the test');
    core.query = query;
    await expectWellServed(server);
  });
});
describe('closing', () => {
  it('lets what is under way end, takes nothing new and ends idle connections [http.close]', async () => {
    const { server, core } = await start({ closeGraceMs: 5_000 });
    const idle = await open(server);
    let finish = () => {};
    core.submission = {
      kind: 'accepted',
      answered: new Promise((resolve) => {
        finish = resolve;
      }),
    };
    const call = post(server, envelopeBytes(methodContent('call')), canisterPath(4, 'call'));
    await until(() => core.submitted.length === 1);
    const closed = server.close();
    finish();
    expect((await call).status).toBe(200);
    await Promise.all([closed, idle.closed]);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('does not wait for ever [http.close]', async () => {
    const { server, core } = await start({ closeGraceMs: 30 });
    core.submission = { kind: 'accepted', answered: new Promise(() => undefined) };
    const call = post(server, envelopeBytes(methodContent('call')), canisterPath(4, 'call')).catch(() => 'dropped');
    await until(() => core.submitted.length === 1);
    await server.close();
    expect(await call).toBe('dropped');
  });

  it('can be done twice', async () => {
    const { server } = await start();
    await Promise.all([server.close(), server.close()]);
    await server.close();
  });
});

it('a certificate of a read_state arrives whole', async () => {
  const { server, core } = await start();
  const certificate = new Uint8Array(1_000_000).map((_, i) => i);
  core.certificate = async () => certificate;
  const response = await post(
    server,
    envelopeBytes(readStateContent([[textToBytes('time')]])),
    canisterPath(3, 'read_state'),
  );
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(Buffer.compare(bytes.subarray(-certificate.length), certificate)).toBe(0);
});
