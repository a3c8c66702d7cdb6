// Calls from users: what a node checks before it takes one in, and how the round takes it up.
import { type Principal, principalToText } from '../codec/principal.ts';
import { ingressFee } from '../cycles/fees.ts';
import { createReject, type Reject } from '../errors.ts';
import { trapToReject } from '../execution/outcome.ts';
import type { IngressCall } from '../http/core.ts';
import { acceptManagementIngress, effectiveCanisterId } from '../management/ingress.ts';
import type { Canister } from '../state/canister.ts';
import type { Payload, Request } from '../state/message.ts';
import { refusalToPay } from './apply-effects.ts';
import { deliverRequest, noSuchCanister, refusalOfStopped, respond } from './calls.ts';
import { noModule } from './execute-message.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * Checks of the receiving node; nothing is changed and nobody pays. `nowNs`: a call that is refused makes no round, so the
 * time of the last one may be long past.
 */
export function refusalOfIngress(scheduler: Scheduler, call: IngressCall, nowNs: bigint): Reject | null {
  if (call.canisterId === '') return acceptManagementIngress(scheduler.world, call);
  const canister = scheduler.world.state.canisters.get(call.canisterId);
  if (canister === undefined) return noSuchCanister(call.canisterId);
  if (canister.code === null) return noModule(principalToText(canister.id));
  return (
    refusalOfStopped(canister) ??
    refusalToPay(scheduler.world, canister, feeOf(scheduler, call)) ??
    inspect(scheduler, canister, call, nowNs)
  );
}

function feeOf(scheduler: Scheduler, call: IngressCall): bigint {
  return ingressFee(scheduler.world.subnet, BigInt(call.arg.length + call.method.length));
}

/** Asks the canister itself, also about query methods that are called as updates. */
function inspect(scheduler: Scheduler, canister: Canister, call: IngressCall, nowNs: bigint): Reject | null {
  const module = scheduler.world.modules.get(canister.code!.moduleHash);
  if (!module.exports.inspectMessage) return null;
  const outcome = scheduler.engine.execute({
    canister,
    entryPoint: 'F',
    target: { kind: 'export', name: 'canister_inspect_message' },
    limit: scheduler.world.limits.inspect,
    timeNs: nowNs,
    caller: call.sender,
    senderInfo: call.senderInfo,
    arg: call.arg,
    methodName: call.method,
    keep: false,
  });
  if (outcome.trap !== null) return trapToReject(canister.id, outcome.trap);
  if (outcome.effects.accepted) return null;
  const text = `Error from Canister ${principalToText(canister.id)}: Canister rejected the message`;
  return createReject('canisterRejectedMessage', text);
}

/** Takes a call into the round. A request id that is known already is not taken twice. */
export function inductIngress(scheduler: Scheduler, call: IngressCall): void {
  const { state } = scheduler.world;
  if (state.requests.has(call.requestId) || call.expiryNs < state.timeNs) return;
  state.requests.set(call.requestId, {
    sequence: state.nextRequestSequence++,
    sender: call.sender,
    canisterId: call.canisterId,
    effectiveId: call.effectiveId,
    expiryNs: call.expiryNs,
    status: { kind: 'received' },
  });
  scheduler.changed.requests.add(call.requestId);
  const refusal = chargeIngress(scheduler, call);
  if (refusal === null) deliverRequest(scheduler, ingressToRequest(call));
  else respond(scheduler, ingressToRequest(call).origin, rejected(refusal), 0n);
}

function rejected(reject: Reject): Payload {
  return { kind: 'reject', reject };
}

function ingressToRequest(call: IngressCall): Request {
  return {
    kind: 'request',
    origin: { kind: 'user', requestId: call.requestId, sender: call.sender },
    caller: call.sender,
    callee: call.canisterId,
    method: call.method,
    arg: call.arg,
    cycles: 0n,
    senderInfo: call.senderInfo,
    senderVersion: null,
  };
}

/** The canister that is called (or managed) pays for taking the call in; creating one is free of this fee. */
function chargeIngress(scheduler: Scheduler, call: IngressCall): Reject | null {
  const payer = payerOf(scheduler, call);
  if (payer === null) return null;
  const refusal = refusalToPay(scheduler.world, payer, feeOf(scheduler, call));
  // A frozen canister can still be managed: its controllers must be able to top it up or change its threshold.
  if (refusal !== null) return call.canisterId === '' ? null : refusal;
  const fee = feeOf(scheduler, call);
  payer.cycles -= fee;
  payer.burnedCycles.ingress += fee;
  scheduler.changed.canisters.add(payer.id);
  return null;
}

function payerOf(scheduler: Scheduler, call: IngressCall): Canister | null {
  const { canisters } = scheduler.world.state;
  if (call.canisterId !== '') return canisters.get(call.canisterId) ?? null;
  const effective = effectiveCanisterId(call.method, call.arg);
  return effective.ok && effective.value !== 'any' ? (canisters.get(effective.value as Principal) ?? null) : null;
}
