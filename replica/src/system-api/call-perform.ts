// call_perform: pays for a call, sets aside what its answer may cost, and lines it up; or gives everything back.
import { withdrawCycles } from '../cycles/balance.ts';
import { type CallCost, callCost, callCostTotal } from '../cycles/prepay.ts';
import type { Execution, PendingCall } from '../execution/execution.ts';
import { thresholdAt, usedBytes } from './account.ts';
import { joinAppended } from './append.ts';
import { dropPendingCall, pendingCall } from './call.ts';
import { callsPerCalleeMax, callsPerExecutionMax } from './limits.ts';

const performed = 0;
/** The queue is full, or the canister would freeze. No callback will run. */
const notPerformed = 2;

export function callPerform(execution: Execution): number {
  const { effects, environment } = execution;
  const call = pendingCall(execution, 'ic0.call_perform');
  const bytes = BigInt(call.methodBytes + call.argBytes);
  const cost = callCost(environment.subnet, execution.width, environment.callbackInstructionLimit, bytes);
  // Composite queries are free, and what they call are queries.
  const price = environment.isReplicated ? callCostTotal(cost) : 0n;
  const left = withdrawCycles(effects.cycles, price, thresholdAt(execution, usedBytes(execution)));
  if (!left.ok || !hasRoom(execution, call)) {
    dropPendingCall(effects);
    return notPerformed;
  }
  effects.cycles = left.value;
  effects.pendingCall = null;
  lineUp(execution, call, cost);
  return performed;
}

function hasRoom({ effects, environment }: Execution, { callee }: PendingCall): boolean {
  const waiting = environment.openCallsTo(callee) + (effects.callsPerCallee.get(callee) ?? 0);
  return waiting < callsPerCalleeMax && effects.calls.length < callsPerExecutionMax;
}

function lineUp({ effects }: Execution, call: PendingCall, cost: CallCost): void {
  effects.callsPerCallee.set(call.callee, (effects.callsPerCallee.get(call.callee) ?? 0) + 1);
  effects.calls.push({
    callee: call.callee,
    method: call.method,
    arg: joinAppended(call.argParts, call.argBytes),
    cycles: call.cycles,
    onReply: call.onReply,
    onReject: call.onReject,
    onCleanup: call.onCleanup,
    prepaidExecution: cost.prepaidExecution,
    prepaidTransmission: cost.prepaidTransmission,
    timeoutSeconds: call.timeoutSeconds,
  });
}
