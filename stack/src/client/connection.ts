// Speaks to a replica over its public HTTP interface with the Internet Computer's own client library, checks left on.

import type { Identity } from '@dfinity/agent';
import { Actor, CanisterStatus, HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { assert } from '@tamc/base/assert';
import { ok, type Result, refuse } from '@tamc/base/result';
import { type Methods, parseDid } from '../candid/parse-did.ts';

export interface Connection {
  readonly agent: HttpAgent;
  /** What every certificate of this network is checked with. */
  readonly rootKey: Uint8Array;
  /** The canister's interface, as its `candid:service` metadata tells it. */
  methodsOf(canister: Principal): Promise<Result<Methods, string>>;
  /** Calls the method as its interface says, as a query or an update, and gives one value per return type. */
  call(canister: Principal, name: string, method: IDL.FuncClass, values: readonly unknown[]): Promise<unknown[]>;
}

export async function connect(url: string, identity: Identity | null): Promise<Connection> {
  // A local replica makes its own root key, so it is asked for; on the main network it would be built in.
  const agent = await HttpAgent.create({
    host: url,
    shouldFetchRootKey: true,
    ...(identity === null ? {} : { identity }),
  });
  const { rootKey } = agent;
  assert(rootKey !== null, 'the client has asked for the root key and does not have it');
  return {
    agent,
    rootKey,
    methodsOf: (canister) => readMethods(agent, canister),
    call: async (canister, name, method, values) => {
      const actor = Actor.createActor(() => IDL.Service({ [name]: method }), { agent, canisterId: canister });
      const answer = await actor[name]!(...values);
      return method.retTypes.length === 1 ? [answer] : Array.isArray(answer) ? answer : [];
    },
  };
}

async function readMethods(agent: HttpAgent, canister: Principal): Promise<Result<Methods, string>> {
  const found = await CanisterStatus.request({ agent, canisterId: canister, paths: ['candid'] });
  const candid = found.get('candid');
  if (typeof candid !== 'string') return refuse(`canister ${canister.toText()} carries no Candid interface`);
  const methods = parseDid(candid);
  return methods.ok
    ? ok(methods.value)
    : refuse(`the interface of ${canister.toText()} cannot be read: ${methods.error}`);
}
