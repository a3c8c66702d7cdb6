// Whatever is sent to whichever address: an answer below 500, soon, and nothing in the log.
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { type CborValue, cborMap, encodeCBOR } from '../codec/cbor.ts';
import { principalToBytes } from '../codec/principal.ts';
import { createAnswerWait } from './answer-wait.ts';
import { createCoreDouble, hostedCanister } from './core-double.ts';
import { createHandler } from './handler.ts';
import {
  alice,
  aliceKey,
  bobKey,
  canisterPath,
  delegate,
  methodContent,
  minutesAhead,
  readStateContent,
  send,
  signedEnvelope,
  subnetPath,
  textPath,
} from './request-double.ts';

const core = createCoreDouble();
const logged: string[] = [];
const { waitForAnswer } = createAnswerWait();
const handler = createHandler(core, { replicaVersion: '1', waitForAnswer, log: (line) => logged.push(line) });
afterEach(() => expect(logged).toEqual([]));

const { subnetId } = core.subnet;
const paths = [
  ...[2, 3, 4].map((version) => canisterPath(version, 'call')),
  ...[2, 3].flatMap((version) => [canisterPath(version, 'query'), canisterPath(version, 'read_state')]),
  canisterPath(3, 'query').replace(/canister\/[^/]+/, 'canister/aaaaa-aa'),
  subnetPath(4, 'call', subnetId),
  subnetPath(3, 'query', subnetId),
  subnetPath(2, 'read_state', subnetId),
];

async function expectAnswer(path: string, body: Uint8Array): Promise<void> {
  const { status } = await send(handler, 'POST', path, body);
  expect([path, status < 500]).toEqual([path, true]);
}

const senderBytes = principalToBytes(alice);
const delegations = [delegate(aliceKey, bobKey, { targets: [hostedCanister], permissions: 'all' })];
const rightBodies = [
  signedEnvelope(
    methodContent('call', { sender: senderBytes, nonce: new Uint8Array(8) }),
    bobKey,
    aliceKey,
    delegations,
  ),
  signedEnvelope(methodContent('query', { sender: senderBytes, canister_id: new Uint8Array() }), aliceKey),
  signedEnvelope(readStateContent([textPath('time'), textPath('subnet')], { sender: senderBytes }), aliceKey),
];

it('bytes of right requests changed, cut out or put in [http.cddl]', async () => {
  const edit = fc.record({ at: fc.nat(1000), remove: fc.nat(4), insert: fc.uint8Array({ maxLength: 4 }) });
  const edits = fc.array(edit, { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.constantFrom(...rightBodies),
      edits,
      async (path, right, changes) => {
        let body = right;
        for (const { at, remove, insert } of changes) {
          const offset = at % (body.length + 1);
          body = Buffer.concat([body.subarray(0, offset), insert, body.subarray(offset + remove)]);
        }
        await expectAnswer(path, body);
      },
    ),
    { numRuns: 3000 },
  );
});

it('requests of the right form with any values at all [http.cddl]', async () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(senderBytes, aliceKey.publicKeyDer));
  const timestamp = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.constant(minutesAhead(3)));
  const optional = <T extends CborValue>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });
  const label = fc.oneof(
    bytes,
    fc.constantFrom(...['time', 'subnet', 'canister', 'metadata', 'node'].map((t) => Buffer.from(t))),
  );
  const common = { sender: bytes, ingress_expiry: timestamp, nonce: optional(bytes) };
  const method = fc.record({
    ...common,
    request_type: fc.constantFrom('call', 'query'),
    canister_id: bytes,
    method_name: fc.oneof(
      fc.string(),
      fc.constantFrom('install_code', 'create_canister', 'list_canisters', '__proto__', 'toString'),
    ),
    arg: fc.oneof(
      bytes,
      fc.uint8Array({ maxLength: 60 }).map((tail) => Buffer.concat([Buffer.from('DIDL'), tail])),
    ),
    sender_info: optional(fc.record({ info: bytes, signer: bytes, sig: bytes }).map((fields) => cborMap(fields))),
  });
  const read = fc.record({
    ...common,
    request_type: fc.constant('read_state'),
    paths: fc.array(fc.array(label, { maxLength: 6 })),
  });
  const delegation = fc
    .record({
      pubkey: bytes,
      expiration: timestamp,
      targets: optional(fc.array(bytes)),
      permissions: optional(fc.string()),
    })
    .map((fields) => cborMap({ delegation: cborMap(fields), signature: new Uint8Array(64) }));
  const envelope = fc.record({
    content: fc.oneof(method, read).map((fields) => cborMap(fields)),
    sender_pubkey: optional(bytes),
    sender_sig: optional(fc.uint8Array({ minLength: 60, maxLength: 70 })),
    sender_delegation: optional(fc.array(delegation, { maxLength: 3 })),
  });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), envelope, async (path, fields) => {
      await expectAnswer(path, encodeCBOR(cborMap(fields), { selfDescribed: true }));
    }),
    { numRuns: 2000 },
  );
});

it('deep, wide and lying bodies of a megabyte [http.limits]', async () => {
  const deep = new Uint8Array(1_000_000).fill(0x81);
  const deepMaps = Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from([0xa1, 0x61, 0x61])));
  const wide = new Uint8Array(1_000_000).fill(0x80);
  wide.set([0x9a, 0x00, 0x0f, 0x42, 0x3b]);
  const endless = new Uint8Array(1_000_000).fill(0x9f);
  const lying = Uint8Array.of(0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
  const lyingText = Uint8Array.of(0x7b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
  for (const body of [deep, deepMaps, wide, endless, lying, lyingText]) {
    const { status } = await send(handler, 'POST', canisterPath(3, 'call'), body);
    expect(status).toBe(400);
  }
});

it('addresses made of anything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('GET', 'POST', 'PUT', 'OPTIONS', 'x'), fc.string(), async (method, text) => {
      for (const path of [
        text,
        `/${text}`,
        `/api/${text}`,
        `/api/v3/canister/${text}/call`,
        `/api/v${text}/canister/aaaaa-aa/call`,
      ]) {
        expect((await send(handler, method, path)).status).toBeLessThan(500);
      }
    }),
  );
});
