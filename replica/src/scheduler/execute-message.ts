// Executes one message of a canister's inbox and turns its outcome into changes of state and new messages.
// One message is one atomic step: either all its effects are applied, or none but the fee for what it used.
import { assert } from '@tamc/base/assert';
import { type Principal, principalToText } from '../codec/principal.ts';
import { transmissionRefund, unexecutedCallbackRefund } from '../cycles/prepay.ts';
import { createReject, type Reject, rejectCodes } from '../errors.ts';
import { type EntryPoint, Trap } from '../execution/execution.ts';
import { type Outcome, trapToReject } from '../execution/outcome.ts';
import type { Canister } from '../state/canister.ts';
import type {
  Callback,
  CallContext,
  FunctionReference,
  Payload,
  Request,
  Response,
  SystemTask,
} from '../state/message.ts';
import { wasmMemoryLimitText } from '../system-api/memory-growth.ts';
import { wasmPageBytes } from '../wasm/contract.ts';
import type { SystemExports } from '../wasm/prepared-module.ts';
import { applyEffects, chargeExecution, refusalOfPrepayment } from './apply-effects.ts';
import { refusalOfStopped, respond, settleCallContext } from './calls.ts';
import { isExpired, markProcessing } from './requests.ts';
import { type Scheduler, trackTasks } from './scheduler.ts';

export function executeNextMessage(scheduler: Scheduler, canister: Canister): void {
  const message = canister.inbox.shift();
  assert(message !== undefined, 'a ready canister has a message');
  scheduler.changed.canisters.add(canister.id);
  if (message.kind === 'request') executeRequest(scheduler, canister, message);
  else if (message.kind === 'response') executeResponse(scheduler, canister, message);
  else executeTask(scheduler, canister, message.task);
}

// --- requests -------------------------------------------------------------------------------------------------------

function executeRequest(scheduler: Scheduler, canister: Canister, request: Request): void {
  const { origin } = request;
  // Nobody waits for a best-effort request that is past its deadline (specification: expired messages).
  if (origin.kind === 'canister' && origin.deadlineNs > 0n && origin.deadlineNs < scheduler.world.state.timeNs) {
    scheduler.world.state.consumedByDeleted += request.cycles;
    return;
  }
  if (origin.kind === 'user') {
    if (isExpired(scheduler, origin.requestId)) {
      respond(scheduler, origin, { kind: 'reject', reject: timedOut }, request.cycles);
      return;
    }
    markProcessing(scheduler, origin.requestId);
  }
  const target = targetOf(scheduler, canister, request.method);
  const refusal =
    refusalOfStopped(canister) ??
    ('refusal' in target ? target.refusal : refusalOfPrepayment(scheduler, canister, 'update')) ??
    refusalOfFullHeap(canister, target);
  if (refusal !== null || 'refusal' in target) {
    respond(scheduler, origin, { kind: 'reject', reject: refusal! }, request.cycles);
    return;
  }
  runRequest(scheduler, canister, request, target);
}

const timedOut = createReject('ingressMessageTimeout', 'Ingress message timed out waiting to start executing.');

/** Timers and callbacks may take the heap above the developer's limit; then no update is taken until it is mended. */
function refusalOfFullHeap(canister: Canister, target: Target | { refusal: Reject }): Reject | null {
  if ('refusal' in target || target.entryPoint !== 'U') return null;
  const { wasmMemoryLimit } = canister.settings;
  const heapBytes = BigInt(canister.code!.heap.sizePages) * BigInt(wasmPageBytes);
  if (wasmMemoryLimit === 0n || heapBytes <= wasmMemoryLimit) return null;
  return trapToReject(canister.id, new Trap('wasmMemoryLimit', wasmMemoryLimitText(wasmMemoryLimit, heapBytes)));
}

interface Target {
  readonly exportName: string;
  readonly entryPoint: EntryPoint;
}

function targetOf(scheduler: Scheduler, canister: Canister, method: string): Target | { refusal: Reject } {
  const id = principalToText(canister.id);
  if (canister.code === null) return { refusal: noModule(id) };
  const kind = scheduler.world.modules.get(canister.code.moduleHash).methods.get(method);
  if (kind === 'update') return { exportName: `canister_update ${method}`, entryPoint: 'U' };
  if (kind === 'query') return { exportName: `canister_query ${method}`, entryPoint: 'RQ' };
  if (kind === 'composite_query') {
    return {
      refusal: createReject(
        'compositeQueryCalledInReplicatedMode',
        'Composite query cannot be called in replicated mode',
      ),
    };
  }
  return {
    refusal: createReject(
      'canisterMethodNotFound',
      `Error from Canister ${id}: Canister has no update method '${method}'.`,
    ),
  };
}

