// Where messages go: requests to the inbox of the callee, answers to whoever waits. Every cycle that travels with a
// message arrives exactly once: with the callee, back with the caller, or (best effort only) nowhere.
import { assert } from '@tamc/base/assert';
import { canisterIndexOfId, type Principal, principalToText } from '../codec/principal.ts';
import { createReject, errorCodeText, type Reject, rejectCodes } from '../errors.ts';
import type { Canister } from '../state/canister.ts';
import type { CallContext, Origin, Payload, Request } from '../state/message.ts';
import { settleRequest } from './requests.ts';
import type { Scheduler } from './scheduler.ts';

/** Hands a request to its callee, or answers it at once with a reject. */
export function deliverRequest(scheduler: Scheduler, request: Request): void {
  if (request.callee === '') {
    scheduler.managementInbox.push(request);
    return;
  }
  const callee = scheduler.world.state.canisters.get(request.callee);
  const refusal = callee === undefined ? noDestination(request.callee) : refusalOnDelivery(callee, request);
  if (refusal !== null) respond(scheduler, request.origin, { kind: 'reject', reject: refusal }, request.cycles);
  else enqueue(scheduler, callee!, request);
}

export function noSuchCanister(id: Principal): Reject {
  return createReject('canisterNotFound', `Canister ${principalToText(id)} not found`);
}

/** What a caller on the subnet is told: ids of another form than the subnet's own are nowhere. */
export function noDestination(id: Principal): Reject {
  if (canisterIndexOfId(id) !== null) return noSuchCanister(id);
  const message = `No route to canister ${principalToText(id)}`;
  return { code: rejectCodes.destinationInvalid, message, error: null };
}

function refusalOnDelivery(callee: Canister, request: Request): Reject | null {
  const stopped = refusalOfStopped(callee);
  if (stopped !== null) return stopped;
  const minimum = callee.settings.minimumIncomingCallCycles;
  if (request.origin.kind !== 'canister' || request.caller === callee.id || request.cycles >= minimum) return null;
  return createReject(
    'insufficientCyclesInCall',
    `Canister ${principalToText(callee.id)} requires at least ${minimum} cycles with each call, but only ${request.cycles} were attached`,
  );
}

export function refusalOfStopped(canister: Canister): Reject | null {
  if (canister.status.kind === 'running') return null;
  return canister.status.kind === 'stopped'
    ? createReject('canisterStopped', `Canister ${principalToText(canister.id)} is stopped`)
    : createReject('canisterStopping', `Canister ${principalToText(canister.id)} is stopping`);
}

export function enqueue(scheduler: Scheduler, canister: Canister, message: Canister['inbox'][number]): void {
  canister.inbox.push(message);
  scheduler.ready.add(canister.id);
  // Its turn may come only after the next checkpoint.
  scheduler.changed.canisters.add(canister.id);
}

/** Sends an answer to whoever opened the call; `refund` are the cycles of the call that were not accepted. */
export function respond(scheduler: Scheduler, origin: Origin, payload: Payload, refund: bigint): void {
  if (origin.kind === 'system') return;
  if (origin.kind === 'user') {
    settleRequest(scheduler, origin.requestId, payload);
    return;
  }
  const caller = scheduler.world.state.canisters.get(origin.canisterId);
  const callback = caller?.callbacks.get(origin.callbackId);
  // A best-effort caller that was already told SYS_UNKNOWN hears nothing more; the cycles are lost, as specified.
  if (caller === undefined || callback === undefined || callback.answered) {
    scheduler.world.state.consumedByDeleted += refund;
    return;
  }
  callback.answered = true;
  scheduler.deadlines.delete(callback);
  enqueue(scheduler, caller, {
    kind: 'response',
    callbackId: origin.callbackId,
    refund,
    payload: forCanister(payload),
  });
}

/** A canister does not see error codes; those of the system stand in front of the message (as on the main network). */
export function forCanister(payload: Payload): Payload {
  if (payload.kind === 'reply') return payload;
  const { error, message, isOwnWords } = payload.reject;
  // The code of a passed deadline says it all.
  if (error === null || isOwnWords || error === 'deadlineExpired') return payload;
  return { kind: 'reject', reject: { ...payload.reject, message: `${errorCodeText(error)}: ${message}` } };
}

/** Forgets a call context that is answered and unreferenced; answers one that nobody can answer any more. */
export function settleCallContext(scheduler: Scheduler, canister: Canister, context: CallContext): void {
  if (context.openCallbacks > 0) return;
  if (context.needsToRespond) {
    context.needsToRespond = false;
    const reject = createReject(
      'canisterDidNotReply',
      `Error from Canister ${principalToText(canister.id)}: Canister did not reply to the call`,
    );
    respond(scheduler, context.origin, { kind: 'reject', reject }, context.availableCycles);
    context.availableCycles = 0n;
  }
  assert(canister.callContexts.delete(context.id), 'a call context is settled once');
}
