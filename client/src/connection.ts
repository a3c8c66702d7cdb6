// A connection to one network as one identity. Every answer is checked: certificates of updates and facts, signatures of
// queries. It is the only place that touches the Internet Computer's client library.
import { Actor, HttpAgent, type Identity } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { assert } from '@tamc/base/assert';
import { ok, type Result, refuse } from '@tamc/base/result';
import { hexToPrincipal, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import {
  type CallError,
  errorOfSentUpdate,
  errorToCallError,
  isPassingError,
  malformedAddress,
  outsideType,
  throwUnreadable,
} from './call-error.ts';
import { readCanisterState } from './canister-state.ts';
import { isCertificateSigned } from './certificate-signature.ts';
import { hasNativeCrypto } from './native-crypto.ts';
import { followNetworkTime, networkTimeNs } from './network-time.ts';
import { checkQuerySignatures } from './query-signatures.ts';
import { faultOfValues } from './typed-values.ts';
import { type Way, watchWay } from './way.ts';

export interface Connection {
  readonly url: string;
  /** Who calls. */
  readonly self: PrincipalHex;
  /** What every certificate of this network is checked with. */
  readonly rootKey: Uint8Array;
  readonly agent: HttpAgent;
  /** The network's time: by this computer's clock, until a request was refused for its date and the network was asked for the time. */
  nowNs(): bigint;
  /** One value per return type. */
  call(canister: PrincipalHex, method: Method, values: readonly unknown[]): Promise<Result<unknown[], CallError>>;
  /** The certified value at `/canister/<id>/…segments`; null when the network proves that there is none. */
  read(canister: PrincipalHex, segments: readonly string[]): Promise<Result<Uint8Array | null, CallError>>;
}

export interface Method {
  readonly name: string;
  readonly type: IDL.FuncClass;
  /** It is safe to send it again when no answer came: a query, or an update that carries a command id. */
  readonly isRepeatable: boolean;
  /** Where the call is routed, if not by the canister itself: for the management canister, the canister it is about. */
  readonly about?: PrincipalHex;
}

export interface ConnectOptions {
  readonly url: string;
  readonly identity: Identity;
  /** `main` is that of the main network. Left out, it is fetched, which only a network of one's own deserves. */
  readonly rootKey?: Uint8Array | 'main';
  /** How bytes travel, where not by the network: a replica in the same process has one. */
  readonly fetch?: typeof globalThis.fetch;
}

/** How often a repeatable call is sent in all, and the pause before each further time. */
const pausesMs = [200, 1_000];

export async function connect(options: ConnectOptions): Promise<Result<Connection, CallError>> {
  if (!/^https?:/i.test(options.url) || !URL.canParse(options.url)) return refuse(malformedAddress(options.url));
  return await caught(async () => {
    const { url, identity, rootKey, fetch } = options;
    const trust = trustOf(rootKey);
    const way = watchWay(fetch);
    // The way sends again by itself what is worth it.
    const ours = { verifyQuerySignatures: !hasNativeCrypto, retryTimes: 0 };
    const agent = await HttpAgent.create({ host: url, identity, ...trust, ...ours, fetch: way.fetch });
    followNetworkTime(agent);
    if (hasNativeCrypto) checkQuerySignatures(agent);
    return await agentToConnection(agent, way);
  });
}

/** The library has the main network's key built in. */
function trustOf(rootKey: ConnectOptions['rootKey']) {
  if (rootKey === 'main') return {};
  return rootKey === undefined ? { shouldFetchRootKey: true } : { rootKey };
}

/** For who has an agent of the Internet Computer's library already, with its root key. Unwatched, each update counts as one that left. */
export async function agentToConnection(agent: HttpAgent, way: Pick<Way, 'left'> | null = null): Promise<Connection> {
  const { rootKey } = agent;
  assert(rootKey !== null, 'a connected client has a root key');
  return {
    url: agent.host.href,
    self: principalToHex(await agent.getPrincipal()),
    rootKey,
    agent,
    nowNs: () => networkTimeNs(agent),
    call: async (canister, method, values) => {
      const fault = faultOfValues(method.type, values);
      if (fault !== null) return refuse(outsideType(fault));
      const attempt = () => caught(() => send(agent, canister, method, values));
      if (isQuery(method)) return await (method.isRepeatable ? repeated(attempt) : attempt());
      return await updated(attempt, method, way);
    },
    read: (canister, segments) =>
      repeated(() => caught(() => readCanisterState(agent, hexToPrincipal(canister), segments))),
  };
}

async function send(agent: HttpAgent, canister: PrincipalHex, method: Method, values: readonly unknown[]) {
  const { name, type, about } = method;
  const effectiveCanisterId = about === undefined ? null : hexToPrincipal(about);
  const route = () => (effectiveCanisterId === null ? {} : { effectiveCanisterId });
  const actor = Actor.createActor(() => IDL.Service({ [name]: type }), {
    agent,
    canisterId: hexToPrincipal(canister),
    blsVerify: isCertificateSigned,
    ...route(),
    callTransform: route,
    queryTransform: route,
  });
  const answer = await actor[name]!(...values).catch(throwUnreadable);
  if (type.retTypes.length === 1) return [answer];
  return Array.isArray(answer) ? answer : [];
}

function isQuery({ type }: Method): boolean {
  return type.annotations.includes('query') || type.annotations.includes('composite_query');
}

type Attempt<T> = () => Promise<Result<T, CallError>>;

/** Whatever may have left is told as such: "nothing was done" is a promise. */
async function updated<T>(attempt: Attempt<T>, { isRepeatable }: Method, way: Pick<Way, 'left'> | null) {
  let lost = 0;
  const told: Attempt<T> = async () => {
    const before = way?.left();
    const result = await attempt();
    const hasLeft = way === null || way.left() !== before;
    if (result.ok || (!hasLeft && lost === 0)) return result;
    const error = errorOfSentUpdate(result.error, { isRepeatable, isRepeated: lost > 0 });
    if (error.kind === 'unknown') lost++;
    return refuse(error);
  };
  return isRepeatable ? await repeated(told) : await told();
}

async function caught<T>(work: () => Promise<T>): Promise<Result<T, CallError>> {
  try {
    return ok(await work());
  } catch (error) {
    const known = errorToCallError(error);
    if (known === null) throw error;
    return refuse(known);
  }
}

async function repeated<T>(attempt: Attempt<T>): Promise<Result<T, CallError>> {
  for (const pauseMs of pausesMs) {
    const result = await attempt();
    if (result.ok || !isPassingError(result.error)) return result;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return await attempt();
}
