// Calls to the management canister, executed in the round in which they arrive.
import type { Principal } from '../codec/principal.ts';
import { callManagement } from '../management/call.ts';
import { effectiveCanisterId } from '../management/effective-canister-id.ts';
import type { Request } from '../state/message.ts';
import { respond } from './calls.ts';
import { chargeCanister } from './charges.ts';
import { markProcessing } from './requests.ts';
import { type Scheduler, touch } from './scheduler.ts';
import { enqueueLowMemoryHook } from './tasks.ts';

export function executeManagementCalls(scheduler: Scheduler): void {
  scheduler.engine.settle();
  for (
    let request = scheduler.managementInbox.shift();
    request !== undefined;
    request = scheduler.managementInbox.shift()
  ) {
    if (request.origin.kind === 'user') markProcessing(scheduler, request.origin.requestId);
    chargeTarget(scheduler, request);
    const outcome = callManagement(scheduler.world, request);
    for (const id of outcome.touched) {
      touch(scheduler, id);
      hookIfLow(scheduler, id);
    }
    if (outcome.kind === 'pending') continue;
    const payload =
      outcome.kind === 'replied'
        ? { kind: 'reply' as const, data: outcome.data }
        : { kind: 'reject' as const, reject: outcome.reject };
    respond(scheduler, request.origin, payload, outcome.refund);
  }
}

/** What is owed for the past is paid at the past's rate, before settings or memory change. */
function chargeTarget(scheduler: Scheduler, request: Request): void {
  const target = effectiveCanisterId(request.method, request.arg);
  const canister = target.ok && target.value !== 'any' ? scheduler.world.state.canisters.get(target.value) : undefined;
  if (canister !== undefined) chargeCanister(scheduler, canister);
}

/** New settings or new code may leave too little room. */
function hookIfLow(scheduler: Scheduler, id: Principal): void {
  const canister = scheduler.world.state.canisters.get(id);
  if (canister !== undefined) enqueueLowMemoryHook(scheduler, canister);
}
