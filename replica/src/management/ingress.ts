// What a node checks before it takes in a call of a user to the management canister
// (SPEC/abstract-behavior, "API Request submission"). Nothing is changed.
import type { Principal } from '../codec/principal.ts';
import { createReject, type Reject } from '../errors.ts';
import type { World } from '../state/world.ts';
import { notForUsers } from './effective-canister-id.ts';
import { methods } from './methods.ts';
import { isNotOffered, refusalOfNotOffered } from './not-offered.ts';
import { notAccepted, onlyForCanisters } from './refusals.ts';

export { effectiveCanisterId } from './effective-canister-id.ts';

export interface ManagementIngress {
  readonly sender: Principal;
  readonly method: string;
  readonly arg: Uint8Array;
}

/** Null: may be taken in. */
export function acceptManagementIngress(world: World, call: ManagementIngress): Reject | null {
  if (isNotOffered(call.method)) return refusalOfNotOffered(call.method);
  const method = methods.get(call.method);
  if (method === undefined) {
    return createReject('canisterMethodNotFound', `ic00 interface does not expose method ${call.method}`);
  }
  if (!method.ingress) {
    return method.canisters
      ? onlyForCanisters(call.method)
      : createReject('canisterRejectedMessage', notForUsers(call.method));
  }
  const invocation = method.decode(call.arg);
  if (!invocation.ok) {
    const text = `Failed to parse payload for ic00 method ${call.method}: ${invocation.error}`;
    return createReject('invalidManagementPayload', text);
  }
  const denied = invocation.value.refusal(world, call.sender, true);
  // Before a call is taken in, nobody is told who the controllers are.
  const { target } = invocation.value;
  return denied?.error === 'canisterInvalidController' && target !== null ? notAccepted(target, call.method) : denied;
}
