import { textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { createAnswerWait } from './answer-wait.ts';
import { createCoreDouble, doubleCertificate } from './core-double.ts';
import { createFetch } from './fetch.ts';
import { createHandler } from './handler.ts';
import { canisterPath, cborBody, envelopeBytes, methodContent, readStateContent } from './request-double.ts';

function createInterface() {
  const core = createCoreDouble();
  const wait = createAnswerWait(60_000);
  const options = { replicaVersion: '1.2.3', waitForAnswer: wait.waitForAnswer, log: () => undefined };
  return { core, wait, fetch: createFetch(createHandler(core, options)) };
}

const host = 'http://replica.invalid:4943';
const query = envelopeBytes(methodContent('query'));

describe('the in-process fetch', () => {
  it('answers like the server, at any host', async () => {
    const { fetch } = createInterface();
    const response = await fetch(`${host}/api/v2/status`);
    expect([response.status, response.ok, response.url]).toEqual([200, true, `${host}/api/v2/status`]);
    expect(response.headers.get('content-type')).toBe('application/cbor');
    const clone = response.clone();
    const body = new Uint8Array(await response.arrayBuffer());
    expect(cborBody({ status: 200, headers: {}, body }).get('impl_version')).toBe('1.2.3');
    expect((await clone.arrayBuffer()).byteLength).toBe(body.length);
  });

  const url = `${host}${canisterPath(3, 'query')}`;
  const forms: [what: string, input: string | URL | Request, init: RequestInit | undefined][] = [
    ['bytes', url, { method: 'POST', body: new Uint8Array(query) }],
    ['a view into a larger buffer', url, { method: 'post', body: new Uint8Array([0, 0, ...query, 0]).subarray(2, -1) }],
    ['an ArrayBuffer', new URL(url), { method: 'POST', body: new Uint8Array(query).buffer }],
    ['a Blob', url, { method: 'POST', body: new Blob([new Uint8Array(query)]) }],
    ['a Request', new Request(url, { method: 'POST', body: new Uint8Array(query) }), undefined],
  ];
  it.each(forms)('takes a body as %s', async (_, input, init) => {
    const { core, fetch } = createInterface();
    expect((await fetch(input, init)).status).toBe(200);
    expect(core.queried.length).toBe(1);
  });

  it('answers refusals as responses, with their text', async () => {
    const { fetch } = createInterface();
    const notFound = await fetch(`${host}/api/v9/status`);
    expect([notFound.status, notFound.ok]).toEqual([404, false]);
    expect(await notFound.text()).toMatch(/There is nothing at/);
    expect((await fetch(url, { method: 'POST' })).status).toBe(400);
    expect((await fetch(url, { method: 'POST', body: 'text' })).status).toBe(400);
    const tooLarge = await fetch(url, { method: 'POST', body: new Uint8Array(4 * 1024 * 1024 + 1) });
    expect(tooLarge.status).toBe(413);
  });

  it('answers 202 and 204 without a body', async () => {
    const { fetch } = createInterface();
    const call = envelopeBytes(methodContent('call'));
    const accepted = await fetch(`${host}${canisterPath(2, 'call')}`, { method: 'POST', body: new Uint8Array(call) });
    expect([accepted.status, await accepted.text()]).toEqual([202, '']);
    expect((await fetch(url, { method: 'OPTIONS' })).status).toBe(204);
  });

  it('rejects when it is aborted, before or while it waits', async () => {
    const { core, fetch } = createInterface();
    core.submission = { kind: 'accepted', answered: new Promise(() => undefined) };
    const call = { method: 'POST', body: new Uint8Array(envelopeBytes(methodContent('call'))) };
    const early = AbortSignal.abort();
    await expect(fetch(`${host}${canisterPath(4, 'call')}`, { ...call, signal: early })).rejects.toThrow(/abort/i);
    const late = new AbortController();
    const waiting = fetch(`${host}${canisterPath(4, 'call')}`, { ...call, signal: late.signal });
    late.abort(new Error('the test has seen enough'));
    await expect(waiting).rejects.toThrow('the test has seen enough');
  });

  it('lets waiting calls go with 202 when the replica stops', async () => {
    const { core, wait, fetch } = createInterface();
    core.submission = { kind: 'accepted', answered: new Promise(() => undefined) };
    const call = { method: 'POST', body: new Uint8Array(envelopeBytes(methodContent('call'))) };
    const waiting = fetch(`${host}${canisterPath(4, 'call')}`, call);
    await new Promise((resolve) => setImmediate(resolve));
    wait.release();
    expect((await waiting).status).toBe(202);
    expect((await fetch(`${host}${canisterPath(4, 'call')}`, call)).status).toBe(202);
  });

  it('gives each answer its own bytes', async () => {
    const { fetch } = createInterface();
    const body = new Uint8Array(envelopeBytes(readStateContent([[textToBytes('time')]])));
    const read = async () => {
      const response = await fetch(`${host}${canisterPath(2, 'read_state')}`, { method: 'POST', body });
      return new Uint8Array(await response.arrayBuffer());
    };
    const first = await read();
    first.fill(0);
    expect(cborBody({ status: 200, headers: {}, body: await read() }).get('certificate')).toEqual(doubleCertificate);
  });
});
