import { createPublicKey, verify } from 'node:crypto';
import { concatBytes, textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { type CborMap, type CborValue, cborToNat, isCborArray, isCborMap } from '../codec/cbor.ts';
import { type HashableMap, hashOfMap, requestId } from '../codec/hash-of-map.ts';
import { managementCanister, principalToBytes } from '../codec/principal.ts';
import { createReject, type Reject } from '../errors.ts';
import { createAnswerWait } from './answer-wait.ts';
import { createCoreDouble, doubleStartNs, hostedCanister, unhostedCanister } from './core-double.ts';
import { createHandler } from './handler.ts';
import {
  alice,
  aliceKey,
  bobKey,
  canisterIdArgument,
  canisterPath,
  cborBody,
  delegate,
  envelopeBytes,
  methodContent,
  minutesAhead,
  send,
  shown,
  signedEnvelope,
  subnetPath,
} from './request-double.ts';

function createInterface() {
  const core = createCoreDouble();
  const { waitForAnswer } = createAnswerWait();
  return { core, handler: createHandler(core, { replicaVersion: '1.2.3', waitForAnswer, log: () => undefined }) };
}

/** verify_node_signatures of the specification, on the response as received. */
function isSignedByNode(body: CborMap, content: CborMap, publicKeyDer: Uint8Array): boolean {
  const signatures = body.get('signatures');
  const signature = isCborArray(signatures) && signatures.length === 1 ? signatures[0] : undefined;
  if (!isCborMap(signature)) return false;
  const signed = new Map<string, CborValue>([...body, ['timestamp', cborToNat(signature.get('timestamp'))]]);
  signed.delete('signatures');
  signed.set('request_id', requestId(content)!);
  const message = concatBytes(textToBytes('\x0bic-response'), hashOfMap(signed as HashableMap));
  const key = createPublicKey({ key: Buffer.from(publicKeyDer), format: 'der', type: 'spki' });
  return verify(null, message, key, signature.get('signature') as Uint8Array);
}

describe('a query', () => {
  it.each([2, 3])('of v%i is answered at once, signed by the node [http.query-signature]', async (version) => {
    const { core, handler } = createInterface();
    core.queryAnswer = { kind: 'replied', arg: textToBytes('DIDL\0\x01q\x05hello') };
    const content = methodContent('query');
    const response = await send(handler, 'POST', canisterPath(version, 'query'), envelopeBytes(content));
    const body = cborBody(response);
    expect([...body.keys()]).toEqual(['status', 'reply', 'signatures']);
    expect(body.get('status')).toBe('replied');
    expect(body.get('reply')).toEqual(new Map([['arg', textToBytes('DIDL\0\x01q\x05hello')]]));
    expect(body.get('signatures')).toMatchObject([
      new Map([
        ['timestamp', doubleStartNs],
        ['signature', expect.any(Uint8Array)],
        ['identity', principalToBytes(core.subnet.nodeId)],
      ] as [string, unknown][]),
    ]);
    expect(isSignedByNode(body, content, core.nodeKey.publicKeyDer)).toBe(true);
    expect(core.queried).toMatchObject([{ sender: '04', canisterId: hostedCanister, method: 'greet' }]);
  });

  const rejects: [string, Reject, string][] = [
    ['by the system', createReject('canisterTrapped', 'Canister trapped: boom'), 'IC0502'],
    ['by the canister itself', { code: 4, message: 'no', error: null }, 'IC0406'],
  ];
  it.each(rejects)(
    'rejected %s has an error code as text, and is signed [http.query-rejection]',
    async (_, reject, code) => {
      const { core, handler } = createInterface();
      core.queryAnswer = { kind: 'rejected', reject };
      const content = methodContent('query');
      const body = cborBody(await send(handler, 'POST', canisterPath(3, 'query'), envelopeBytes(content)));
      expect([...body.keys()]).toEqual(['status', 'reject_code', 'reject_message', 'error_code', 'signatures']);
      expect(body.get('status')).toBe('rejected');
      expect(body.get('reject_code')).toBe(reject.code);
      expect(body.get('error_code')).toBe(code);
      expect(isSignedByNode(body, content, core.nodeKey.publicKeyDer)).toBe(true);
    },
  );

  it('of the anonymous sender may have any expiry, of others not [http.expiry]', async () => {
    const { handler } = createInterface();
    const late = { ingress_expiry: minutesAhead(-1000) };
    const anonymous = envelopeBytes(methodContent('query', late));
    expect((await send(handler, 'POST', canisterPath(3, 'query'), anonymous)).status).toBe(200);
    const signed = signedEnvelope(methodContent('query', { ...late, sender: principalToBytes(alice) }), aliceKey);
    expect(shown(await send(handler, 'POST', canisterPath(3, 'query'), signed))).toMatch(
      /^400 Invalid request expiry: /,
    );
  });

  it('is refused at the address of another canister, and outside the ranges [http.effective-canister-id]', async () => {
    const { core, handler } = createInterface();
    const path = canisterPath(3, 'query', unhostedCanister);
    expect(shown(await send(handler, 'POST', path, envelopeBytes(methodContent('query'))))).toMatch(/^400 Specified/);
    const outside = envelopeBytes(methodContent('query', { canister_id: principalToBytes(unhostedCanister) }));
    expect(shown(await send(handler, 'POST', path, outside))).toMatch(/^400 No subnet of this network/);
    expect(core.queried).toEqual([]);
  });

  it('may go to the subnet only to list its canisters [http.effective-subnet-id]', async () => {
    const { core, handler } = createInterface();
    const path = subnetPath(3, 'query', core.subnet.subnetId);
    const list = { canister_id: new Uint8Array(), method_name: 'list_canisters' };
    expect((await send(handler, 'POST', path, envelopeBytes(methodContent('query', list)))).status).toBe(200);
    const other = envelopeBytes(methodContent('query'));
    expect(shown(await send(handler, 'POST', path, other))).toMatch(
      /^400 Only list_canisters of the management canister/,
    );
  });

  it('of the management canister is covered by a delegation for the canister it is about [http.delegation]', async () => {
    const { core, handler } = createInterface();
    const content = methodContent('query', {
      sender: principalToBytes(alice),
      canister_id: principalToBytes(managementCanister),
      method_name: 'fetch_canister_logs',
      arg: canisterIdArgument(hostedCanister),
    });
    const ask = async (...targets: (typeof hostedCanister)[]) => {
      const body = signedEnvelope(content, bobKey, aliceKey, [delegate(aliceKey, bobKey, { targets })]);
      return (await send(handler, 'POST', canisterPath(3, 'query'), body)).status;
    };
    expect(await ask(hostedCanister)).toBe(200);
    expect(await ask(managementCanister)).toBe(200);
    expect(await ask(unhostedCanister)).toBe(400);
    expect(core.queried.length).toBe(2);
  });

  it('may be signed with a delegation for queries [http.delegation]', async () => {
    const { core, handler } = createInterface();
    const content = methodContent('query', { sender: principalToBytes(alice) });
    const body = signedEnvelope(content, bobKey, aliceKey, [delegate(aliceKey, bobKey, { permissions: 'queries' })]);
    expect((await send(handler, 'POST', canisterPath(3, 'query'), body)).status).toBe(200);
    expect(core.queried[0]?.sender).toBe(alice);
  });
});