export function noModule(id: string): Reject {
  const text = `Error from Canister ${id}: Attempted to execute a message, but the canister contains no Wasm module.`;
  return createReject('canisterWasmModuleNotFound', text);
}

function runRequest(scheduler: Scheduler, canister: Canister, request: Request, target: Target): void {
  const context = openCallContext(canister, request.origin, request.caller, request.cycles, request.senderInfo);
  const outcome = scheduler.engine.execute({
    canister,
    entryPoint: target.entryPoint,
    target: { kind: 'export', name: target.exportName },
    limit: target.entryPoint === 'U' ? scheduler.world.limits.update : scheduler.world.limits.query,
    caller: request.caller,
    senderInfo: request.senderInfo,
    arg: request.arg,
    // Query methods see none, whoever calls them (`ic0.msg_deadline`).
    deadlineNs: target.entryPoint === 'U' && request.origin.kind === 'canister' ? request.origin.deadlineNs : 0n,
    cyclesAvailable: request.cycles,
    // A query method called as an update keeps no state change.
    keep: target.entryPoint === 'U',
  });
  finish(scheduler, canister, context, outcome);
}

export function openCallContext(
  canister: Canister,
  origin: Request['origin'],
  caller: Principal,
  cycles: bigint,
  senderInfo: Request['senderInfo'],
): CallContext {
  const context: CallContext = {
    id: canister.nextCallContextId++,
    origin,
    caller,
    senderInfo,
    needsToRespond: origin.kind !== 'system',
    availableCycles: cycles,
    deleted: false,
    openCallbacks: 0,
    instructions: 0n,
  };
  canister.callContexts.set(context.id, context);
  return context;
}

function finish(scheduler: Scheduler, canister: Canister, context: CallContext, outcome: Outcome): void {
  chargeExecution(scheduler, canister, context, outcome);
  conclude(scheduler, canister, context, outcome);
}

/** Applies what an execution in `context` did, answers if it answered or trapped before anybody else could, and settles. */
function conclude(scheduler: Scheduler, canister: Canister, context: CallContext, outcome: Outcome): void {
  if (outcome.trap === null) applyEffects(scheduler, canister, context, outcome);
  else if (context.openCallbacks === 0)
    answer(scheduler, context, { kind: 'reject', reject: trapToReject(canister.id, outcome.trap) });
  settleCallContext(scheduler, canister, context);
}

export function answer(scheduler: Scheduler, context: CallContext, payload: Payload): void {
  if (!context.needsToRespond) return;
  context.needsToRespond = false;
  const refund = context.availableCycles;
  context.availableCycles = 0n;
  respond(scheduler, context.origin, payload, refund);
}

// --- responses ------------------------------------------------------------------------------------------------------

function executeResponse(scheduler: Scheduler, canister: Canister, response: Response): void {
  const callback = canister.callbacks.get(response.callbackId);
  assert(callback !== undefined, 'a response in the inbox has its callback');
  canister.callbacks.delete(callback.id);
  const context = canister.callContexts.get(callback.callContextId);
  assert(context !== undefined, 'a callback keeps its call context');
  context.openCallbacks--;
  const unused = unusedTransmission(scheduler, callback, response.payload);
  canister.cycles += response.refund + unused;
  canister.burnedCycles.requestAndResponse += callback.prepaidTransmission - unused;
  if (context.deleted || canister.code === null) {
    dropCallback(scheduler, canister, callback);
    if (context.openCallbacks === 0) canister.callContexts.delete(context.id);
    return;
  }
  runCallback(scheduler, canister, context, callback, response);
}

/** The code that waited for the answer is gone: only the cycles come back. */
function dropCallback(scheduler: Scheduler, canister: Canister, { prepaidExecution }: Callback): void {
  // The width does not matter where nothing is executed.
  const refund = unexecutedCallbackRefund(scheduler.world.subnet, 32, prepaidExecution);
  canister.cycles += refund;
  canister.burnedCycles.instructions += prepaidExecution - refund;
}

function unusedTransmission(scheduler: Scheduler, callback: Callback, payload: Payload): bigint {
  const bytes = payload.kind === 'reply' ? payload.data.length : payload.reject.message.length;
  return transmissionRefund(scheduler.world.subnet, BigInt(bytes), callback.prepaidTransmission);
}

