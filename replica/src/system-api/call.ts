// Calls to other canisters: built step by step between call_new and call_perform. The cycles attached leave the balance
// at once and come back unless the call is performed; the call itself leaves only if the execution returns.
import { textToBytes } from '@tamc/base/bytes';
import { principalToText } from '../codec/principal.ts';
import { addCycles, outOfCyclesText, withdrawCycles } from '../cycles/balance.ts';
import { type Effects, type Execution, type PendingCall, Trap } from '../execution/execution.ts';
import type { FunctionReference } from '../state/message.ts';
import { thresholdAt, usedBytes } from './account.ts';
import { appendBytes } from './append.ts';
import { chargeBytes, copyIn, joinCycles } from './heap.ts';
import { callBytesMax, callTimeoutSecondsMax, instructionsPerSentByte, methodNameBytesMax } from './limits.ts';
import { readPrincipal } from './self.ts';

const lossyDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function callNew(
  execution: Execution,
  calleeSrc: number,
  calleeSize: number,
  nameSrc: number,
  nameSize: number,
  replyFunction: number,
  replyEnvironment: number | bigint,
  rejectFunction: number,
  rejectEnvironment: number | bigint,
): void {
  chargeBytes(execution, calleeSize + nameSize);
  dropPendingCall(execution.effects);
  if (nameSize > methodNameBytesMax) {
    const text = `Size of method_name ${nameSize} exceeds the allowed limit of ${methodNameBytesMax}`;
    throw new Trap('contractViolation', text);
  }
  const method = lossyDecoder.decode(copyIn(execution, 'ic0.call_new method_name', nameSrc, nameSize));
  const callee = readPrincipal(execution, 'ic0.call_new callee_src', calleeSrc, calleeSize);
  execution.effects.pendingCall = {
    callee,
    method,
    // Counted as it will be sent: what was not UTF-8 has become replacement characters.
    methodBytes: textToBytes(method).length,
    onReply: functionReference(replyFunction, replyEnvironment),
    onReject: functionReference(rejectFunction, rejectEnvironment),
    onCleanup: null,
    argParts: [],
    argBytes: 0,
    cycles: 0n,
    timeoutSeconds: null,
  };
}

/** No table is larger than 2^32; whoever names a larger index has named none that exists. */
function functionReference(tableIndex: number, environment: number | bigint): FunctionReference {
  return { tableIndex: Math.min(tableIndex, 0xffff_ffff), environment };
}

/** Gives back what an unfinished call had taken. Also to be called when an execution ends. */
export function dropPendingCall(effects: Effects): void {
  if (effects.pendingCall === null) return;
  effects.cycles = addCycles(effects.cycles, effects.pendingCall.cycles);
  effects.pendingCall = null;
}

export function pendingCall({ effects }: Execution, name: string): PendingCall {
  if (effects.pendingCall !== null) return effects.pendingCall;
  throw new Trap('contractViolation', `${name} called when no call is under construction`);
}

export function callOnCleanup(execution: Execution, cleanupFunction: number, environment: number | bigint): void {
  const call = pendingCall(execution, 'ic0.call_on_cleanup');
  if (call.onCleanup !== null) {
    const rule = 'at most once between `ic0.call_new` and `ic0.call_perform`';
    throw new Trap('contractViolation', `ic0.call_on_cleanup can be called ${rule}`);
  }
  call.onCleanup = functionReference(cleanupFunction, environment);
}

export function callDataAppend(execution: Execution, src: number, size: number): void {
  chargeBytes(execution, size, instructionsPerSentByte);
  const call = pendingCall(execution, 'ic0.call_data_append');
  const bytes = call.methodBytes + call.argBytes + size;
  if (bytes > callBytesMax) {
    const request = `Request to ${principalToText(call.callee)}:${call.method} has a payload size of ${bytes}`;
    throw new Trap('contractViolation', `${request}, which exceeds the allowed limit of ${callBytesMax}`);
  }
  appendBytes(call.argParts, call.argBytes, copyIn(execution, 'ic0.call_data_append', src, size));
  call.argBytes += size;
}

export function callWithBestEffortResponse(execution: Execution, timeoutSeconds: number): void {
  const call = pendingCall(execution, 'ic0.call_with_best_effort_response');
  if (call.timeoutSeconds !== null) {
    const text = 'ic0_call_with_best_effort_response failed because a timeout is already set';
    throw new Trap('contractViolation', text);
  }
  call.timeoutSeconds = Math.min(timeoutSeconds, callTimeoutSecondsMax);
}

function attachCycles(execution: Execution, name: string, amount: bigint): void {
  const { effects, environment } = execution;
  const call = pendingCall(execution, name);
  // No more than is liquid may be attached; nothing is never more, even when the canister is frozen.
  if (amount === 0n) return;
  const left = withdrawCycles(effects.cycles, amount, thresholdAt(execution, usedBytes(execution)));
  if (!left.ok) {
    throw new Trap('misuse', outOfCyclesText(principalToText(environment.canisterId), left.error, false));
  }
  effects.cycles = left.value;
  call.cycles += amount;
}

export function callCyclesAdd(execution: Execution, amount: bigint): void {
  attachCycles(execution, 'ic0_call_cycles_add', amount);
}

export function callCyclesAdd128(execution: Execution, high: bigint, low: bigint): void {
  attachCycles(execution, 'ic0_call_cycles_add128', joinCycles(high, low));
}
