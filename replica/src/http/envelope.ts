// The authentication envelope around every request: from untrusted bytes to typed content, checked field by field
// against requests.cddl. Knows nothing of signatures or time. Never throws; what it refuses says which field and why.
import { type Result, refuse } from '@tamc/base/result';
import { type CborValue, isCborMap, parseCBOR } from '../codec/cbor.ts';
import { requestId as hashContent } from '../codec/hash-of-map.ts';
import { malformed, refuseMalformed } from '../codec/malformed.ts';
import type { Principal } from '../codec/principal.ts';
import { delegationCountMax, delegationTargetCountMax, type SignedDelegation } from '../crypto/delegation.ts';
import {
  type Content,
  type ContentKind,
  type MethodContent,
  parseMethodContent,
  parseReadStateContent,
  type ReadStateContent,
} from './content.ts';
import { openMap, readBlob, readList, readOptional, readPrincipal, readText, readTimestamp } from './fields.ts';
import { hasTooManyItems } from './item-count.ts';
import { bodyItemCountMax } from './limits.ts';
import { badRequest, type Refusal } from './response.ts';

export interface Envelope<C extends Content = Content> {
  readonly content: C;
  /** Representation-independent hash of the content as it was received. */
  readonly requestId: Uint8Array;
  readonly senderPublicKey: Uint8Array | null;
  readonly senderSignature: Uint8Array | null;
  readonly delegations: readonly SignedDelegation[] | null;
}

export function parseMethodEnvelope(
  body: Uint8Array,
  kind: 'call' | 'query',
): Result<Envelope<MethodContent>, Refusal> {
  return parseEnvelope(body, kind, (value) => parseMethodContent(value, kind));
}

export function parseReadStateEnvelope(body: Uint8Array): Result<Envelope<ReadStateContent>, Refusal> {
  return parseEnvelope(body, 'read_state', parseReadStateContent);
}

function parseEnvelope<C extends Content>(
  body: Uint8Array,
  kind: ContentKind,
  parseContent: (value: CborValue | undefined) => C,
): Result<Envelope<C>, Refusal> {
  if (body.length === 0) return refuseBody(kind, 'the body is empty');
  if (hasTooManyItems(body, bodyItemCountMax)) return refuseBody(kind, `more than ${bodyItemCountMax} CBOR items`);
  const parsed = parseCBOR(body);
  if (!parsed.ok) return refuseBody(kind, parsed.error);
  const envelope = refuseMalformed(() => readEnvelope(parsed.value, parseContent));
  return envelope.ok ? envelope : refuseBody(kind, envelope.error);
}

function refuseBody(kind: ContentKind, reason: string): Result<never, Refusal> {
  return refuse(badRequest(`Could not parse the body as a ${kind} request: ${reason}.`));
}

function readEnvelope<C extends Content>(
  value: CborValue,
  parseContent: (value: CborValue | undefined) => C,
): Envelope<C> {
  const names = ['content', 'sender_pubkey', 'sender_delegation', 'sender_sig'];
  const fields = openMap(value, 'the envelope', names);
  const content = parseContent(fields.get('content'));
  return {
    content,
    requestId: hashFields(fields.get('content')),
    senderPublicKey: readOptional(fields.get('sender_pubkey'), 'sender_pubkey', readBlob),
    senderSignature: readOptional(fields.get('sender_sig'), 'sender_sig', readBlob),
    delegations: readOptional(fields.get('sender_delegation'), 'sender_delegation', readDelegations),
  };
}

function hashFields(content: CborValue | undefined): Uint8Array {
  const hash = isCborMap(content) ? hashContent(content) : null;
  return hash ?? malformed('content has a value that has no representation-independent hash');
}

function readDelegations(value: CborValue, where: string): SignedDelegation[] {
  return readList(value, where, delegationCountMax).map((item, index) => readDelegation(item, `${where}[${index}]`));
}

function readDelegation(value: CborValue, where: string): SignedDelegation {
  const signed = openMap(value, where, ['delegation', 'signature']);
  const inner = `${where}.delegation`;
  const fields = openMap(signed.get('delegation'), inner, ['pubkey', 'expiration', 'targets', 'permissions']);
  const delegation = {
    pubkey: readBlob(fields.get('pubkey'), `${inner}.pubkey`),
    expirationNs: readTimestamp(fields.get('expiration'), `${inner}.expiration`),
    targets: readOptional(fields.get('targets'), `${inner}.targets`, readTargets),
    permissions: readOptional(fields.get('permissions'), `${inner}.permissions`, readPermissions),
  };
  return { delegation, signature: readBlob(signed.get('signature'), `${where}.signature`) };
}

function readTargets(value: CborValue, where: string): Principal[] {
  return readList(value, where, delegationTargetCountMax).map((target, index) =>
    readPrincipal(target, `${where}[${index}]`),
  );
}

function readPermissions(value: CborValue, where: string): 'queries' | 'all' {
  const text = readText(value, where);
  if (text === 'queries' || text === 'all') return text;
  return malformed(`${where} must be "queries" or "all", not "${text.slice(0, 40)}"`);
}
