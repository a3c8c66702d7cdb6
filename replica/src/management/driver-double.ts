// The verbs of the management canister's tests: call as somebody, expect a reply or a refusal, set a canister up.
import { Principal as AgentPrincipal } from '@dfinity/principal';
import { expect } from 'vitest';
import { type Principal, principalToText } from '../codec/principal.ts';
import type { ErrorName, Reject } from '../errors.ts';
import type { Canister } from '../state/canister.ts';
import type { Request } from '../state/message.ts';
import { callManagement, type ManagementOutcome } from './call.ts';
import { decodeResult, encodeArgument, type IcMethod } from './oracle.ts';
import { queryManagement } from './query.ts';
import { alice, fromCanister, fromUser, type WorldDouble } from './world-double.ts';

/** As the oracle's Candid library wants it. */
export function toAgent(principal: Principal): AgentPrincipal {
  return AgentPrincipal.fromText(principalToText(principal));
}

export function call(world: WorldDouble, caller: Principal, method: IcMethod, argument: unknown): ManagementOutcome {
  return callManagement(world, fromUser(caller, method, encodeArgument(method, argument)));
}

export function callFromCanister(
  world: WorldDouble,
  caller: Principal,
  method: IcMethod,
  argument: unknown,
  more: { readonly cycles?: bigint; readonly senderVersion?: bigint } = {},
): ManagementOutcome {
  return callManagement(world, fromCanister(caller, method, encodeArgument(method, argument), more));
}

export function replyOf(method: IcMethod, outcome: ManagementOutcome): unknown {
  expect(outcome).toMatchObject({ kind: 'replied' });
  return outcome.kind === 'replied' ? decodeResult(method, outcome.data) : undefined;
}

/** Makes the call and expects that it is rejected like this, gives back all cycles and changes nothing. */
export function expectRefusal(
  world: WorldDouble,
  request: Request,
  error: ErrorName,
  text: RegExp | string = '',
): Reject {
  const before = snapshot(world);
  const outcome = callManagement(world, request);
  expect(outcome).toMatchObject({ kind: 'rejected', reject: { error }, refund: request.cycles });
  expect(snapshot(world)).toEqual(before);
  const reject = outcome.kind === 'rejected' ? outcome.reject : assertNever();
  expect(reject.message).toMatch(text);
  return reject;
}

export function expectRefusalTo(
  world: WorldDouble,
  caller: Principal,
  method: IcMethod,
  argument: unknown,
  error: ErrorName,
  text: RegExp | string = '',
): Reject {
  return expectRefusal(world, fromUser(caller, method, encodeArgument(method, argument)), error, text);
}

function assertNever(): never {
  throw new TypeError('the outcome is a reject');
}

/** The whole state, copied deep, without the memory pool (which counts what it never gives back). */
export function snapshot(world: WorldDouble): unknown {
  const { seed, ...state } = world.state;
  const plain = structuredClone({
    ...state,
    canisters: [...state.canisters].map(([id, canister]) => [id, withoutPool(canister)]),
  });
  return { state: plain, answered: structuredClone(world.answered) };
}

function withoutPool(canister: Canister): unknown {
  const { code, stable, ...rest } = canister;
  return {
    ...rest,
    code: code === null ? null : { ...code, heap: { ...code.heap, pages: null } },
    stablePages: stable.sizePages,
  };
}

export function queryReply(world: WorldDouble, caller: Principal, method: IcMethod, argument: unknown): unknown {
  const answer = queryManagement(world, { caller, method, arg: encodeArgument(method, argument) });
  expect(answer).toMatchObject({ kind: 'reply' });
  return answer.kind === 'reply' ? decodeResult(method, answer.data) : undefined;
}

/** A canister of alice's (unless the settings say otherwise) with the default provisional balance. */
export function setUpCanister(world: WorldDouble, more: Record<string, unknown> = {}): Canister {
  const before = new Set(world.state.canisters.keys());
  replyOf(
    'provisional_create_canister_with_cycles',
    call(world, alice, 'provisional_create_canister_with_cycles', more),
  );
  const id = [...world.state.canisters.keys()].find((key) => !before.has(key));
  return world.state.canisters.get(id!)!;
}
