// Queries: run on the newest state, change nothing. A composite query may call further queries; each canister of the
// call graph keeps what its own executions did to memory until the whole graph is answered, then everything is dropped.
import { noBytes } from '@tamc/base/bytes';
import { type Principal, principalToText } from '../codec/principal.ts';
import { smallerOf, withdrawCycles } from '../cycles/balance.ts';
import { createReject, type Reject, rejectInOwnWords } from '../errors.ts';
import { freezingThresholdOf } from '../execution/accounting.ts';
import { type Outcome, trapToReject } from '../execution/outcome.ts';
import { noCertificate } from '../execution/prepare-execution.ts';
import type { ExecuteRequest } from '../execution/request.ts';
import type { QueryAnswer, QueryCall } from '../http/core.ts';
import { queryManagement } from '../management/query.ts';
import type { Canister } from '../state/canister.ts';
import type { OutgoingCall, Payload } from '../state/message.ts';
import { forCanister, noDestination, refusalOfStopped } from './calls.ts';
import { noModule } from './execute-message.ts';
import type { Scheduler } from './scheduler.ts';
import { createScratch, dropScratch } from './scratch.ts';

/** DFINITY's limit on how deep composite queries call each other. */
const depthMax = 6;
/** Each call of the graph costs at least this, however little it executes. */
const callInstructions = 50_000_000n;

/** `nowNs`: rounds are made when something happens only, so the time of the last one may be long past. */
export function runQuery(
  scheduler: Scheduler,
  call: QueryCall,
  nowNs: bigint,
  certificate: () => Uint8Array | null,
): QueryAnswer {
  const graph: Graph = {
    scheduler,
    timeNs: nowNs,
    path: [],
    left: scheduler.world.limits.queryGraph,
    isComposite: false,
    isTooDeep: false,
    certificate,
  };
  const { sender, senderInfo, canisterId, method, arg } = call;
  const payload = queryCanister(graph, { sender, senderInfo, callee: canisterId, method, arg });
  return payload.kind === 'reply'
    ? { kind: 'replied', arg: payload.data }
    : { kind: 'rejected', reject: payload.reject };
}

interface Graph {
  readonly scheduler: Scheduler;
  readonly timeNs: bigint;
  /** Canisters that wait for the one that executes, outermost first. */
  readonly path: Principal[];
  left: bigint;
  isComposite: boolean;
  /** Then no canister of the graph hears any more of it: the whole query is rejected. */
  isTooDeep: boolean;
  readonly certificate: () => Uint8Array | null;
}

interface Question {
  readonly sender: Principal;
  readonly senderInfo: QueryCall['senderInfo'];
  readonly callee: Principal;
  readonly method: string;
  readonly arg: Uint8Array;
}

function rejected(reject: Reject): Payload {
  return { kind: 'reject', reject };
}

function queryCanister(graph: Graph, question: Question): Payload {
  const { scheduler, path } = graph;
  if (question.callee === '')
    return queryManagement(scheduler.world, { caller: question.sender, method: question.method, arg: question.arg });
  const canister = scheduler.world.state.canisters.get(question.callee);
  if (canister === undefined) return rejected(noDestination(question.callee));
  const refusal = refusalOfQuery(scheduler, canister) ?? refusalOfGraph(graph);
  if (refusal !== null) return rejected(refusal);
  const kind = scheduler.world.modules.get(canister.code!.moduleHash).methods.get(question.method);
  if (kind !== 'query' && kind !== 'composite_query') return rejected(noQueryMethod(canister, question.method));
  path.push(canister.id);
  try {
    return kind === 'query' ? runPlain(graph, canister, question) : runComposite(graph, canister, question);
  } finally {
    path.pop();
  }
}

function refusalOfQuery(scheduler: Scheduler, canister: Canister): Reject | null {
  if (canister.code === null) return noModule(principalToText(canister.id));
  const stopped = refusalOfStopped(canister);
  if (stopped !== null) return stopped;
  if (withdrawCycles(canister.cycles, 0n, freezingThresholdOf(scheduler.world, canister)).ok) return null;
  return createReject(
    'canisterOutOfCycles',
    `Canister ${principalToText(canister.id)} is unable to process query calls because it's frozen. Please top up the canister with cycles and try again.`,
  );
}

function refusalOfGraph(graph: Graph): Reject | null {
  graph.isTooDeep ||= graph.path.length > depthMax;
  if (graph.isTooDeep) return tooDeep;
  return graph.left > 0n ? null : graphExhausted;
}

const tooDeep = createReject(
  'queryCallGraphTooDeep',
  `Composite query calls exceeded the maximum call depth of ${depthMax}.`,
);

const graphExhausted = createReject(
  'queryCallGraphTotalInstructionLimitExceeded',
  'Composite query calls exceeded the instruction limit.',
);

