// The signatures of queries, checked as the library does it, but by the machine's own cryptography, with the node keys of a network
// of one subnet fetched once and not for every canister, and never without a signature.
import {
  type ApiQueryResponse,
  CanisterStatus,
  type HttpAgent,
  hashOfMap,
  IC_RESPONSE_DOMAIN_SEPARATOR,
  MalformedPublicKeyErrorCode,
  QueryResponseStatus,
  QuerySignatureVerificationFailedErrorCode,
  TrustError,
} from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { assert } from '@tamc/base/assert';
import { concatBytes, textToBytes } from '@tamc/base/bytes';
import { checkCertificate } from './certificate-signature.ts';
import { createVerifier } from './native-crypto.ts';

type Verify = NonNullable<ReturnType<typeof createVerifier>>;

/** By the text of the node's id. */
type NodeKeys = ReadonlyMap<string, Verify>;

/** For an agent that was told not to check them itself. */
export function checkQuerySignatures(agent: HttpAgent): void {
  const keys = createKeyKeeper(agent);
  const query = agent.query.bind(agent);
  agent.query = async (canisterId, fields, identity) => {
    const canister = Principal.from(fields.effectiveCanisterId ?? canisterId);
    // First the keys: what they are read with learns the network's time at once where the clock is wrong, a query only after some tries.
    const known = await keys.of(canister);
    const response = await query(canisterId, fields, identity);
    if (isSigned(response, known)) return response;
    // A node may have got another key.
    if (isSigned(response, await keys.fresh(canister))) return response;
    throw TrustError.fromCode(new QuerySignatureVerificationFailedErrorCode(signerOf(response)));
  };
}

interface KeyKeeper {
  of(canister: Principal): Promise<NodeKeys>;
  fresh(canister: Principal): Promise<NodeKeys>;
}

/** Keys of canisters of foreign networks that are kept; each takes some kilobytes. */
const canistersKeptMax = 1_000;

/**
 * While every canister that was asked lives on the subnet whose key is the root key, its nodes answer for all of them, as
 * on a network of one's own. From the first one elsewhere on, each canister has its own.
 */
function createKeyKeeper(agent: HttpAgent): KeyKeeper {
  let ofRoot: Promise<NodeKeys> | null = null;
  let isOneSubnet = true;
  const ofCanister = new Map<string, Promise<NodeKeys>>();
  const fetchKeys = async (canister: Principal): Promise<NodeKeys> => {
    const { rootKey } = agent;
    assert(rootKey !== null, 'a connected client has a root key');
    const subnet = await fetchSubnet(agent, canister, rootKey);
    const keys = readKeys(subnet.nodeKeys);
    isOneSubnet &&= subnet.subnetId === Principal.selfAuthenticating(new Uint8Array(rootKey)).toText();
    ofRoot = isOneSubnet ? Promise.resolve(keys) : null;
    return keys;
  };
  const keep = (canister: Principal): Promise<NodeKeys> => {
    if (ofCanister.size >= canistersKeptMax) ofCanister.clear();
    const fetched = fetchKeys(canister);
    ofCanister.set(canister.toText(), fetched);
    fetched.catch(() => ofCanister.delete(canister.toText()));
    return fetched;
  };
  return {
    of: (canister) => ofRoot ?? ofCanister.get(canister.toText()) ?? keep(canister),
    fresh: (canister) => keep(canister),
  };
}

/** As the library reads it, which drops the reason when it cannot be had, and writes to the console about it. */
async function fetchSubnet(agent: HttpAgent, canisterId: Principal, rootKey: Uint8Array) {
  const { certificate } = await agent.readState(canisterId, { paths: [[textToBytes('subnet')]] });
  await checkCertificate(agent, canisterId, certificate);
  return CanisterStatus.fetchNodeKeys(certificate, canisterId, rootKey);
}

/** They came in a certificate that was checked. */
function readKeys(nodeKeys: ReadonlyMap<string, Uint8Array>): NodeKeys {
  const keys = new Map<string, Verify>();
  for (const [node, der] of nodeKeys) {
    const verify = toVerifier(der);
    if (verify !== null) keys.set(node, verify);
  }
  return keys;
}

function toVerifier(der: Uint8Array): Verify | null {
  try {
    return createVerifier(new Uint8Array(der));
  } catch {
    throw TrustError.fromCode(new MalformedPublicKeyErrorCode());
  }
}

function signerOf({ signatures: [signature] = [] }: ApiQueryResponse): string {
  return signature === undefined ? 'nobody' : Principal.fromUint8Array(signature.identity).toText();
}

function isSigned(response: ApiQueryResponse, keys: NodeKeys): boolean {
  const [signature] = response.signatures ?? [];
  const verify = keys.get(signerOf(response));
  if (signature === undefined || verify === undefined) return false;
  const part = signedPart(response, BigInt(signature.timestamp));
  return verify(concatBytes(IC_RESPONSE_DOMAIN_SEPARATOR, hashOfMap(part)), signature.signature);
}

function signedPart(response: ApiQueryResponse, timestamp: bigint): Record<string, unknown> {
  const { status, requestId: request_id } = response;
  if (response.status === QueryResponseStatus.Replied) return { status, reply: response.reply, timestamp, request_id };
  const { reject_code, reject_message, error_code } = response;
  return { status, reject_code, reject_message, error_code, timestamp, request_id };
}
