// Clients that send too much, too slowly, rubbish, or all of it at once: nobody else suffers.
import { textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { principalToBytes } from '../codec/principal.ts';
import {
  alice,
  aliceKey,
  bobKey,
  canisterPath,
  envelopeBytes,
  methodContent,
  signedEnvelope,
} from './request-double.ts';
import {
  expectWellServed,
  open,
  post,
  queryBody,
  queryPath,
  rawPost,
  start,
  until,
  untilAsync,
} from './server-double.ts';

describe('too much', () => {
  it('of a body is answered 413, before it is sent or while it is [http.limits]', async () => {
    const { server } = await start();
    const declared = await open(server);
    declared.socket.write(`POST ${queryPath} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999999\r\n\r\n`);
    await until(() => declared.received().startsWith('HTTP/1.1 413'));
    expect((await post(server, new Uint8Array(4 * 1024 * 1024 + 1))).status).toBe(413);
    const chunked = await open(server);
    chunked.socket.write(`POST ${queryPath} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n`);
    const chunk = `40000\r\n${'x'.repeat(0x40000)}\r\n`;
    for (let i = 0; i < 17; i++) chunked.socket.write(chunk);
    await until(() => chunked.received().startsWith('HTTP/1.1 413'));
    await chunked.closed;
    await expectWellServed(server);
  });

  it('of a body is answered 413 also to a client that asks first', async () => {
    const { server } = await start();
    const { socket, received } = await open(server);
    const head = `POST ${queryPath} HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n`;
    socket.write(`${head}content-length: 99999999\r\n\r\n`);
    await until(() => received().includes('\r\n\r\n'));
    expect(received()).toMatch(/^HTTP\/1.1 413/);
    const polite = await open(server);
    polite.socket.write(`${head}content-length: ${queryBody.length}\r\n\r\n`);
    await until(() => polite.received().startsWith('HTTP/1.1 100 Continue'));
    polite.socket.write(queryBody);
    await until(() => polite.received().includes('HTTP/1.1 200 OK'));
  });

  it('of headers is answered 431', async () => {
    const { server } = await start();
    const { socket, received } = await open(server);
    socket.write(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    await until(() => received().startsWith('HTTP/1.1 431'));
  });

  it('at once is answered 503 until something is done [http.limits]', async () => {
    const { server } = await start({ bufferedByteCountMax: 10_000 });
    const hoarder = await open(server);
    hoarder.socket.write(
      `POST ${queryPath} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9990\r\n\r\n${'x'.repeat(9980)}`,
    );
    let status = 200;
    await untilAsync(async () => {
      const response = await post(server, queryBody);
      await response.arrayBuffer();
      status = response.status;
      return status !== 200;
    });
    expect(status).toBe(503);
    hoarder.socket.destroy();
    await untilAsync(async () => (await post(server, queryBody)).status === 200);
  });

  it('connections are told so [http.limits]', async () => {
    const { server, core, release } = await start({ connectionCountMax: 3 });
    core.submission = { kind: 'accepted', answered: new Promise(() => undefined) };
    const call = rawPost(envelopeBytes(methodContent('call')), canisterPath(4, 'call'));
    const first = await Promise.all([open(server), open(server), open(server)]);
    for (const { socket } of first) socket.write(call, 'latin1');
    await untilAsync(async () => core.submitted.length === 3);
    const fourth = await open(server);
    await fourth.closed;
    expect(fourth.received()).toMatch(/^HTTP\/1.1 503 Service Unavailable/);
    for (const { received } of first) expect(received()).toBe('');
    release();
    first[0]?.socket.destroy();
    await untilAsync(async () => {
      const again = await open(server);
      again.socket.write('GET /api/v2/status HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
      await again.closed;
      return again.received().startsWith('HTTP/1.1 200');
    });
  });

  it('connections that only hold a place give it to new ones, the longest unserved first [http.slow]', async () => {
    const { server } = await start({ connectionCountMax: 3 });
    const halfOpen = `POST ${queryPath} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nxx`;
    const holding = [await open(server), await open(server), await open(server)];
    for (const { socket } of holding) {
      socket.write(halfOpen);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const { closed } of holding) {
      const good = await open(server);
      good.socket.write('GET /api/v2/status HTTP/1.1\r\nhost: localhost\r\n\r\n');
      await Promise.all([closed, untilAsync(async () => good.received().startsWith('HTTP/1.1 200'))]);
    }
  });

  it('sent ahead on one connection ends it', async () => {
    const { server, core, release } = await start();
    core.submission = { kind: 'accepted', answered: new Promise(() => undefined) };
    const { socket, closed } = await open(server);
    const call = rawPost(envelopeBytes(methodContent('call')), canisterPath(4, 'call'));
    socket.write(call + 'GET /api/v2/status HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(100), 'latin1');
    await closed;
    release();
    await expectWellServed(server);
  });
});
describe('too slow', () => {
  const short = { headersTimeoutMs: 60, requestTimeoutMs: 120 };

  it('a connection that says nothing is ended [http.slow]', async () => {
    const { server } = await start(short);
    const { received, closed } = await open(server);
    await closed;
    expect(received()).toMatch(/^(HTTP\/1.1 408 Request Timeout.*)?$/s);
  });

  it('headers that never end are answered 408 [http.slow]', async () => {
    const { server } = await start(short);
    const { socket, received, closed } = await open(server);
    socket.write('GET /api/v2/status HTTP/1.1\r\nhost: localhost\r\n');
    const drip = setInterval(() => socket.write('x: y\r\n'), 10);
    await closed;
    clearInterval(drip);
    expect(received()).toMatch(/^HTTP\/1.1 408 Request Timeout/);
  });

  it('a body that never ends is answered 408, and the others are served meanwhile [http.slow]', async () => {
    const { server } = await start(short);
    const slow = await Promise.all(Array.from({ length: 20 }, () => open(server)));
    for (const { socket } of slow) {
      socket.write(`POST ${queryPath} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nx`);
    }
    await expectWellServed(server);
    await Promise.all(slow.map(({ closed }) => closed));
    for (const { received } of slow) expect(received()).toMatch(/^HTTP\/1.1 408/);
  });

  it('a client that does not take its answer is dropped [http.slow]', async () => {
    const { server, core } = await start({ idleTimeoutMs: 150 });
    core.queryAnswer = { kind: 'replied', arg: new Uint8Array(3 * 1024 * 1024) };
    const { socket, closed } = await open(server);
    socket.pause();
    socket.write(rawPost(queryBody).repeat(10), 'latin1');
    await until(() => core.queried.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 400));
    // One answer fills the socket; the requests behind it are not even begun.
    expect(core.queried.length).toBeLessThan(10);
    socket.resume();
    await closed;
    core.queryAnswer = { kind: 'replied', arg: new Uint8Array() };
    await expectWellServed(server);
  });

  it('a synchronous call may wait longer than a request may take to arrive', async () => {
    const { server, core } = await start(short);
    core.submission = { kind: 'accepted', answered: new Promise((resolve) => setTimeout(resolve, 400)) };
    const response = await post(server, envelopeBytes(methodContent('call')), canisterPath(4, 'call'));
    expect(response.status).toBe(200);
  });
});

describe('rubbish', () => {
  it('is answered 400 and ends the connection, whatever it is [http.rubbish]', async () => {
    const { server } = await start();
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 2000 }),
      fc
        .constantFrom(
          '\0',
          'GET',
          'GET / HTTP/9.9\r\n\r\n',
          '\x16\x03\x01\x02\0\x01',
          'POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n',
        )
        .map(textToBytes),
      fc.string().map((text) => textToBytes(`GET /${text} HTTP/1.1\r\n${text}\r\n\r\n`)),
      fc.uint8Array({ maxLength: 200 }).map((tail) => Buffer.concat([Buffer.from(rawPost(queryBody), 'latin1'), tail])),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (rubbish) => {
        const { socket, received, closed } = await open(server);
        socket.end(rubbish);
        await closed;
        expect(received()).toMatch(/^$|^HTTP\/1.1 (200|4\d\d) /);
      }),
      { numRuns: 100 },
    );
    await expectWellServed(server);
  });

  it('bodies are answered 400 on a connection that stays open [http.rubbish]', async () => {
    const { server } = await start();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 500 }),
        fc.constantFrom('call', 'query', 'read_state'),
        async (body, operation) => {
          const response = await post(server, body, canisterPath(3, operation));
          expect([400, response.status]).toEqual([response.status, 400]);
          await response.arrayBuffer();
        },
      ),
      { numRuns: 200 },
    );
    await expectWellServed(server);
  });

  it('connections that break at any moment leave nothing behind [http.rubbish]', async () => {
    const { server, core, logged } = await start();
    const request = Buffer.from(rawPost(queryBody), 'latin1');
    for (let i = 0; i < request.length; i += 37) {
      const { socket } = await open(server);
      socket.write(request.subarray(0, i));
      if (i % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
    core.submission = { kind: 'accepted', answered: new Promise((resolve) => setTimeout(resolve, 50)) };
    const waiting = await open(server);
    waiting.socket.write(rawPost(envelopeBytes(methodContent('call')), canisterPath(4, 'call')), 'latin1');
    await until(() => core.submitted.length === 1);
    waiting.socket.destroy();
    await until(() => core.certified.length === 1);
    await expectWellServed(server);
    expect(logged).toEqual([]);
  });

  it('signatures in thousands do not keep a good client from being served [http.bad-signatures]', async () => {
    const { server, core } = await start();
    const content = methodContent('query', { sender: principalToBytes(alice) });
    const bad = rawPost(signedEnvelope(content, bobKey, aliceKey));
    const good = new Uint8Array(signedEnvelope(content, aliceKey));
    let isOver = false;
    let answeredCount = 0;
    const attack = async () => {
      while (!isOver) {
        const { socket, received, closed } = await open(server);
        socket.write(bad.repeat(60), 'latin1');
        await Promise.race([closed, until(() => received().split('HTTP/1.1 4').length > 60)]);
        answeredCount += received().split('HTTP/1.1 4').length - 1;
        socket.destroy();
      }
    };
    const attacks = Array.from({ length: 20 }, attack);
    for (let i = 0; i < 50; i++) expect((await post(server, good)).status).toBe(200);
    await until(() => answeredCount > 3000);
    isOver = true;
    await Promise.all(attacks);
    expect(core.queried.every(({ sender }) => sender === alice)).toBe(true);
    expect(core.queried.length).toBe(50);
  });
});

describe('under load', () => {
  it('a connection most of whose requests were refused is answered 429 until there is room [http.limits]', async () => {
    const { server, core } = await start();
    const { query } = core;
    core.query = (call) => {
      const endMs = performance.now() + 3;
      while (performance.now() < endMs);
      return query(call);
    };
    const suspect = await open(server);
    const bad = rawPost(textToBytes('rubbish'));
    const answers = (status: number) => suspect.received().split(`HTTP/1.1 ${status}`).length - 1;
    suspect.socket.write(bad.repeat(3));
    await until(() => answers(400) === 3);
    let isOver = false;
    const load = Array.from({ length: 60 }, async () => {
      while (!isOver) expect((await post(server, queryBody)).status).toBe(200);
    });
    while (answers(429) === 0) {
      const before = answers(400);
      suspect.socket.write(bad);
      await until(() => answers(400) > before || answers(429) > 0);
    }
    isOver = true;
    await Promise.all(load);
    const before = answers(400);
    suspect.socket.write(bad);
    await until(() => answers(400) > before);
  });
});
