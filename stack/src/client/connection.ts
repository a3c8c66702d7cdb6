// Speaks to a replica over its public HTTP interface with the Internet Computer's own client library, checks left on.
import { Actor, HttpAgent, type Identity, RejectError } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { assert } from '@tamc/base/assert';
import { parseText } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { type Methods, parseDid } from '../candid/parse-did.ts';
import { readCanisterState } from './canister-state.ts';

export interface Connection {
  readonly agent: HttpAgent;
  /** What every certificate of this network is checked with. */
  readonly rootKey: Uint8Array;
  /** The canister's interface, as its `candid:service` metadata tells it. */
  methodsOf(canister: Principal): Promise<Result<Methods, string>>;
  /** Calls the method as its interface says, as a query or an update, and gives one value per return type. */
  call(
    canister: Principal,
    name: string,
    method: IDL.FuncClass,
    values: readonly unknown[],
  ): Promise<Result<unknown[], Rejection>>;
}

/** The network's or the canister's no. */
export interface Rejection {
  readonly message: string;
  /** 1 to 6, as the specification numbers them. */
  readonly code: number;
  /** The replica's own code, like IC0503. */
  readonly errorCode: string | null;
}

/** Null when nothing answers there. */
export async function connect(url: string, identity: Identity): Promise<Connection | null> {
  if (!(await answers(url))) return null;
  // A local replica makes its own root key, so it is asked for; on the main network it would be built in.
  const agent = await HttpAgent.create({ host: url, shouldFetchRootKey: true, identity });
  const { rootKey } = agent;
  assert(rootKey !== null, 'the client has asked for the root key and does not have it');
  return {
    agent,
    rootKey,
    methodsOf: (canister) => readMethods(agent, canister),
    call: async (canister, name, method, values) => {
      const actor = Actor.createActor(() => IDL.Service({ [name]: method }), { agent, canisterId: canister });
      try {
        const answer = await actor[name]!(...values);
        return ok(method.retTypes.length === 1 ? [answer] : Array.isArray(answer) ? answer : []);
      } catch (error) {
        const rejection = toRejection(error);
        if (rejection === null) throw error;
        return refuse(rejection);
      }
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const { ok: isFine } = await fetch(new URL('/api/v2/status', url));
    return isFine;
  } catch {
    return false;
  }
}

function toRejection(error: unknown): Rejection | null {
  if (!(error instanceof RejectError)) return null;
  const { code } = error;
  if (!('rejectMessage' in code && 'rejectCode' in code)) return null;
  const errorCode = 'rejectErrorCode' in code && typeof code.rejectErrorCode === 'string' ? code.rejectErrorCode : null;
  return { message: String(code.rejectMessage), code: Number(code.rejectCode), errorCode };
}

async function readMethods(agent: HttpAgent, canister: Principal): Promise<Result<Methods, string>> {
  const metadata = await readCanisterState(agent, canister, ['metadata', 'candid:service']);
  const candid = metadata === null ? null : parseText(metadata);
  if (candid === null) return refuse(`Canister ${canister.toText()} carries no Candid interface.`);
  const methods = parseDid(candid);
  return methods.ok ? methods : refuse(`The interface of ${canister.toText()} cannot be read: ${methods.error}.`);
}
