// Second opinion: requests signed by the public client's identities, with and without delegations, must authenticate.

import { Cbor, Endpoint, type Identity, SubmitRequestType } from '@dfinity/agent';
import { DelegationChain, DelegationIdentity, ECDSAKeyIdentity, Ed25519KeyIdentity } from '@dfinity/identity';
import { Principal as AgentPrincipal } from '@dfinity/principal';
import { Secp256k1KeyIdentity } from '@icp-sdk/core/identity/secp256k1';
import { describe, expect, it } from 'vitest';
import { type CborMap, type CborValue, isCborMap, parseCBOR } from '../codec/cbor.ts';
import { requestId } from '../codec/hash-of-map.ts';
import { canisterIdOfIndex, parsePrincipalBytes, principalToText } from '../codec/principal.ts';
import { type AuthenticationInput, authenticate } from './authentication.ts';
import { parseSenderDelegation } from './delegation.ts';

const canisterId = canisterIdOfIndex(7n);
const agentCanisterId = AgentPrincipal.fromText(principalToText(canisterId));
const nowNs = 1_700_000_000_000_000_000n;
const expiry = new Date(Number(nowNs / 1_000_000n) + 60_000);

function mapOf(value: CborValue | undefined): CborMap {
  if (!isCborMap(value)) throw new Error('not a map');
  return value;
}

function blobOf(value: CborValue | undefined): Uint8Array | null {
  return value instanceof Uint8Array ? value : null;
}

/** What the client would post, read as the replica reads it. */
async function envelopeOf(identity: Identity): Promise<AuthenticationInput> {
  const body = {
    request_type: SubmitRequestType.Call,
    canister_id: agentCanisterId,
    method_name: 'greet',
    arg: new Uint8Array([1, 2, 3]),
    sender: identity.getPrincipal(),
    ingress_expiry: nowNs + 60_000_000_000n,
    nonce: new Uint8Array(16),
  };
  const request: object = { endpoint: Endpoint.Call, request: {}, body };
  const transformed: unknown = await identity.transformRequest(request as never);
  const bytes = Cbor.encode(Reflect.get(Object(transformed), 'body'));
  const parsed = parseCBOR(new Uint8Array(bytes));
  if (!parsed.ok) throw new Error(parsed.error);
  const envelope = mapOf(parsed.value);
  const content = mapOf(envelope.get('content'));
  const delegation = envelope.get('sender_delegation');
  const chain = delegation === undefined ? null : parseSenderDelegation(delegation);
  if (chain?.ok === false) throw new Error(chain.error);
  return {
    contentRequestId: requestId(content)!,
    sender: parsePrincipalBytes(blobOf(content.get('sender'))!)!,
    senderPubkey: blobOf(envelope.get('sender_pubkey')),
    senderSig: blobOf(envelope.get('sender_sig')),
    senderDelegation: chain === null ? null : chain.value,
    nowNs,
    canisterId,
    requestType: 'call',
  };
}

const seed = (byte: number) => new Uint8Array(32).fill(byte);

describe('a request of the public client', () => {
  it('is authenticated with an Ed25519 identity [auth.signature]', async () => {
    const input = await envelopeOf(Ed25519KeyIdentity.generate(seed(1)));
    expect(authenticate(input)).toEqual({ ok: true, value: { targets: null } });
    const changed = { ...input, contentRequestId: seed(0) };
    expect(authenticate(changed).ok).toBe(false);
  });

  it('is authenticated with a P-256 identity [auth.signature]', async () => {
    const input = await envelopeOf(await ECDSAKeyIdentity.generate());
    expect(authenticate(input)).toEqual({ ok: true, value: { targets: null } });
    expect(authenticate({ ...input, contentRequestId: seed(0) }).ok).toBe(false);
  });

  it('is authenticated with a secp256k1 identity [auth.signature]', async () => {
    const identity = Secp256k1KeyIdentity.generate(seed(2));
    const input = await envelopeOf(identity as unknown as Identity);
    expect(authenticate(input)).toEqual({ ok: true, value: { targets: null } });
    expect(authenticate({ ...input, contentRequestId: seed(0) }).ok).toBe(false);
  });

  it('is authenticated along delegations with targets [auth.delegation]', async () => {
    const owner = Ed25519KeyIdentity.generate(seed(3));
    const middle = Ed25519KeyIdentity.generate(seed(4));
    const session = Ed25519KeyIdentity.generate(seed(5));
    const first = await DelegationChain.create(owner, middle.getPublicKey(), expiry);
    const options = { previous: first, targets: [agentCanisterId] };
    const chain = await DelegationChain.create(middle, session.getPublicKey(), expiry, options);
    const input = await envelopeOf(DelegationIdentity.fromDelegation(session, chain));
    expect(authenticate(input)).toEqual({ ok: true, value: { targets: new Set([canisterId]) } });
    expect(authenticate({ ...input, canisterId: canisterIdOfIndex(8n) }).ok).toBe(false);
    expect(authenticate({ ...input, nowNs: nowNs + 61_000_000_000n }).ok).toBe(false);
  });
});
