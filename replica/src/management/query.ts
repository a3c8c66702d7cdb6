// Queries to the management canister, from users and from composite queries. Nothing is changed.
import type { Principal } from '../codec/principal.ts';
import type { Reject } from '../errors.ts';
import type { Payload } from '../state/message.ts';
import type { World } from '../state/world.ts';
import { methods } from './methods.ts';
import { refusalOfNotOffered } from './not-offered.ts';
import { noSuchQuery, undecodable } from './refusals.ts';

export interface ManagementQuery {
  readonly caller: Principal;
  readonly method: string;
  readonly arg: Uint8Array;
}

export function queryManagement(world: World, query: ManagementQuery): Payload {
  const method = methods.get(query.method);
  if (method === undefined) return rejected(refusalOfNotOffered(query.method) ?? noSuchQuery(query.method));
  if (!method.queries) return rejected(noSuchQuery(query.method));
  const invocation = method.decode(query.arg);
  if (!invocation.ok) return rejected(undecodable(invocation.error));
  const denied = invocation.value.refusal(world, query.caller, false);
  if (denied !== null) return rejected(denied);
  const answer = invocation.value.read(world, query.caller);
  return answer.ok ? { kind: 'reply', data: answer.value } : rejected(answer.error);
}

function rejected(reject: Reject): Payload {
  return { kind: 'reject', reject };
}
