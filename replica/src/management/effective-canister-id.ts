// Which canister a request to the management canister is about, and so to which address it must be sent
// (SPEC/https-interface, "Effective canister id").
import { ok, type Result, refuse } from '@tamc/base/result';
import { decodeCandid } from '../codec/candid.ts';
import type { Principal } from '../codec/principal.ts';
import { methods } from './methods.ts';
import { isNotOffered, notOffered } from './not-offered.ts';
import { canisterIdRecord } from './types.ts';

/** 'any' for canister creation and list_canisters. Refused: no user can send this request. */
export function effectiveCanisterId(method: string, argument: Uint8Array): Result<Principal | 'any', string> {
  if (isNotOffered(method)) return ofNotOffered(method, argument);
  const offered = methods.get(method);
  if (offered === undefined) return refuse(`ic00 interface does not expose method ${method}`);
  if (!offered.ingress && !offered.queries) return refuse(notForUsers(method));
  const invocation = offered.decode(argument);
  if (!invocation.ok) return refuse(unparsable(method, invocation.error));
  return ok(invocation.value.target ?? 'any');
}

function ofNotOffered(method: string, argument: Uint8Array): Result<Principal, string> {
  if (!notOffered[method]!.ingress) return refuse(notForUsers(method));
  const decoded = decodeCandid([canisterIdRecord], argument);
  return decoded.ok ? ok(decoded.value[0].canister_id) : refuse(unparsable(method, decoded.error));
}

export function notForUsers(method: string): string {
  return `ic00 method ${method} can not be called via ingress messages`;
}

function unparsable(method: string, error: string): string {
  return `Failed to parse payload for ic00 method ${method}: ${error}`;
}
