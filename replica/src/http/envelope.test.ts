import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CborMap, type CborValue, cborMap, encodeCBOR } from '../codec/cbor.ts';
import { principalToBytes } from '../codec/principal.ts';
import { parseMethodEnvelope, parseReadStateEnvelope } from './envelope.ts';
import { envelopeBytes, methodContent, readStateContent, textPath } from './request-double.ts';

const refusalOfCall = (body: Uint8Array) => {
  const parsed = parseMethodEnvelope(body, 'call');
  return parsed.ok ? 'accepted' : parsed.error.text;
};
const refusalOfRead = (content: CborValue) => {
  const parsed = parseReadStateEnvelope(envelopeBytes(content));
  return parsed.ok ? 'accepted' : parsed.error.text;
};

describe('an envelope', () => {
  it('has the request id of the worked example [http.request-id]', () => {
    const content = cborMap({
      request_type: 'call',
      sender: Uint8Array.of(4),
      ingress_expiry: 1_685_570_400_000_000_000n,
      canister_id: Uint8Array.of(0, 0, 0, 0, 0, 0, 0x04, 0xd2),
      method_name: 'hello',
      arg: Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 0x00, 0xfd, 0x2a),
    });
    const parsed = parseMethodEnvelope(envelopeBytes(content), 'call');
    expect(parsed.ok && bytesToHex(parsed.value.requestId)).toBe(
      '1d1091364d6bb8a6c16b203ee75467d59ead468f523eb058880ae8ec80e2b101',
    );
  });

  it('is typed when every field is right [http.envelope]', () => {
    const content = methodContent('call', { nonce: new Uint8Array(32) });
    const parsed = parseMethodEnvelope(envelopeBytes(content, { sender_sig: Uint8Array.of(1) }), 'call');
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        content: { kind: 'call', method: 'greet', sender: '04', senderInfo: null },
        senderSignature: Uint8Array.of(1),
        senderPublicKey: null,
        delegations: null,
      },
    });
  });

  it('may be without the self-describing tag, and with null for an optional field [http.envelope]', () => {
    const content = methodContent('call', { nonce: null, sender_info: null });
    expect(refusalOfCall(encodeCBOR(cborMap({ content, sender_sig: null })))).toBe('accepted');
  });
});

