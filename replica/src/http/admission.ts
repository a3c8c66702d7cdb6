// Whether a request is let in: first what is cheap to check (its time, its address), then the signatures.
import { ok, type Result, refuse } from '@tamc/base/result';
import { anonymous, managementCanister, type Principal, principalToText } from '../codec/principal.ts';
import { type Authentication, authenticate } from '../crypto/authentication.ts';
import type { SenderInfo } from '../state/message.ts';
import type { Content, MethodContent, ReadStateContent } from './content.ts';
import type { Core } from './core.ts';
import type { Envelope } from './envelope.ts';
import { clockDriftNsMax, expiryAheadNsMax } from './limits.ts';
import { badRequest, type Refusal } from './response.ts';
import { checkMethodTarget, managedCanister, type Target } from './target.ts';

export interface AdmittedMethod {
  readonly sender: Principal;
  readonly senderInfo: SenderInfo | null;
}

export interface AdmittedReader {
  readonly sender: Principal;
  readonly delegationTargets: ReadonlySet<Principal> | null;
}

export function admitMethod(
  core: Core,
  target: Target,
  envelope: Envelope<MethodContent>,
): Result<AdmittedMethod, Refusal> {
  const { content } = envelope;
  const refusal =
    checkExpiry(core.nowNs(), content) ?? checkMethodTarget(core.subnet, target, content) ?? checkSenderInfo(content);
  if (refusal !== null) return refuse(refusal);
  const isManagementQuery = content.kind === 'query' && content.canisterId === managementCanister;
  const authentication = verify(core, envelope, isManagementQuery ? null : content.canisterId);
  if (!authentication.ok) return authentication;
  if (isManagementQuery && !coversManagementQuery(authentication.value, content)) return refuse(uncovered);
  return ok({ sender: content.sender, senderInfo: null });
}

export function admitReadState(core: Core, envelope: Envelope<ReadStateContent>): Result<AdmittedReader, Refusal> {
  const refusal = checkExpiry(core.nowNs(), envelope.content);
  if (refusal !== null) return refuse(refusal);
  const authentication = verify(core, envelope, null);
  if (!authentication.ok) return authentication;
  return ok({ sender: envelope.content.sender, delegationTargets: authentication.value.targets });
}

/**
 * Anonymous reads may come with any expiry: they cannot be replayed to anyone's harm, and a client whose clock differs
 * (or a replica whose time is virtual) reads `/time` this way to set its clock.
 */
function checkExpiry(nowNs: bigint, content: Content): Refusal | null {
  if (content.kind !== 'call' && content.sender === anonymous) return null;
  const latestNs = nowNs + expiryAheadNsMax + clockDriftNsMax;
  if (content.expiryNs >= nowNs && content.expiryNs <= latestNs) return null;
  // Clients look for this beginning and then set their clock by ours.
  return badRequest(
    'Invalid request expiry: Specified ingress_expiry not within expected range: ' +
      `Minimum allowed expiry: ${renderTime(nowNs)}, Maximum allowed expiry: ${renderTime(latestNs)}, ` +
      `Provided expiry: ${renderTime(content.expiryNs)}`,
  );
}

/** Only canister signatures may carry it, and those are not supported yet. */
function checkSenderInfo({ senderInfo }: MethodContent): Refusal | null {
  if (senderInfo === null) return null;
  return badRequest('content.sender_info needs a canister signature, which is not supported yet: leave it out.');
}

function verify(core: Core, envelope: Envelope, canisterId: Principal | null): Result<Authentication, Refusal> {
  const { content, requestId, senderPublicKey, senderSignature, delegations } = envelope;
  const authentication = authenticate({
    contentRequestId: requestId,
    sender: content.sender,
    senderPubkey: senderPublicKey,
    senderSig: senderSignature,
    senderDelegation: delegations,
    nowNs: core.nowNs(),
    canisterId,
    requestType: content.kind,
  });
  return authentication.ok ? authentication : refuse(refuseSender(content.sender, authentication.error));
}

/** Such a query reads about one canister, so a delegation for that canister is enough (SPEC/abstract-behavior). */
function coversManagementQuery({ targets }: Authentication, content: MethodContent): boolean {
  if (targets === null || targets.has(managementCanister)) return true;
  const managed = managedCanister(content);
  return managed !== null && targets.has(managed);
}

const uncovered = badRequest('Failed to authenticate: the delegation does not cover the canister addressed.');

function refuseSender(sender: Principal, reason: string): Refusal {
  return badRequest(`Failed to authenticate the request of ${principalToText(sender)}: ${reason}.`);
}

function renderTime(timeNs: bigint): string {
  const seconds = timeNs / 1_000_000_000n;
  // Later than this there is no calendar date to write.
  if (seconds > 8_640_000_000_000n) return `${timeNs} ns`;
  const fraction = String(timeNs % 1_000_000_000n).padStart(9, '0');
  return new Date(Number(seconds) * 1000).toISOString().replace('T', ' ').replace('.000Z', `.${fraction} UTC`);
}
