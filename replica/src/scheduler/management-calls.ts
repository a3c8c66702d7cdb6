// Calls to the management canister, executed in the round in which they arrive.
import { callManagement } from '../management/call.ts';
import { respond } from './calls.ts';
import { markProcessing } from './requests.ts';
import { type Scheduler, touch } from './scheduler.ts';

export function executeManagementCalls(scheduler: Scheduler): void {
  scheduler.engine.settle();
  for (
    let request = scheduler.managementInbox.shift();
    request !== undefined;
    request = scheduler.managementInbox.shift()
  ) {
    if (request.origin.kind === 'user') markProcessing(scheduler, request.origin.requestId);
    const outcome = callManagement(scheduler.world, request);
    for (const id of outcome.touched) touch(scheduler, id);
    if (outcome.kind === 'pending') continue;
    const payload =
      outcome.kind === 'replied'
        ? { kind: 'reply' as const, data: outcome.data }
        : { kind: 'reject' as const, reject: outcome.reject };
    respond(scheduler, request.origin, payload, outcome.refund);
  }
}
