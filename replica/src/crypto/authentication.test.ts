import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { concatBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { cborMap } from '../codec/cbor.ts';
import { hashOfMap } from '../codec/hash-of-map.ts';
import {
  anonymous,
  canisterIdOfIndex,
  managementCanister,
  type Principal,
  principalToBytes,
  selfAuthenticatingPrincipal,
} from '../codec/principal.ts';
import { type AuthenticationInput, authenticate } from './authentication.ts';
import { type Delegation, parseSenderDelegation, type SignedDelegation } from './delegation.ts';
import { publicKeyToDer } from './der.ts';
import { createEd25519Key } from './ed25519.ts';

interface Signer {
  readonly publicKeyDer: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

const nowNs = 1_700_000_000_000_000_000n;
const laterNs = nowNs + 1n;
const contentRequestId = new Uint8Array(32).fill(6);
const canisterId = canisterIdOfIndex(1n);
const otherCanisterId = canisterIdOfIndex(2n);
const signers = Array.from({ length: 23 }, (_, i) => createEd25519Key(new Uint8Array(32).fill(i + 1)));
const first: Signer = signers[0]!;
const second: Signer = signers[1]!;
const third: Signer = signers[2]!;

// Written out here and not taken from the code under test: a length byte, then the name.
const requestDomain = Buffer.from('\x0Aic-request', 'latin1');
const delegationDomain = Buffer.from('\x1Aic-request-auth-delegation', 'latin1');

function delegate(from: Signer, to: Signer, limits: Partial<Delegation> = {}): SignedDelegation {
  const delegation = { pubkey: to.publicKeyDer, expirationNs: laterNs, targets: null, permissions: null, ...limits };
  const hash = hashOfMap(
    new Map<string, Uint8Array | bigint | string | Uint8Array[]>([
      ['pubkey', delegation.pubkey],
      ['expiration', delegation.expirationNs],
      ...(delegation.targets === null ? [] : [['targets', delegation.targets.map(principalToBytes)] as const]),
      ...(delegation.permissions === null ? [] : [['permissions', delegation.permissions] as const]),
    ]),
  );
  return { delegation, signature: from.sign(concatBytes(delegationDomain, hash)) };
}

/** A correct request of `first`, signed at the end of the chain by `last`. */
function request(
  chain: SignedDelegation[],
  last: Signer,
  changes: Partial<AuthenticationInput> = {},
): AuthenticationInput {
  return {
    contentRequestId,
    sender: selfAuthenticatingPrincipal(first.publicKeyDer),
    senderPubkey: first.publicKeyDer,
    senderSig: last.sign(concatBytes(requestDomain, contentRequestId)),
    senderDelegation: chain.length === 0 ? null : chain,
    nowNs,
    canisterId,
    requestType: 'call',
    ...changes,
  };
}

function refusal(input: AuthenticationInput): string {
  const result = authenticate(input);
  return result.ok ? 'accepted' : result.error;
}

const accepted = { ok: true, value: { targets: null } };

describe('an anonymous request', () => {
  const bare = { ...request([], first), sender: anonymous, senderPubkey: null, senderSig: null };

  it('is accepted without key, signature and delegation [auth.anonymous]', () => {
    expect(authenticate(bare)).toEqual(accepted);
  });

  it.each([
    ['a key', { senderPubkey: first.publicKeyDer }],
    ['a signature', { senderSig: new Uint8Array(64) }],
    ['a delegation', { senderDelegation: [] }],
  ])('is refused with %s [auth.anonymous]', (_, extra) => {
    expect(refusal({ ...bare, ...extra })).toContain('anonymous');
  });
});

describe('a signed request', () => {
  function ecdsaSigner(namedCurve: string): Signer {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    return {
      publicKeyDer: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
      sign: (message) => sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
    };
  }

  it.each([
    ['Ed25519', first],
    ['P-256', ecdsaSigner('P-256')],
    ['secp256k1', ecdsaSigner('secp256k1')],
  ])('is accepted with a key of %s [auth.signature]', (_, signer) => {
    const sender = selfAuthenticatingPrincipal(signer.publicKeyDer);
    expect(authenticate(request([], signer, { sender, senderPubkey: signer.publicKeyDer }))).toEqual(accepted);
  });

  it('needs key and signature [auth.signature]', () => {
    expect(refusal(request([], first, { senderPubkey: null }))).toContain('sender_pubkey is missing');
    expect(refusal(request([], first, { senderSig: null }))).toContain('sender_sig is missing');
  });

  it('is refused when the sender is not the id of the key [auth.sender]', () => {
    for (const sender of [canisterId, managementCanister, selfAuthenticatingPrincipal(second.publicKeyDer)]) {
      expect(refusal(request([], first, { sender }))).toContain('self-authenticating');
    }
  });

  it('is refused with a signature of something else, by someone else, or without the separator [auth.signature]', () => {
    const wrong = [
      second.sign(concatBytes(requestDomain, contentRequestId)),
      first.sign(concatBytes(requestDomain, new Uint8Array(32))),
      first.sign(contentRequestId),
      first.sign(concatBytes(delegationDomain, contentRequestId)),
      new Uint8Array(64),
      new Uint8Array(0),
    ];
    for (const senderSig of wrong)
      expect(refusal(request([], first, { senderSig }))).toContain('not a valid signature');
  });

  it('with a key of a scheme that is not supported is refused with that reason [auth.schemes]', () => {
    const senderPubkey = publicKeyToDer({ scheme: 'webauthn-cose', key: new Uint8Array(77) });
    const sender = selfAuthenticatingPrincipal(senderPubkey);
    expect(refusal(request([], first, { sender, senderPubkey }))).toContain('WebAuthn');
  });
});

describe('a delegated request', () => {
  it('is accepted along a chain of up to 20 [auth.delegation]', () => {
    const link = (i: number) => delegate(signers[i]!, signers[i + 1]!);
    for (const length of [1, 2, 20]) {
      const chain = Array.from({ length }, (_, i) => link(i));
      // Twice: the second time the delegations are remembered.
      for (let i = 0; i < 2; i++) expect(authenticate(request(chain, signers[length]!))).toEqual(accepted);
    }
    const tooLong = Array.from({ length: 21 }, (_, i) => link(i));
    expect(refusal(request(tooLong, signers[21]!))).toBe('more than 20 delegations');
  });

  it('must be signed by the last key of the chain [auth.delegation]', () => {
    expect(refusal(request([delegate(first, second)], first))).toContain('sender_sig');
    expect(refusal(request([delegate(first, second), delegate(second, third)], second))).toContain('sender_sig');
  });

  it('is refused when a link is signed by another key than the one before it [auth.delegation]', () => {
    expect(refusal(request([delegate(second, third)], third))).toContain('not signed by the key before it');
    const chain = [delegate(first, second), delegate(first, third)];
    expect(refusal(request(chain, third))).toContain('not signed by the key before it');
    const [good] = [delegate(first, second)];
    const changed = { ...good, delegation: { ...good.delegation, expirationNs: laterNs + 5n } };
    expect(authenticate(request([good], second))).toEqual(accepted);
    expect(refusal(request([changed], second))).toContain('not signed by the key before it');
  });

  it('is refused when a key appears twice [auth.delegation-cycle]', () => {
    expect(refusal(request([delegate(first, first)], first))).toContain('twice');
    expect(refusal(request([delegate(first, second), delegate(second, first)], first))).toContain('twice');
    const chain = [delegate(first, second), delegate(second, third), delegate(third, second)];
    expect(refusal(request(chain, second))).toContain('twice');
  });

  it('is accepted until the delegation expires, in the same nanosecond too [auth.delegation-expiry]', () => {
    expect(authenticate(request([delegate(first, second, { expirationNs: nowNs })], second))).toEqual(accepted);
    expect(refusal(request([delegate(first, second, { expirationNs: nowNs - 1n })], second))).toContain('expired');
    const chain = [delegate(first, second), delegate(second, third, { expirationNs: 0n })];
    expect(refusal(request(chain, third))).toContain('expired');
  });

  it('reaches only the canisters that every link names [auth.delegation-targets]', () => {
    const one = delegate(first, second, { targets: [canisterId, otherCanisterId] });
    const two = delegate(second, third, { targets: [otherCanisterId, managementCanister] });
    expect(authenticate(request([one], second))).toEqual({
      ok: true,
      value: { targets: new Set([canisterId, otherCanisterId]) },
    });
    expect(refusal(request([one, two], third))).toContain('does not cover');
    expect(authenticate(request([one, two], third, { canisterId: otherCanisterId }))).toMatchObject({ ok: true });
    expect(refusal(request([one, two], third, { canisterId: managementCanister }))).toContain('does not cover');
    expect(refusal(request([delegate(first, second, { targets: [] })], second))).toContain('does not cover');
  });

  it('of read_state is told the targets instead, because they limit single paths [auth.delegation-targets]', () => {
    const chain = [delegate(first, second, { targets: [otherCanisterId] })];
    expect(authenticate(request(chain, second, { canisterId: null, requestType: 'read_state' }))).toEqual({
      ok: true,
      value: { targets: new Set([otherCanisterId]) },
    });
  });

  it('may name 1000 targets and not one more [auth.delegation-targets]', () => {
    const targets = (count: number): Principal[] =>
      Array.from({ length: count }, (_, i) => canisterIdOfIndex(BigInt(i)));
    expect(authenticate(request([delegate(first, second, { targets: targets(1000) })], second)).ok).toBe(true);
    expect(refusal(request([delegate(first, second, { targets: targets(1001) })], second))).toContain('more than 1000');
  });

  it.each([
    ['all', 'call', 'accepted'],
    ['queries', 'query', 'accepted'],
    ['queries', 'read_state', 'accepted'],
    ['queries', 'call', 'permits queries only'],
    ['updates', 'query', 'neither'],
    ['', 'read_state', 'neither'],
  ] as const)(
    'with permissions %j makes a %s: %s [auth.delegation-permissions]',
    (permissions, requestType, outcome) => {
      const chain = [delegate(first, second, { permissions }), delegate(second, third)];
      expect(refusal(request(chain, third, { requestType }))).toContain(outcome);
    },
  );

  it('with an empty list of delegations is like one without [auth.delegation]', () => {
    expect(authenticate({ ...request([], first), senderDelegation: [] })).toEqual(accepted);
  });
});

describe('sender_delegation in an envelope', () => {
  const good = delegate(first, second, { targets: [canisterId], permissions: 'queries' });
  const fields = {
    pubkey: good.delegation.pubkey,
    expiration: good.delegation.expirationNs,
    targets: [principalToBytes(canisterId)],
    permissions: 'queries',
  };
  const signed = (changes: object) =>
    cborMap({ delegation: cborMap({ ...fields, ...changes }), signature: good.signature });

  it('is read with and without its optional fields [auth.delegation]', () => {
    expect(parseSenderDelegation([signed({})])).toEqual({ ok: true, value: [good] });
    expect(parseSenderDelegation([signed({ targets: undefined, permissions: null })])).toMatchObject({
      ok: true,
      value: [{ delegation: { targets: null, permissions: null } }],
    });
    expect(parseSenderDelegation([])).toEqual({ ok: true, value: [] });
  });

  it.each([
    ['not an array', cborMap({})],
    ['more than 20', Array.from({ length: 21 }, () => signed({}))],
    ['needs a map', [cborMap({ delegation: cborMap(fields) })]],
    ['needs a map', [cborMap({ signature: good.signature })]],
    ['needs a map', [7]],
    ['pubkey', [signed({ pubkey: 'text' })]],
    ['expiration', [signed({ expiration: -1 })]],
    ['expiration', [signed({ expiration: undefined })]],
    ['not an array', [signed({ targets: 'x' })]],
    ['not a principal', [signed({ targets: [new Uint8Array(30)] })]],
    ['not a principal', [signed({ targets: ['text'] })]],
    ['more than 1000', [signed({ targets: Array.from({ length: 1001 }, () => new Uint8Array(1)) })]],
    ['permissions', [signed({ permissions: 1 })]],
  ])('is refused: %s [auth.delegation]', (reason, value) => {
    expect(parseSenderDelegation(value)).toMatchObject({ ok: false, error: expect.stringContaining(reason) });
  });
});

it('keys made here are the ones OpenSSL makes of the same seed', () => {
  const seed = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 1)]);
  const key = createPrivateKey({ key: seed, format: 'der', type: 'pkcs8' });
  expect(new Uint8Array(sign(null, contentRequestId, key))).toEqual(first.sign(contentRequestId));
});