function runCallback(
  scheduler: Scheduler,
  canister: Canister,
  context: CallContext,
  callback: Callback,
  response: Response,
): void {
  const reply = response.payload.kind === 'reply';
  canister.cycles += callback.prepaidExecution;
  const limit = scheduler.world.limits.update;
  const common = {
    canister,
    // Whatever the callback uses up, its cleanup must still have a chance (as on the main network).
    limit: callback.onCleanup === null ? limit : limit - limit / 20n,
    caller: context.caller,
    senderInfo: context.senderInfo,
    arg: reply ? (response.payload as { data: Uint8Array }).data : new Uint8Array(0),
    answer: response.payload,
    cyclesRefunded: response.refund,
    deadlineNs: context.origin.kind === 'canister' ? context.origin.deadlineNs : 0n,
    cyclesAvailable: context.availableCycles,
    callContextInstructions: context.instructions,
    alreadyAnswered: !context.needsToRespond,
    keep: true,
  };
  const outcome = scheduler.engine.execute({
    ...common,
    entryPoint: reply ? 'Ry' : 'Rt',
    target: { kind: 'function', reference: reply ? callback.onReply : callback.onReject },
  });
  chargeExecution(scheduler, canister, context, outcome);
  if (outcome.trap !== null && callback.onCleanup !== null)
    runCleanup(scheduler, canister, context, callback.onCleanup, { ...common, limit: limit - outcome.instructions });
  conclude(scheduler, canister, context, outcome);
}

type CallbackExecution = Omit<Parameters<Scheduler['engine']['execute']>[0], 'entryPoint' | 'target'>;

/** Runs if and only if the callback trapped; whatever it does cannot change the answer, only the canister's own state. */
function runCleanup(
  scheduler: Scheduler,
  canister: Canister,
  context: CallContext,
  reference: FunctionReference,
  common: CallbackExecution,
): void {
  const outcome = scheduler.engine.execute({
    ...common,
    entryPoint: 'C',
    target: { kind: 'function', reference },
    callContextInstructions: context.instructions,
    cyclesAvailable: 0n,
    alreadyAnswered: true,
  });
  chargeExecution(scheduler, canister, context, outcome, 'continued');
  if (outcome.trap === null) applyEffects(scheduler, canister, context, outcome);
}

// --- system tasks ---------------------------------------------------------------------------------------------------

const taskExports = {
  heartbeat: ['heartbeat', 'canister_heartbeat'],
  globalTimer: ['globalTimer', 'canister_global_timer'],
  lowMemory: ['onLowWasmMemory', 'canister_on_low_wasm_memory'],
} as const satisfies Record<SystemTask, readonly [keyof SystemExports, string]>;

function executeTask(scheduler: Scheduler, canister: Canister, task: SystemTask): void {
  if (!isDue(scheduler, canister, task)) return;
  if (task === 'globalTimer') clearTimer(scheduler, canister);
  if (task === 'lowMemory') canister.lowMemoryHook = 'executed';
  const context = openCallContext(canister, { kind: 'system' }, '' as Principal, 0n, null);
  const outcome = scheduler.engine.execute({
    canister,
    entryPoint: 'T',
    target: { kind: 'export', name: taskExports[task][1] },
    limit: scheduler.world.limits.update,
    caller: '' as Principal,
    keep: true,
  });
  finish(scheduler, canister, context, outcome);
}

/** It fires once, whatever becomes of the execution. */
function clearTimer(scheduler: Scheduler, canister: Canister): void {
  canister.globalTimerNs = 0n;
  trackTasks(scheduler, canister);
}

/**
 * Asked when its turn comes: since it was lined up the canister may have been stopped, changed or drained of cycles.
 * A timer or hook that cannot run now stays set.
 */
export function isDue(scheduler: Scheduler, canister: Canister, task: SystemTask): boolean {
  const { code, status, globalTimerNs, lowMemoryHook } = canister;
  if (code === null || status.kind !== 'running') return false;
  if (!scheduler.world.modules.get(code.moduleHash).exports[taskExports[task][0]]) return false;
  if (task === 'globalTimer' && (globalTimerNs === 0n || globalTimerNs > scheduler.world.state.timeNs)) return false;
  if (task === 'lowMemory' && lowMemoryHook !== 'ready') return false;
  return refusalOfPrepayment(scheduler, canister, 'update') === null;
}

/** What a best-effort caller is told when nobody answered in time. */
export const deadlineExpired: Reject = {
  code: rejectCodes.sysUnknown,
  message: 'Call has timed out.',
  error: 'deadlineExpired',
};
