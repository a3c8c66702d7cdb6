import { parseText, textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { parsePrincipalText, principalToBytes, principalToText } from '../codec/principal.ts';
import { createAnswerWait } from './answer-wait.ts';
import { createCoreDouble, doubleRootKey, hostedCanister } from './core-double.ts';
import { createHandler } from './handler.ts';
import { canisterPath, cborBody, envelopeBytes, methodContent, send, shown } from './request-double.ts';

const core = createCoreDouble();
const { waitForAnswer } = createAnswerWait();
const handler = createHandler(core, { replicaVersion: '1.2.3', waitForAnswer, log: () => undefined });

describe('the addresses', () => {
  it('of the status say what clients read: the root key among it [http.status]', async () => {
    const response = await send(handler, 'GET', '/api/v2/status');
    expect(response.headers['content-type']).toBe('application/cbor');
    expect([...response.body.subarray(0, 3)]).toEqual([0xd9, 0xd9, 0xf7]);
    expect(Object.fromEntries(cborBody(response))).toEqual({
      ic_api_version: '0.66.0',
      impl_version: '1.2.3',
      replica_health_status: 'healthy',
      root_key: doubleRootKey,
    });
  });

  it('of the topology give subnets and ranges in the form of PocketIC [http.topology]', async () => {
    const response = await send(handler, 'GET', '/_/topology');
    const topology = JSON.parse(parseText(response.body)!);
    const [[subnetId, subnet]] = Object.entries<Record<string, unknown>>(topology.subnet_configs) as [
      [string, Record<string, unknown[]>],
    ];
    const base64 = (text: string) => Buffer.from(principalToBytes(parsePrincipalText(text)!)).toString('base64');
    expect(subnetId).toBe(principalToText(core.subnet.subnetId));
    expect(subnet).toMatchObject({ subnet_kind: 'Application', instruction_config: 'Production', size: 1 });
    expect(subnet.subnet_seed).toHaveLength(32);
    expect(subnet.node_ids).toEqual([{ node_id: Buffer.from(core.subnet.nodeId, 'hex').toString('base64') }]);
    const first = base64('rwlgt-iiaaa-aaaaa-aaaaa-cai');
    expect(subnet.canister_ranges).toMatchObject([{ start: { canister_id: first } }]);
    expect(topology.default_effective_canister_id).toEqual({ canister_id: first });
  });

  it('include a page that says what this is', async () => {
    const text = shown(await send(handler, 'GET', '/'));
    expect(text).toMatch(/^200 An embedded Internet Computer, version 1.2.3\./);
    expect(text).toContain('POST /api/v4/canister/<id>/call');
  });

  const right: [version: number, scope: string, operation: string][] = [
    [2, 'canister', 'call'],
    [3, 'canister', 'call'],
    [4, 'canister', 'call'],
    [4, 'subnet', 'call'],
    [2, 'canister', 'query'],
    [3, 'canister', 'query'],
    [3, 'subnet', 'query'],
    [2, 'canister', 'read_state'],
    [3, 'canister', 'read_state'],
    [2, 'subnet', 'read_state'],
    [3, 'subnet', 'read_state'],
  ];
  it('of the interface are these and no others [http.endpoints]', () => {
    const found: string[] = [];
    for (const version of [1, 2, 3, 4, 5]) {
      for (const scope of ['canister', 'subnet', 'node']) {
        for (const operation of ['call', 'query', 'read_state', 'status']) {
          const path = `/api/v${version}/${scope}/${principalToText(hostedCanister)}/${operation}`;
          if (handler.find('POST', path).ok) found.push(path);
          else
            expect([path, (handler.find('POST', path) as { error: { status: number } }).error.status]).toEqual([
              path,
              404,
            ]);
        }
      }
    }
    const expected = right.map(
      ([v, scope, operation]) => `/api/v${v}/${scope}/${principalToText(hostedCanister)}/${operation}`,
    );
    expect(found.sort()).toEqual(expected.sort());
  });

  it('take principals as text in any case', async () => {
    const path = canisterPath(3, 'query').replace(principalToText(hostedCanister), (text) => text.toUpperCase());
    expect((await send(handler, 'POST', path, envelopeBytes(methodContent('query')))).status).toBe(200);
    const wrong = await send(handler, 'POST', '/api/v3/canister/aaaaa-ab/query', textToBytes('x'));
    expect(shown(wrong)).toMatch(/^400 "aaaaa-ab" is not the text of a principal/);
  });

  it('refuse other methods and say which they take', async () => {
    const post = await send(handler, 'GET', canisterPath(3, 'query'));
    expect([post.status, post.headers.allow]).toEqual([405, 'POST, OPTIONS']);
    const get = await send(handler, 'POST', '/api/v2/status');
    expect([get.status, get.headers.allow]).toEqual([405, 'GET, OPTIONS']);
    expect((await send(handler, 'HEAD', '/api/v2/status')).status).toBe(200);
  });

  it('that do not exist are not found', async () => {
    for (const path of [
      '/index.html',
      '/api/v2',
      '/api/v2/status/',
      '//api/v2/status',
      '/api/v2/canister//call',
      '/%2e%2e/',
    ]) {
      expect(shown(await send(handler, 'GET', path))).toMatch(/^404 There is nothing at .*GET \/ lists what there is/);
    }
  });

  it('may not be read by pages of other origins where it obeys without a signature [http.control]', async () => {
    const asked = (['GET', 'POST', 'OPTIONS', 'DELETE'] as const).map((method) => send(handler, method, '/_/time'));
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 204, 405]);
    for (const { headers } of answers) expect(Object.keys(headers).join()).not.toContain('access-control');
  });

  it('may be called by pages of any origin [http.cors]', async () => {
    const preflight = await send(handler, 'OPTIONS', canisterPath(4, 'call'));
    expect([preflight.status, preflight.body.length]).toEqual([204, 0]);
    for (const response of [
      preflight,
      await send(handler, 'GET', '/api/v2/status'),
      await send(handler, 'GET', '/nothing'),
    ]) {
      expect(response.headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'Accept, Authorization, Content-Type',
      });
    }
  });
});
