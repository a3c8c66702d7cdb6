// The three kinds of request content of the interface, from CBOR to typed (requests.cddl; SPEC/https-interface).
import type { CborMap, CborValue } from '../codec/cbor.ts';
import { malformed } from '../codec/malformed.ts';
import type { Principal } from '../codec/principal.ts';
import type { Path } from './core.ts';
import { openMap, readBlob, readList, readOptional, readPrincipal, readText, readTimestamp } from './fields.ts';
import { nonceByteCountMax, pathCountMax, pathLabelCountMax } from './limits.ts';

interface Common {
  readonly sender: Principal;
  readonly expiryNs: bigint;
}

/** A call or a query. */
export interface MethodContent extends Common {
  readonly kind: 'call' | 'query';
  readonly canisterId: Principal;
  readonly method: string;
  readonly arg: Uint8Array;
  readonly senderInfo: SignedSenderInfo | null;
}

export interface ReadStateContent extends Common {
  readonly kind: 'read_state';
  readonly paths: readonly Path[];
}

export interface SignedSenderInfo {
  readonly info: Uint8Array;
  readonly signer: Principal;
  readonly signature: Uint8Array;
}

export type Content = MethodContent | ReadStateContent;
export type ContentKind = Content['kind'];

const commonNames = ['request_type', 'nonce', 'ingress_expiry', 'sender'];
const methodNames = [...commonNames, 'canister_id', 'method_name', 'arg', 'sender_info'];
const readStateNames = [...commonNames, 'paths'];

export function parseMethodContent(value: CborValue | undefined, kind: 'call' | 'query'): MethodContent {
  const fields = openMap(value, 'content', methodNames);
  return {
    kind,
    ...parseCommon(fields, kind),
    canisterId: readPrincipal(fields.get('canister_id'), 'content.canister_id'),
    method: readText(fields.get('method_name'), 'content.method_name'),
    arg: readBlob(fields.get('arg'), 'content.arg'),
    senderInfo: readOptional(fields.get('sender_info'), 'content.sender_info', parseSenderInfo),
  };
}

export function parseReadStateContent(value: CborValue | undefined): ReadStateContent {
  const fields = openMap(value, 'content', readStateNames);
  const common = parseCommon(fields, 'read_state');
  const paths = readList(fields.get('paths'), 'content.paths', pathCountMax);
  return { kind: 'read_state', ...common, paths: paths.map(parsePath) };
}

function parseCommon(fields: CborMap, kind: ContentKind): Common {
  const requestType = readText(fields.get('request_type'), 'content.request_type');
  if (requestType !== kind) {
    malformed(`content.request_type is "${requestType.slice(0, 40)}", but this address takes "${kind}"`);
  }
  readOptional(fields.get('nonce'), 'content.nonce', checkNonce);
  return {
    sender: readPrincipal(fields.get('sender'), 'content.sender'),
    expiryNs: readTimestamp(fields.get('ingress_expiry'), 'content.ingress_expiry'),
  };
}

// A nonce only makes requests differ: it counts for the request id, and nobody reads it.
function checkNonce(value: CborValue, where: string): void {
  const { length } = readBlob(value, where);
  if (length > nonceByteCountMax) malformed(`${where} has ${length} bytes; at most ${nonceByteCountMax} are allowed`);
}

function parseSenderInfo(value: CborValue, where: string): SignedSenderInfo {
  const fields = openMap(value, where, ['info', 'signer', 'sig']);
  return {
    info: readBlob(fields.get('info'), `${where}.info`),
    signer: readPrincipal(fields.get('signer'), `${where}.signer`),
    signature: readBlob(fields.get('sig'), `${where}.sig`),
  };
}

function parsePath(value: CborValue, index: number): Path {
  const where = `content.paths[${index}]`;
  return readList(value, where, pathLabelCountMax).map((label) => readBlob(label, where));
}
