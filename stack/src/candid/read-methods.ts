// The methods of a canister, as its own `candid:service` metadata tells them: certified, and no generated code needed.
import type { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { parseText } from '@tamc/base/bytes';
import { type Result, refuse } from '@tamc/base/result';
import type { Connection, Method } from '@tamc/client';
import { managementCanister, type PrincipalHex, principalToHex, principalToText } from '@tamc/protocol/principal';
import { managementCandid } from './management.ts';
import { type Methods, parseDid } from './parse-did.ts';

/** A query changes nothing, so it may be sent again; of an update nobody knows. */
export function methodOf(name: string, type: IDL.FuncClass): Method {
  const isRepeatable = type.annotations.includes('query') || type.annotations.includes('composite_query');
  return { name, type, isRepeatable };
}

/** A call of the management canister is routed by the canister that it is about, which its argument names. */
export function aboutOf(canister: PrincipalHex, values: readonly unknown[]): Pick<Method, 'about'> {
  if (canister !== managementCanister) return {};
  const [argument] = values;
  const id = typeof argument === 'object' && argument !== null ? Reflect.get(argument, 'canister_id') : undefined;
  return { about: id instanceof Principal ? principalToHex(id) : managementCanister };
}

export async function readMethods(connection: Connection, canister: PrincipalHex): Promise<Result<Methods, string>> {
  if (canister === managementCanister) return parseDid(managementCandid);
  const metadata = await connection.read(canister, ['metadata', 'candid:service']);
  if (!metadata.ok) return refuse(metadata.error.message);
  const candid = metadata.value === null ? null : parseText(metadata.value);
  if (candid === null) return refuse(`Canister ${principalToText(canister)} carries no Candid interface.`);
  const methods = parseDid(candid);
  return methods.ok
    ? methods
    : refuse(`The interface of ${principalToText(canister)} cannot be read: ${methods.error}.`);
}
