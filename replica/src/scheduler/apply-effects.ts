// Turns what a successful execution did into changes of the canister and messages on their way.
import { assert } from '@tamc/base/assert';
import { textToBytes } from '@tamc/base/bytes';
import { principalToText } from '../codec/principal.ts';
import { outOfCyclesText, subtractCycles, withdrawCycles } from '../cycles/balance.ts';
import { executionFee, instructionsFee, requestFee } from '../cycles/fees.ts';
import { createReject, type Reject, rejectInOwnWords } from '../errors.ts';
import { freezingThresholdOf } from '../execution/accounting.ts';
import type { Outcome } from '../execution/outcome.ts';
import { appendLogs } from '../management/log-store.ts';
import type { Canister } from '../state/canister.ts';
import type { Callback, CallContext, OutgoingCall } from '../state/message.ts';
import type { World } from '../state/world.ts';
import { deliverRequest, respond } from './calls.ts';
import { type Scheduler, trackTasks } from './scheduler.ts';

type KeptLogs = Pick<Outcome['effects'], 'logs' | 'logsDropped'>;

export function applyEffects(scheduler: Scheduler, canister: Canister, context: CallContext, outcome: Outcome): void {
  const { effects } = outcome;
  canister.cycles += effects.cycles - outcome.cyclesAtStart;
  canister.reservedCycles += effects.reservedCycles - outcome.reservedAtStart;
  canister.burnedCycles.burned += effects.cyclesBurned;
  context.availableCycles -= effects.cyclesAccepted;
  assert(context.availableCycles >= 0n, 'no more cycles are accepted than came with the call');
  if (effects.certifiedData !== null) canister.certifiedData = effects.certifiedData;
  canister.globalTimerNs = effects.globalTimerNs;
  trackTasks(scheduler, canister);
  // The calls carry the version that the execution saw.
  for (const call of effects.calls) send(scheduler, canister, context, call);
  canister.version++;
  if (effects.response !== null) answerWith(scheduler, context, effects.response);
}

function answerWith(
  scheduler: Scheduler,
  context: CallContext,
  response: NonNullable<Outcome['effects']['response']>,
): void {
  assert(context.needsToRespond, 'the System API lets a call be answered once');
  context.needsToRespond = false;
  const refund = context.availableCycles;
  context.availableCycles = 0n;
  if (response.kind === 'reply') respond(scheduler, context.origin, response, refund);
  else respond(scheduler, context.origin, { kind: 'reject', reject: rejectInOwnWords(response.message) }, refund);
}

function send(scheduler: Scheduler, canister: Canister, context: CallContext, call: OutgoingCall): void {
  const { timeNs } = scheduler.world.state;
  const deadlineNs = call.timeoutSeconds === null ? 0n : timeNs + BigInt(call.timeoutSeconds) * 1_000_000_000n;
  const callback: Callback = {
    id: canister.nextCallbackId++,
    callContextId: context.id,
    callee: call.callee,
    onReply: call.onReply,
    onReject: call.onReject,
    onCleanup: call.onCleanup,
    cyclesSent: call.cycles,
    prepaidExecution: call.prepaidExecution,
    prepaidTransmission: call.prepaidTransmission,
    deadlineNs,
    answered: false,
  };
  canister.callbacks.set(callback.id, callback);
  context.openCallbacks++;
  const fee = requestFee(scheduler.world.subnet, BigInt(textToBytes(call.method).length + call.arg.length));
  canister.burnedCycles.requestAndResponse += fee;
  if (deadlineNs > 0n) scheduler.deadlines.set(callback, canister.id);
  deliverRequest(scheduler, {
    kind: 'request',
    origin: { kind: 'canister', canisterId: canister.id, callbackId: callback.id, deadlineNs },
    caller: canister.id,
    callee: call.callee,
    method: call.method,
    arg: call.arg,
    cycles: call.cycles,
    senderInfo: null,
    senderVersion: canister.version,
  });
}

/**
 * What was set aside for the execution comes back; what it used is charged. Logs are kept whatever happened.
 * A cleanup continues the callback that trapped: it starts nothing that would have to be paid once more.
 */
export function chargeExecution(
  scheduler: Scheduler,
  canister: Canister,
  context: CallContext,
  outcome: Outcome,
  kind: 'started' | 'continued' = 'started',
): void {
  const { world } = scheduler;
  const price = kind === 'started' ? executionFee : instructionsFee;
  const fee = price(world.subnet, outcome.width, outcome.instructions);
  context.instructions += outcome.instructions;
  world.state.updateTransactions++;
  canister.cycles = subtractCycles(canister.cycles, fee);
  canister.burnedCycles.instructions += fee;
  scheduler.instructions += outcome.instructions;
  keepLogs(canister, outcome.effects, world.state.timeNs);
}

export function keepLogs(canister: Canister, logs: KeptLogs, timestampNs: bigint): void {
  canister.nextLogIndex += BigInt(logs.logsDropped);
  appendLogs(canister, logs.logs, timestampNs);
}

/** An execution starts only when the canister could pay for all the instructions it may use, without freezing. */
export function refusalOfPrepayment(scheduler: Scheduler, canister: Canister, kind: 'update' | 'query'): Reject | null {
  const { world } = scheduler;
  const { width } = world.modules.get(canister.code!.moduleHash);
  return refusalToPay(world, canister, executionFee(world.subnet, width, world.limits[kind]));
}

/** The canister is frozen, or would be after paying `requested`. */
export function refusalToPay(world: World, canister: Canister, requested: bigint): Reject | null {
  const paid = withdrawCycles(canister.cycles, requested, freezingThresholdOf(world, canister));
  if (paid.ok) return null;
  return createReject('canisterOutOfCycles', outOfCyclesText(principalToText(canister.id), paid.error, true));
}