function noQueryMethod(canister: Canister, method: string): Reject {
  const text = `Error from Canister ${principalToText(canister.id)}: Canister has no query method '${method}'.`;
  return createReject('canisterMethodNotFound', text);
}

function didNotReply(canister: Canister): Payload {
  const text = `Error from Canister ${principalToText(canister.id)}: Canister did not reply to the call`;
  return rejected(createReject('canisterDidNotReply', text));
}

function runPlain(graph: Graph, canister: Canister, question: Question): Payload {
  const outcome = execute(graph, entry(graph, canister, question, 'NRQ'));
  graph.left -= callInstructions;
  return trapOf(graph, canister, outcome) ?? responseOf(outcome) ?? didNotReply(canister);
}

function execute(graph: Graph, request: ExecuteRequest): Outcome {
  const outcome = graph.scheduler.engine.execute(request);
  graph.left -= outcome.instructions;
  return outcome;
}

/** Within what is left for the whole graph. */
function limitNow({ scheduler, left }: Graph): bigint {
  return smallerOf(left > 0n ? left : 0n, scheduler.world.limits.query);
}

function trapOf(graph: Graph, canister: Canister, { trap }: Outcome): Payload | null {
  if (trap === null) return null;
  const isGraphsLimit = trap.kind === 'instructionLimit' && graph.left <= 0n && graph.isComposite;
  return rejected(isGraphsLimit ? graphExhausted : trapToReject(canister.id, trap));
}

/** Written out, because every query pays for it: objects put together from others take a microsecond each. */
function entry(graph: Graph, canister: Canister, question: Question, entryPoint: 'NRQ' | 'CQ'): ExecuteRequest {
  const isComposite = entryPoint === 'CQ';
  return {
    canister,
    entryPoint,
    keep: isComposite,
    limit: limitNow(graph),
    timeNs: graph.timeNs,
    target: { kind: 'export', name: `canister_${isComposite ? 'composite_query' : 'query'} ${question.method}` },
    caller: question.sender,
    senderInfo: question.senderInfo,
    arg: question.arg,
    // Only the canister that was asked from outside sees its certificate.
    dataCertificate: graph.path.length === 1 ? graph.certificate : noCertificate,
  };
}

function responseOf(outcome: Outcome): Payload | null {
  const { response } = outcome.effects;
  if (response === null) return null;
  if (response.kind === 'reply') return response;
  return rejected(rejectInOwnWords(response.message));
}

function runComposite(graph: Graph, canister: Canister, question: Question): Payload {
  graph.isComposite = true;
  const scratch = createScratch(graph.scheduler, canister);
  try {
    return runCallGraph(graph, scratch, question);
  } finally {
    dropScratch(graph.scheduler, scratch, canister);
  }
}

/** The calls of one canister, one after the other, until it answers or traps. */
function runCallGraph(graph: Graph, scratch: Canister, question: Question): Payload {
  const first = execute(graph, entry(graph, scratch, question, 'CQ'));
  graph.left -= callInstructions;
  let used = first.instructions;
  let answer = trapOf(graph, scratch, first) ?? responseOf(first);
  const waiting = [...first.effects.calls];
  for (let call = waiting.shift(); call !== undefined && answer === null; call = waiting.shift()) {
    const { callee, method, arg } = call;
    const payload = forCanister(queryCanister(graph, { sender: scratch.id, senderInfo: null, callee, method, arg }));
    if (graph.isTooDeep) return rejected(tooDeep);
    const outcome = runCallback(graph, scratch, question, call, payload, used);
    used += outcome.instructions;
    answer = trapOf(graph, scratch, outcome) ?? responseOf(outcome);
    waiting.push(...outcome.effects.calls);
  }
  return answer ?? didNotReply(scratch);
}

function runCallback(
  graph: Graph,
  scratch: Canister,
  question: Question,
  call: OutgoingCall,
  payload: Payload,
  used: bigint,
): Outcome {
  const reply = payload.kind === 'reply';
  const common = {
    canister: scratch,
    caller: question.sender,
    senderInfo: question.senderInfo,
    answer: payload,
    timeNs: graph.timeNs,
    keep: true,
  };
  const outcome = execute(graph, {
    ...common,
    limit: limitNow(graph),
    entryPoint: reply ? 'CRy' : 'CRt',
    target: { kind: 'function', reference: reply ? call.onReply : call.onReject },
    arg: reply ? payload.data : noBytes,
    callContextInstructions: used,
  });
  if (outcome.trap !== null && call.onCleanup !== null) {
    const target = { kind: 'function', reference: call.onCleanup } as const;
    graph.scheduler.engine.execute({ ...common, limit: callInstructions, entryPoint: 'CC', target });
  }
  return outcome;
}