describe('what the CDDL does not allow is refused with a text that names the field [http.cddl]', () => {
  const delegation = (fields: Record<string, CborValue>) =>
    cborMap({
      delegation: cborMap({ pubkey: new Uint8Array(44), expiration: 1, ...fields }),
      signature: new Uint8Array(),
    });
  const withDelegations = (sender_delegation: CborValue) => envelopeBytes(methodContent('call'), { sender_delegation });
  const withContent = (fields: Record<string, CborValue | undefined>) => envelopeBytes(methodContent('call', fields));

  const cases: [what: string, body: Uint8Array, text: RegExp][] = [
    ['an empty body', new Uint8Array(), /the body is empty/],
    ['bytes that are not CBOR', textToBytes('hello'), /Could not parse the body as a call request: /],
    ['a body cut short', withContent({}).subarray(0, 40), /ends early|beyond the input/],
    ['bytes after the end', new Uint8Array([...withContent({}), 0]), /bytes after the end/],
    ['a list', encodeCBOR([]), /the envelope must be a map, not an array/],
    ['no content', encodeCBOR(cborMap({})), /content is missing: it must be a map/],
    [
      'an unknown envelope field',
      envelopeBytes(methodContent('call'), { extra: 1 }),
      /the envelope has the unknown field "extra"/,
    ],
    ['an unknown content field', withContent({ reply: 1 }), /content has the unknown field "reply"/],
    [
      'a query at a call address',
      envelopeBytes(methodContent('query')),
      /request_type is "query", but this address takes "call"/,
    ],
    ['no request_type', withContent({ request_type: undefined }), /content.request_type is missing/],
    ['no sender', withContent({ sender: undefined }), /content.sender is missing/],
    ['a sender as text', withContent({ sender: 'aaaaa-aa' }), /content.sender must be a byte string, not text/],
    ['a sender of 30 bytes', withContent({ sender: new Uint8Array(30) }), /content.sender is longer than the 29 bytes/],
    [
      'no expiry',
      withContent({ ingress_expiry: undefined }),
      /content.ingress_expiry is missing: .*nanoseconds since 1970/,
    ],
    [
      'a negative expiry',
      withContent({ ingress_expiry: -1 }),
      /ingress_expiry must be a natural number.*not a negative number/,
    ],
    [
      'an expiry of 65 bits',
      withContent({ ingress_expiry: 1n << 64n }),
      /ingress_expiry must be a natural number below 2\^64/,
    ],
    ['a nonce of 33 bytes', withContent({ nonce: new Uint8Array(33) }), /content.nonce has 33 bytes; at most 32/],
    ['a nonce as text', withContent({ nonce: 'x' }), /content.nonce must be a byte string/],
    ['no canister_id', withContent({ canister_id: undefined }), /content.canister_id is missing/],
    ['no method_name', withContent({ method_name: undefined }), /content.method_name is missing/],
    ['a method_name as bytes', withContent({ method_name: Uint8Array.of(1) }), /content.method_name must be text/],
    ['no arg', withContent({ arg: undefined }), /content.arg is missing/],
    ['an arg as list', withContent({ arg: [1, 2] }), /content.arg must be a byte string, not an array/],
    ['sender_info without info', withContent({ sender_info: cborMap({}) }), /content.sender_info.info is missing/],
    ['paths in a call', withContent({ paths: [] }), /unknown field "paths"/],
    [
      'a signature as text',
      envelopeBytes(methodContent('call'), { sender_sig: 'x' }),
      /sender_sig must be a byte string/,
    ],
    [
      'a key as number',
      envelopeBytes(methodContent('call'), { sender_pubkey: 1 }),
      /sender_pubkey must be a byte string, not a number/,
    ],
    ['delegations as map', withDelegations(cborMap({})), /sender_delegation must be an array, not a map/],
    [
      '21 delegations',
      withDelegations(Array.from({ length: 21 }, () => delegation({}))),
      /has 21 elements; at most 20/,
    ],
    [
      'a delegation without signature',
      withDelegations([cborMap({ delegation: cborMap({}) })]),
      /sender_delegation\[0\]/,
    ],
    [
      'a delegation with an unknown field',
      withDelegations([delegation({ senders: [] })]),
      /delegation has the unknown field "senders"/,
    ],
    [
      '1001 targets',
      withDelegations([delegation({ targets: Array(1001).fill(new Uint8Array(1)) })]),
      /targets has 1001 elements; at most 1000/,
    ],
    ['a target as text', withDelegations([delegation({ targets: ['x'] })]), /targets\[0\] must be a byte string/],
    [
      'unknown permissions',
      withDelegations([delegation({ permissions: 'none' })]),
      /must be "queries" or "all", not "none"/,
    ],
  ];
  it.each(cases)('%s', (_, body, text) => {
    expect(refusalOfCall(body)).toMatch(text);
  });

  it('a call at a read_state address', () => {
    expect(refusalOfRead(methodContent('call'))).toMatch(/content has the unknown field "canister_id"/);
  });

  it('more than 1000 paths, more than 127 labels, labels that are not bytes', () => {
    expect(refusalOfRead(readStateContent(Array(1000).fill(textPath('time'))))).toBe('accepted');
    expect(refusalOfRead(readStateContent(Array(1001).fill(textPath('time'))))).toMatch(/1001 elements; at most 1000/);
    expect(refusalOfRead(readStateContent([Array(127).fill(new Uint8Array(1))]))).toBe('accepted');
    expect(refusalOfRead(readStateContent([Array(128).fill(new Uint8Array(1))]))).toMatch(/128 elements; at most 127/);
    expect(refusalOfRead(readStateContent([['time']]))).toMatch(/content.paths\[0\] must be a byte string, not text/);
    expect(refusalOfRead(readStateContent(undefined as never))).toMatch(/content.paths is missing/);
  });

  it('floats and duplicate keys', () => {
    const content = encodeCBOR(methodContent('call', { ingress_expiry: undefined }));
    const float = Uint8Array.of(0xfb, 0x43, 0, 0, 0, 0, 0, 0, 0);
    const key = encodeCBOR('ingress_expiry');
    const withFloat = Uint8Array.of(
      0xa1,
      ...encodeCBOR('content'),
      content[0]! + 1,
      ...content.subarray(1),
      ...key,
      ...float,
    );
    expect(refusalOfCall(withFloat)).toMatch(/floating-point/);
    const twice = Uint8Array.of(0xa2, ...encodeCBOR('content'), ...content, ...encodeCBOR('content'), ...content);
    expect(refusalOfCall(twice)).toMatch(/duplicate key/);
  });

  it('a small body of very many items, before it is built [http.limits]', () => {
    const emptyMaps = new Uint8Array(3_000_000).fill(0xa0);
    emptyMaps.set([0x9a, 0x00, 0x2d, 0xc6, 0xbb]);
    expect(refusalOfCall(emptyMaps)).toMatch(/more than 150000 CBOR items/);
  });
});

describe('any bytes at all', () => {
  const base: CborMap = methodContent('call', { nonce: new Uint8Array(8) });

  it('are parsed or refused, never more than that [http.cddl]', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(['object', 'boolean']).toContain(typeof parseMethodEnvelope(bytes, 'call').ok);
      }),
    );
  });

  it('a right envelope with some bytes changed is parsed or refused [http.cddl]', () => {
    const right = envelopeBytes(base, { sender_sig: new Uint8Array(64), sender_pubkey: new Uint8Array(44) });
    const change = fc.tuple(fc.nat(right.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = right.slice();
        for (const [offset, byte] of changes) bytes[offset] = byte;
        const parsed = parseMethodEnvelope(bytes, 'call');
        if (!parsed.ok) expect(parsed.error).toMatchObject({ status: 400, text: expect.stringMatching(/\.$/) });
      }),
      { numRuns: 2000 },
    );
  });

  it('a field of another type is refused wherever it stands [http.cddl]', () => {
    const other: fc.Arbitrary<CborValue> = fc.oneof(
      fc.constant<CborValue>(true),
      fc.string(),
      fc.bigInt({ min: 0n, max: (1n << 70n) - 1n }),
      fc.uint8Array({ maxLength: 40 }),
      fc.constant<CborValue>([]),
      fc.constant<CborValue>(cborMap({})),
    );
    fc.assert(
      fc.property(fc.constantFrom(...base.keys()), other, (name, value) => {
        const isSameType = (Array.isArray(value) ? 'array' : value?.constructor) === base.get(name)?.constructor;
        fc.pre(!isSameType && !(name === 'ingress_expiry' && typeof value === 'bigint' && value < 1n << 64n));
        expect(refusalOfCall(envelopeBytes(new Map([...base, [name, value]])))).toMatch(new RegExp(`content.${name} `));
      }),
    );
  });

  it('principals are kept byte for byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 29 }), (canisterId) => {
        const parsed = parseMethodEnvelope(envelopeBytes(methodContent('query', { canister_id: canisterId })), 'query');
        expect(parsed.ok && principalToBytes(parsed.value.content.canisterId)).toEqual(canisterId);
      }),
    );
  });
});
