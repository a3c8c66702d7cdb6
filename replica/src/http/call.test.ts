import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { requestId } from '../codec/hash-of-map.ts';
import {
  managementCanister,
  type Principal,
  principalToBytes,
  selfAuthenticatingPrincipal,
} from '../codec/principal.ts';
import { createReject } from '../errors.ts';
import { createAnswerWait } from './answer-wait.ts';
import {
  type CoreDouble,
  createCoreDouble,
  doubleCertificate,
  hostedCanister,
  unhostedCanister,
} from './core-double.ts';
import { createHandler, type Handler } from './handler.ts';
import {
  alice,
  aliceKey,
  bob,
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

const logged: string[] = [];

function createInterface(timeoutMs = 1000): { core: CoreDouble; handler: Handler } {
  const core = createCoreDouble();
  const { waitForAnswer } = createAnswerWait(timeoutMs);
  const handler = createHandler(core, { replicaVersion: '1.2.3', waitForAnswer, log: (line) => logged.push(line) });
  return { core, handler };
}

const call = envelopeBytes(methodContent('call'));
const byAlice = { sender: principalToBytes(alice) };

describe('a call', () => {
  it('of v2 is answered 202 without a body as soon as it is accepted [http.call-async]', async () => {
    const { core, handler } = createInterface();
    core.submission = { kind: 'accepted', answered: new Promise(() => undefined) };
    const response = await send(handler, 'POST', canisterPath(2, 'call'), call);
    expect([response.status, response.body.length]).toEqual([202, 0]);
    expect(core.submitted).toMatchObject([
      { sender: '04', canisterId: hostedCanister, effectiveId: hostedCanister, method: 'greet', senderInfo: null },
    ]);
  });

  it.each([3, 4])('of v%i is answered with the certificate of its request status [http.call-sync]', async (version) => {
    const { core, handler } = createInterface();
    const content = methodContent('call', { nonce: textToBytes('once') });
    const response = await send(handler, 'POST', canisterPath(version, 'call'), envelopeBytes(content));
    expect(response.status).toBe(200);
    expect([...cborBody(response)]).toEqual([
      ['status', 'replied'],
      ['certificate', doubleCertificate],
    ]);
    const id = requestId(content)!;
    expect(core.submitted[0]?.requestId).toBe(bytesToHex(id));
    expect(core.certified).toEqual([[[textToBytes('request_status'), id]]]);
  });

  it('of v3 and v4 is answered 202 without a body when the outcome takes too long [http.call-sync]', async () => {
    const { core, handler } = createInterface(1);
    core.submission = { kind: 'accepted', answered: new Promise(() => undefined) };
    const response = await send(handler, 'POST', canisterPath(4, 'call'), call);
    expect([response.status, response.body.length, core.certified.length]).toEqual([202, 0, 0]);
  });

  it('that is not accepted is rejected without a certificate, in the form of its version [http.call-rejection]', async () => {
    const { core, handler } = createInterface();
    core.submission = { kind: 'refused', reject: createReject('canisterRejectedMessage', 'not today') };
    const reject = { reject_code: 4, reject_message: 'not today', error_code: 'IC0406' };
    const asynchronous = await send(handler, 'POST', canisterPath(2, 'call'), call);
    expect([asynchronous.status, Object.fromEntries(cborBody(asynchronous))]).toEqual([200, reject]);
    const synchronous = await send(handler, 'POST', canisterPath(4, 'call'), call);
    const withStatus = { status: 'non_replicated_rejection', ...reject };
    expect([synchronous.status, Object.fromEntries(cborBody(synchronous))]).toEqual([200, withStatus]);
  });

  it('that a canister itself rejects early has no error code', async () => {
    const { core, handler } = createInterface();
    core.submission = { kind: 'refused', reject: { code: 4, message: 'no', error: null } };
    const response = await send(handler, 'POST', canisterPath(2, 'call'), call);
    expect([...cborBody(response).keys()]).toEqual(['reject_code', 'reject_message']);
  });

  it('carries at most 2 MiB of argument [http.limits]', async () => {
    const { core, handler } = createInterface();
    const argument = (byteCount: number) => envelopeBytes(methodContent('call', { arg: new Uint8Array(byteCount) }));
    const largest = await send(handler, 'POST', canisterPath(2, 'call'), argument(2 * 1024 * 1024));
    expect(largest.status).toBe(202);
    const tooLarge = await send(handler, 'POST', canisterPath(2, 'call'), argument(2 * 1024 * 1024 + 1));
    expect(shown(tooLarge)).toMatch(/^413 .*install_chunked_code/);
    expect(core.submitted.length).toBe(1);
  });

  it('that meets a bug is answered 500 and the bug is logged', async () => {
    const { core, handler } = createInterface();
    logged.length = 0;
    core.submit = () => {
      throw new Error('a bug for the test');
    };
    expect(shown(await send(handler, 'POST', canisterPath(4, 'call'), call))).toMatch(/^500 Internal error/);
    expect(logged.join()).toContain('a bug for the test');
  });
});

it('a call whose round cannot be written is answered 503 with what the operator can do', async () => {
  const { core, handler } = createInterface();
  logged.length = 0;
  const failure = Object.assign(new Error('The disk is full. Free some space.'), { nextStep: 'Free some space.' });
  core.submission = { kind: 'accepted', answered: Promise.reject(failure) };
  expect(shown(await send(handler, 'POST', canisterPath(4, 'call'), call))).toMatch(/^503 .*Free some space/);
  expect(logged).toEqual(['cannot serve: The disk is full. Free some space.']);
  core.submission = { kind: 'accepted', answered: Promise.reject(failure) };
  expect(shown(await send(handler, 'POST', canisterPath(4, 'call'), call))).toMatch(/^503 .*Free some space/);
  expect(logged).toHaveLength(1);
  core.submission = { kind: 'accepted', answered: Promise.reject(failure) };
  expect(shown(await send(handler, 'POST', canisterPath(2, 'call'), call))).toBe('202 ');
});

describe('the time of a call', () => {
  const status = async (expiryNs: bigint) => {
    const { handler } = createInterface();
    const body = envelopeBytes(methodContent('call', { ingress_expiry: expiryNs }));
    return shown(await send(handler, 'POST', canisterPath(2, 'call'), body));
  };

  it('may be up to five minutes ahead, and the drift between clocks [http.expiry]', async () => {
    expect(await status(minutesAhead(0))).toBe('202 ');
    expect(await status(minutesAhead(5) + 30_000_000_000n)).toBe('202 ');
  });

  it('is refused with the text that makes clients set their clock [http.expiry]', async () => {
    expect(await status(minutesAhead(0) - 1n)).toMatch(
      /^400 Invalid request expiry: Specified ingress_expiry not within/,
    );
    expect(await status(minutesAhead(6))).toMatch(
      /^400 Invalid request expiry: .*Provided expiry: 2023-11-14 22:19:20.0/,
    );
    expect(await status((1n << 64n) - 1n)).toMatch(/^400 Invalid request expiry: /);
  });
});

describe('the address of a call', () => {
  const submit = async (path: string, fields: Parameters<typeof methodContent>[1] = {}) => {
    const { handler } = createInterface();
    return shown(await send(handler, 'POST', path, envelopeBytes(methodContent('call', fields))));
  };
  const { subnetId } = createCoreDouble().subnet;
  const management = { canister_id: principalToBytes(managementCanister) };
  const emptyRecords = textToBytes('DIDL\x01\x6c\x00\x01\x00');

  it('must name the canister that is called [http.effective-canister-id]', async () => {
    const other = await submit(canisterPath(2, 'call', unhostedCanister));
    expect(other).toMatch(/^400 Specified CanisterId .* does not match effective canister id in URL/);
  });

  it('must be within the ranges of the subnet [http.effective-canister-id]', async () => {
    const fields = { canister_id: principalToBytes(unhostedCanister) };
    const outside = await submit(canisterPath(2, 'call', unhostedCanister), fields);
    expect(outside).toMatch(
      /^400 No subnet of this network hosts canister .*; hosted are rwlgt-iiaaa-aaaaa-aaaaa-cai to/,
    );
  });

  it('may be any principal for the creation of a canister [http.effective-canister-id]', async () => {
    for (const method_name of ['create_canister', 'provisional_create_canister_with_cycles']) {
      const fields = { ...management, method_name, arg: emptyRecords };
      expect(await submit(canisterPath(2, 'call', managementCanister), fields)).toBe('202 ');
      expect(await submit(canisterPath(2, 'call'), fields)).toBe('202 ');
      expect(await submit(canisterPath(2, 'call', unhostedCanister), fields)).toBe('202 ');
    }
  });

  it('must name the canister that is managed [http.effective-canister-id]', async () => {
    const about = (id: Principal) => ({ ...management, method_name: 'start_canister', arg: canisterIdArgument(id) });
    const fields = about(hostedCanister);
    expect(await submit(canisterPath(2, 'call'), fields)).toBe('202 ');
    expect(await submit(canisterPath(2, 'call', managementCanister), fields)).toMatch(/^400 Specified CanisterId/);
    const outside = about(unhostedCanister);
    expect(await submit(canisterPath(2, 'call', unhostedCanister), outside)).toMatch(/^400 No subnet/);
  });

  it('may be any canister of the subnet when the management canister will reject anyway [http.effective-canister-id]', async () => {
    const random = { ...management, method_name: 'raw_rand', arg: emptyRecords };
    expect(await submit(canisterPath(2, 'call'), random)).toBe('202 ');
    expect(await submit(canisterPath(2, 'call', managementCanister), random)).toMatch(/^400 No subnet/);
    const { core, handler } = createInterface();
    const reject = createReject('invalidManagementPayload', 'what is this?');
    core.submission = { kind: 'refused', reject };
    const body = envelopeBytes(
      methodContent('call', { ...management, method_name: 'start_canister', arg: textToBytes('x') }),
    );
    const response = await send(handler, 'POST', canisterPath(4, 'call'), body);
    expect(cborBody(response).get('reject_message')).toBe('what is this?');
  });

  it('may be the subnet only for the creation of a canister [http.effective-subnet-id]', async () => {
    const creation = { ...management, method_name: 'create_canister', arg: emptyRecords };
    const { core, handler } = createInterface();
    const body = envelopeBytes(methodContent('call', creation));
    expect((await send(handler, 'POST', subnetPath(4, 'call', subnetId), body)).status).toBe(200);
    expect(core.submitted[0]?.effectiveId).toBe(subnetId);
    expect(await submit(subnetPath(4, 'call', alice), creation)).toMatch(/^400 There is no subnet/);
    expect(await submit(subnetPath(4, 'call', subnetId))).toMatch(/^400 Only create_canister and provisional_create/);
    const start = { ...management, method_name: 'start_canister' };
    expect(await submit(subnetPath(4, 'call', subnetId), start)).toMatch(/^400 Only create_canister/);
  });
});

describe('the sender of a call', () => {
  const submit = async (body: Uint8Array) => {
    const { core, handler } = createInterface();
    const text = shown(await send(handler, 'POST', canisterPath(2, 'call'), body));
    return core.submitted[0]?.sender ?? text;
  };
  const content = methodContent('call', byAlice);

  it('is who signed it [http.authentication]', async () => {
    expect(await submit(signedEnvelope(content, aliceKey))).toBe(alice);
  });

  it('must have signed exactly this [http.authentication]', async () => {
    expect(await submit(envelopeBytes(content))).toMatch(
      /^400 Failed to authenticate the request of .*sender_pubkey is missing/,
    );
    expect(await submit(signedEnvelope(content, bobKey))).toMatch(/^400 Failed to authenticate/);
    expect(await submit(signedEnvelope(content, bobKey, aliceKey))).toMatch(/^400 Failed to authenticate/);
    expect(await submit(signedEnvelope(methodContent('call'), aliceKey))).toMatch(/^400 .*anonymous sender must not/);
    const other = signedEnvelope(methodContent('call', { ...byAlice, method_name: 'greed' }), aliceKey);
    const greet = signedEnvelope(content, aliceKey);
    // Same length, another method under the same signature.
    expect(await submit(Buffer.concat([greet.subarray(0, -64), other.subarray(-64)]))).toMatch(/^400 Failed/);
  });

  it('may delegate to another key, for some canisters [http.delegation]', async () => {
    const via = (fields: Parameters<typeof delegate>[2]) =>
      submit(signedEnvelope(content, bobKey, aliceKey, [delegate(aliceKey, bobKey, fields)]));
    expect(await via({})).toBe(alice);
    expect(await via({ targets: [bob, hostedCanister], permissions: 'all' })).toBe(alice);
    expect(await via({ targets: [unhostedCanister] })).toMatch(/^400 .*delegation does not cover the canister/);
    expect(await via({ permissions: 'queries' })).toMatch(/^400 .*permits queries only/);
    expect(await via({ expirationNs: minutesAhead(0) - 1n })).toMatch(/^400 .*a delegation expired/);
  });

  it('cannot claim information about himself without a canister signature [http.sender-info]', async () => {
    const fields = { info: new Uint8Array(1), signer: principalToBytes(hostedCanister), sig: new Uint8Array(64) };
    const sender_info = new Map(Object.entries(fields));
    const body = signedEnvelope(methodContent('call', { ...byAlice, sender_info }), aliceKey);
    expect(await submit(body)).toMatch(/^400 content.sender_info needs a canister signature/);
  });

  it('is a self-authenticating id, not merely some principal', async () => {
    const sender = principalToBytes(selfAuthenticatingPrincipal(bobKey.publicKeyDer));
    expect(await submit(signedEnvelope(methodContent('call', { sender }), aliceKey))).toMatch(
      /^400 .*self-authenticating/,
    );
  });
});
