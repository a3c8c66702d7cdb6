// Executes a call to the management canister in replicated mode: from a canister, or from a user through ingress.
// A rejected call has changed nothing (but for the fee of code that ran and trapped while it was installed).
import type { Principal } from '../codec/principal.ts';
import type { Reject } from '../errors.ts';
import type { Request } from '../state/message.ts';
import type { World } from '../state/world.ts';
import type { Answer, Invocation, Method } from './method.ts';
import { methods } from './methods.ts';
import { refusalOfNotOffered } from './not-offered.ts';
import { noSuchMethod, onlyAsQuery, onlyForCanisters, undecodable, wrongSenderVersion } from './refusals.ts';

export type ManagementOutcome = {
  /** Canisters that may have changed, come or gone. */
  readonly touched: readonly Principal[];
} & (
  | { readonly kind: 'replied'; readonly data: Uint8Array; readonly refund: bigint }
  | { readonly kind: 'rejected'; readonly reject: Reject; readonly refund: bigint }
  /** A stop_canister call that waits; `settleStops` answers it through `World.respond`. */
  | { readonly kind: 'pending' }
);

export function callManagement(world: World, request: Request): ManagementOutcome {
  const method = methods.get(request.method);
  const refusal = method === undefined ? refusalOfUnknown(request.method) : refusalOfWay(method, request);
  if (method === undefined || refusal !== null) return rejected(request, refusal ?? noSuchMethod(request.method), []);
  const invocation = method.decode(request.arg);
  if (!invocation.ok) return rejected(request, undecodable(invocation.error), []);
  const denied = refusalOfCaller(world, request, invocation.value);
  if (denied !== null) return rejected(request, denied, []);
  return toOutcome(request, invocation.value.target, invocation.value.run(world, request));
}

function refusalOfUnknown(method: string): Reject {
  return refusalOfNotOffered(method) ?? noSuchMethod(method);
}

function refusalOfWay(method: Method, { origin }: Request): Reject | null {
  if (!method.ingress && !method.canisters) return onlyAsQuery(method.name);
  return origin.kind === 'user' && !method.ingress ? onlyForCanisters(method.name) : null;
}

function refusalOfCaller(world: World, request: Request, invocation: Invocation): Reject | null {
  const { senderVersion: given } = invocation;
  // Users have no canister version; theirs is passed over, as DFINITY's replica does.
  const actual = request.senderVersion;
  if (given !== null && actual !== null && given !== actual) return wrongSenderVersion(given, actual);
  return invocation.refusal(world, request.caller, request.origin.kind === 'user');
}

function rejected(request: Request, reject: Reject, touched: readonly Principal[]): ManagementOutcome {
  return { kind: 'rejected', reject, refund: request.cycles, touched };
}

function toOutcome(request: Request, target: Principal | null, answer: Answer<Uint8Array>): ManagementOutcome {
  const touched = target === null ? [] : [target];
  if (answer.kind === 'reject') return rejected(request, answer.reject, touched);
  if (answer.kind === 'pending') return { kind: 'pending', touched };
  if (answer.created !== null) touched.push(answer.created);
  return { kind: 'replied', data: answer.value, refund: request.cycles - answer.accepted, touched };
}
