// Who sent a request: the predicate verify_envelope of SPEC/abstract-behavior, "Envelope Authentication". Pure: the same
// envelope at the same time has the same answer.

import { concatBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { createBoundedCache } from '../codec/bounded-cache.ts';
import { anonymous, type Principal, selfAuthenticatingPrincipal } from '../codec/principal.ts';
import { delegationCountMax, delegationTargetCountMax, hashOfDelegation, type SignedDelegation } from './delegation.ts';
import { delegationDomain, requestDomain } from './domain.ts';
import { bytesToBinary } from './sha256.ts';
import { type PublicKey, parsePublicKey, verifySignature } from './signature.ts';

export type RequestType = 'call' | 'query' | 'read_state';

export interface AuthenticationInput {
  readonly contentRequestId: Uint8Array;
  readonly sender: Principal;
  readonly senderPubkey: Uint8Array | null;
  readonly senderSig: Uint8Array | null;
  readonly senderDelegation: readonly SignedDelegation[] | null;
  readonly nowNs: bigint;
  /** The canister addressed; null for read_state, where the targets limit single paths instead. */
  readonly canisterId: Principal | null;
  readonly requestType: RequestType;
}

export interface Authentication {
  /** The canisters this envelope may be used at; null: all. */
  readonly targets: ReadonlySet<Principal> | null;
}

const everywhere: Authentication = { targets: null };

export function authenticate(input: AuthenticationInput): Result<Authentication, string> {
  const { senderPubkey, senderSig } = input;
  if (input.sender === anonymous) return authenticateAnonymous(input);
  if (senderPubkey === null) return refuse('sender_pubkey is missing: only the anonymous sender may do without');
  if (senderSig === null) return refuse('sender_sig is missing: only the anonymous sender may do without');
  if (selfAuthenticatingPrincipal(senderPubkey) !== input.sender) {
    return refuse('sender is not the self-authenticating id of sender_pubkey');
  }
  const chain = input.senderDelegation ?? [];
  const admissible = checkChain(chain, senderPubkey, input);
  if (!admissible.ok) return admissible;
  const signer = verifyChain(chain, senderPubkey);
  if (!signer.ok) return signer;
  if (!verifySignature(signer.value, concatBytes(requestDomain, input.contentRequestId), senderSig)) {
    return refuse('sender_sig is not a valid signature of the request id');
  }
  return admissible;
}

function authenticateAnonymous({ senderPubkey, senderSig, senderDelegation }: AuthenticationInput) {
  const isBare = senderPubkey === null && senderSig === null && senderDelegation === null;
  return isBare ? ok(everywhere) : refuse('the anonymous sender must not give a key, a signature or a delegation');
}

/** Everything about a chain that costs no signature check. */
function checkChain(
  chain: readonly SignedDelegation[],
  senderPubkey: Uint8Array,
  { nowNs, canisterId, requestType }: AuthenticationInput,
): Result<Authentication, string> {
  if (chain.length === 0) return ok(everywhere);
  if (chain.length > delegationCountMax) return refuse(`more than ${delegationCountMax} delegations`);
  if (hasCycle(chain, senderPubkey)) return refuse('a public key appears twice in the delegation chain');
  for (const { delegation } of chain) {
    if (delegation.expirationNs < nowNs) return refuse(`a delegation expired at ${delegation.expirationNs} ns`);
    const forbidden = checkPermissions(delegation.permissions, requestType);
    if (forbidden !== null) return refuse(forbidden);
    if (delegation.targets !== null && delegation.targets.length > delegationTargetCountMax) {
      return refuse(`more than ${delegationTargetCountMax} delegation targets`);
    }
  }
  const targets = intersectTargets(chain);
  if (targets !== null && canisterId !== null && !targets.has(canisterId)) {
    return refuse('the delegation does not cover the canister addressed');
  }
  return ok({ targets });
}

function checkPermissions(permissions: string | null, requestType: RequestType): string | null {
  if (permissions === null || permissions === 'all') return null;
  if (permissions !== 'queries') return 'delegation permissions are neither "queries" nor "all"';
  return requestType === 'call' ? 'the delegation permits queries only' : null;
}

function hasCycle(chain: readonly SignedDelegation[], senderPubkey: Uint8Array): boolean {
  const keys = new Set([bytesToBinary(senderPubkey)]);
  for (const { delegation } of chain) keys.add(bytesToBinary(delegation.pubkey));
  return keys.size !== chain.length + 1;
}

function intersectTargets(chain: readonly SignedDelegation[]): ReadonlySet<Principal> | null {
  const limits = chain.flatMap(({ delegation }) => (delegation.targets === null ? [] : [new Set(delegation.targets)]));
  const [first, ...others] = limits;
  if (first === undefined) return null;
  return new Set([...first].filter((target) => others.every((limit) => limit.has(target))));
}

/** The key at the end of the chain, each link's signature checked with the key before it. */
function verifyChain(chain: readonly SignedDelegation[], senderPubkey: Uint8Array): Result<PublicKey, string> {
  let key = parsePublicKey(senderPubkey);
  for (const signed of chain) {
    if (!key.ok) return key;
    if (!isSignedBy(key.value, signed)) return refuse('a delegation is not signed by the key before it');
    key = parsePublicKey(signed.delegation.pubkey);
  }
  return key;
}

// A client sends the same delegations with every request of a session; a hit saves most of its authentication.
const verifiedDelegations = createBoundedCache<string, true>(4096);

function isSignedBy(key: PublicKey, { delegation, signature }: SignedDelegation): boolean {
  const message = concatBytes(delegationDomain, hashOfDelegation(delegation));
  const cacheKey = bytesToBinary(concatBytes(message, signature, key.der));
  if (verifiedDelegations.get(cacheKey)) return true;
  const isValid = verifySignature(key, message, signature);
  if (isValid) verifiedDelegations.set(cacheKey, true);
  return isValid;
}
