// Signed delegations as they arrive in an envelope: shape checked here, meaning and signatures in authentication.ts.

import { ok, type Result, refuse } from '@tamc/base/result';
import { type CborMap, type CborValue, cborToNat, isCborArray, isCborMap } from '../codec/cbor.ts';
import { type HashableValue, hashOfMap } from '../codec/hash-of-map.ts';
import { type Principal, parsePrincipalBytes, principalToBytes } from '../codec/principal.ts';

export interface Delegation {
  readonly pubkey: Uint8Array;
  readonly expirationNs: bigint;
  /** Null: every canister. */
  readonly targets: readonly Principal[] | null;
  /** Null: not given. */
  readonly permissions: string | null;
}

export interface SignedDelegation {
  readonly delegation: Delegation;
  readonly signature: Uint8Array;
}

/** The text wins over the CDDL, which still says 4. */
export const delegationCountMax = 20;
export const delegationTargetCountMax = 1000;

/** Reads `sender_delegation`. Counts are checked here, before any signature is. */
export function parseSenderDelegation(value: CborValue): Result<readonly SignedDelegation[], string> {
  if (!isCborArray(value)) return refuse('sender_delegation is not an array');
  if (value.length > delegationCountMax) return refuse(`more than ${delegationCountMax} delegations`);
  const delegations: SignedDelegation[] = [];
  for (const item of value) {
    const parsed = parseSigned(item);
    if (!parsed.ok) return parsed;
    delegations.push(parsed.value);
  }
  return ok(delegations);
}

/** What the delegating key signs, after the domain separator. */
export function hashOfDelegation({ pubkey, expirationNs, targets, permissions }: Delegation): Uint8Array {
  const fields: [string, HashableValue][] = [
    ['pubkey', pubkey],
    ['expiration', expirationNs],
  ];
  if (targets !== null) fields.push(['targets', targets.map(principalToBytes)]);
  if (permissions !== null) fields.push(['permissions', permissions]);
  return hashOfMap(new Map(fields));
}

function parseSigned(value: CborValue): Result<SignedDelegation, string> {
  const delegation = isCborMap(value) ? value.get('delegation') : undefined;
  const signature = isCborMap(value) ? value.get('signature') : undefined;
  if (!isCborMap(delegation) || !(signature instanceof Uint8Array)) {
    return refuse('a delegation needs a map "delegation" and a blob "signature"');
  }
  const parsed = parseDelegation(delegation);
  return parsed.ok ? ok({ delegation: parsed.value, signature }) : parsed;
}

function parseDelegation(map: CborMap): Result<Delegation, string> {
  const pubkey = map.get('pubkey');
  const expirationNs = cborToNat(map.get('expiration'));
  const permissions = map.get('permissions') ?? null;
  if (!(pubkey instanceof Uint8Array)) return refuse('delegation without a blob "pubkey"');
  if (expirationNs === null) return refuse('delegation without a natural number "expiration"');
  if (permissions !== null && typeof permissions !== 'string') return refuse('delegation permissions are not text');
  const targets = parseTargets(map.get('targets') ?? null);
  return targets.ok ? ok({ pubkey, expirationNs, targets: targets.value, permissions }) : targets;
}

function parseTargets(value: CborValue): Result<Principal[] | null, string> {
  if (value === null) return ok(null);
  if (!isCborArray(value)) return refuse('delegation targets are not an array');
  if (value.length > delegationTargetCountMax)
    return refuse(`more than ${delegationTargetCountMax} delegation targets`);
  const targets: Principal[] = [];
  for (const item of value) {
    const target = item instanceof Uint8Array ? parsePrincipalBytes(item) : null;
    if (target === null) return refuse('a delegation target is not a principal');
    targets.push(target);
  }
  return ok(targets);
}
