// Builds requests for tests the way an agent does, and sends them to a handler.
import { concatBytes, parseText, textToBytes } from '@tamc/base/bytes';
import { encodeCandid, principal, record } from '../codec/candid.ts';
import { type CborMap, type CborValue, cborMap, encodeCBOR, isCborMap, parseCBOR } from '../codec/cbor.ts';
import { requestId } from '../codec/hash-of-map.ts';
import {
  anonymous,
  type Principal,
  principalToBytes,
  principalToText,
  selfAuthenticatingPrincipal,
} from '../codec/principal.ts';
import { hashOfDelegation } from '../crypto/delegation.ts';
import { delegationDomain, requestDomain } from '../crypto/domain.ts';
import { createEd25519Key, type Ed25519Key } from '../crypto/ed25519.ts';
import { doubleStartNs, hostedCanister } from './core-double.ts';
import type { Handler } from './handler.ts';
import type { HttpResponse } from './response.ts';

export type Fields = Readonly<Record<string, CborValue | undefined>>;

export const aliceKey: Ed25519Key = createEd25519Key(new Uint8Array(32).fill(0xa1));
export const alice: Principal = selfAuthenticatingPrincipal(aliceKey.publicKeyDer);
export const bobKey: Ed25519Key = createEd25519Key(new Uint8Array(32).fill(0xb0));
export const bob: Principal = selfAuthenticatingPrincipal(bobKey.publicKeyDer);

/** Minutes ahead of the time at which a CoreDouble starts. */
export function minutesAhead(minutes: number): bigint {
  return doubleStartNs + BigInt(minutes) * 60_000_000_000n;
}

/** A content that is right; `undefined` takes a field away. */
export function methodContent(kind: 'call' | 'query', fields: Fields = {}): CborMap {
  return cborMap({
    request_type: kind,
    sender: principalToBytes(anonymous),
    ingress_expiry: minutesAhead(4),
    canister_id: principalToBytes(hostedCanister),
    method_name: 'greet',
    arg: textToBytes('DIDL\0\0'),
    ...fields,
  });
}

export function readStateContent(paths: CborValue, fields: Fields = {}): CborMap {
  return cborMap({
    request_type: 'read_state',
    sender: principalToBytes(anonymous),
    ingress_expiry: minutesAhead(4),
    paths,
    ...fields,
  });
}

/** What most methods of the management canister take: whom it is about. */
export function canisterIdArgument(id: Principal): Uint8Array {
  return encodeCandid([record({ canister_id: principal })], [{ canister_id: id }]);
}

export function textPath(...labels: (string | Uint8Array)[]): Uint8Array[] {
  return labels.map((label) => (typeof label === 'string' ? textToBytes(label) : label));
}

export function envelopeBytes(content: CborValue, fields: Fields = {}): Uint8Array {
  return encodeCBOR(cborMap({ content, ...fields }), { selfDescribed: true });
}

/** Signed by `key`, which `sender` of the content should name; `delegations` lead from `senderKey` to `key`. */
export function signedEnvelope(
  content: CborMap,
  key: Ed25519Key,
  senderKey: Ed25519Key = key,
  delegations?: CborValue,
): Uint8Array {
  return envelopeBytes(content, {
    sender_pubkey: senderKey.publicKeyDer,
    sender_delegation: delegations,
    sender_sig: key.sign(concatBytes(requestDomain, requestId(content)!)),
  });
}

export interface DelegationFields {
  readonly expirationNs?: bigint;
  readonly targets?: readonly Principal[];
  readonly permissions?: string;
}

export function delegate(from: Ed25519Key, to: Ed25519Key, fields: DelegationFields = {}): CborMap {
  const { expirationNs = minutesAhead(60), targets = null, permissions = null } = fields;
  const hash = hashOfDelegation({ pubkey: to.publicKeyDer, expirationNs, targets, permissions });
  const delegation = cborMap({
    pubkey: to.publicKeyDer,
    expiration: expirationNs,
    targets: targets?.map(principalToBytes),
    permissions: permissions ?? undefined,
  });
  return cborMap({ delegation, signature: from.sign(concatBytes(delegationDomain, hash)) });
}

export function canisterPath(version: number, operation: string, id: Principal = hostedCanister): string {
  return `/api/v${version}/canister/${principalToText(id)}/${operation}`;
}

export function subnetPath(version: number, operation: string, id: Principal): string {
  return `/api/v${version}/subnet/${principalToText(id)}/${operation}`;
}

export async function send(
  handler: Handler,
  method: string,
  path: string,
  body: Uint8Array = new Uint8Array(),
): Promise<HttpResponse> {
  const route = handler.find(method, path);
  return route.ok ? handler.answer(route.value, body) : route.error;
}

/** Status and text, for refusals. */
export function shown({ status, body }: HttpResponse): string {
  return `${status} ${parseText(body)}`;
}

export function cborBody({ body }: HttpResponse): CborMap {
  const parsed = parseCBOR(body);
  if (!parsed.ok || !isCborMap(parsed.value)) throw new Error('the body is not a CBOR map');
  return parsed.value;
}
