// Calls from the process that holds the replica: no signature and no socket, the sender is whoever the caller says.
import { bytesToHex, noBytes } from '@tamc/base/bytes';
import { anonymous, managementCanister, type Principal, parsePrincipalText } from '../codec/principal.ts';
import { errorCodeText, type Reject } from '../errors.ts';
import type { Core, IngressCall, QueryCall } from '../http/core.ts';
import { effectiveCanisterId } from '../management/ingress.ts';
import type { RequestId } from '../state/message.ts';
import type { ReplicaState } from '../state/replica-state.ts';
import { parseCall } from './check-arguments.ts';
import { deriveSecret } from './genesis.ts';
import { ReplicaError } from './replica-error.ts';
import { withStoreWords } from './store-folder.ts';

export interface Call {
  /** Text form; `aaaaa-aa` is the management canister. */
  readonly canister: string;
  readonly method: string;
  /** Candid bytes. */
  readonly arg?: Uint8Array;
  /** Text form; anonymous unless given. */
  readonly sender?: string;
}

export type Answer =
  | { readonly kind: 'replied'; readonly data: Uint8Array }
  | { readonly kind: 'rejected'; readonly code: number; readonly message: string; readonly errorCode: string | null };

export interface Calls {
  /** An update: resolves when its round is durable. */
  call(call: Call): Promise<Answer>;
  query(call: Call): Promise<Answer>;
}

/** In-process calls cannot be submitted again by somebody else, so their expiry only says how long their answer is kept. */
const lifetimeNs = 300_000_000_000n;

export function createCalls(core: Core, state: ReplicaState): Calls {
  const nextRequestId = createRequestIds(state);
  return {
    call: (call) =>
      inStoreWords(async () => {
        const ingress = toIngress(core, parseCall('call', call), nextRequestId);
        const submission = core.submit(ingress);
        if (submission.kind === 'refused') return rejected(submission.reject);
        await submission.answered;
        return answerOf(state, ingress.requestId);
      }),
    query: (call) =>
      inStoreWords(async () => {
        // From here on the stack is empty, however deep the caller's was.
        await null;
        const answer = await core.query(toQuery(parseCall('query', call)));
        return answer.kind === 'replied' ? replied(answer.arg) : rejected(answer.reject);
      }),
  };
}

/** Memory that is read when it is touched may turn out to be damaged. */
async function inStoreWords(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    throw withStoreWords(error);
  }
}

/**
 * Never the same twice, also over restarts: the round that records a call moves the round number on. Not random, so that
 * the same calls at the same times make the same run.
 */
function createRequestIds(state: ReplicaState): () => RequestId {
  let round = -1;
  let submitted = 0n;
  return () => {
    if (round !== state.round) submitted = 0n;
    round = state.round;
    return bytesToHex(deriveSecret(state.seed, `in-process call at ${round}`, submitted++));
  };
}

function toQuery(call: Call): QueryCall {
  return {
    sender: call.sender === undefined ? anonymous : principalOf(call.sender),
    senderInfo: null,
    canisterId: principalOf(call.canister),
    method: call.method,
    arg: call.arg ?? noBytes,
  };
}

function toIngress(core: Core, call: Call, nextRequestId: () => RequestId): IngressCall {
  const query = toQuery(call);
  return {
    ...query,
    requestId: nextRequestId(),
    effectiveId: query.canisterId === managementCanister ? managed(query) : query.canisterId,
    expiryNs: core.nowNs() + lifetimeNs,
  };
}

function managed({ method, arg }: QueryCall): Principal {
  const effective = effectiveCanisterId(method, arg);
  return effective.ok && effective.value !== 'any' ? effective.value : managementCanister;
}

function principalOf(text: string): Principal {
  const principal = parsePrincipalText(text);
  if (principal !== null) return principal;
  throw new ReplicaError(
    'input',
    'badPrincipal',
    `"${text}" is not a principal.`,
    'Give it in text form, like bkyz2-fmaaa-aaaaa-qaaaq-cai.',
  );
}

function answerOf(state: ReplicaState, requestId: string): Answer {
  const status = state.requests.get(requestId)?.status;
  if (status?.kind === 'replied') return replied(status.reply);
  if (status?.kind === 'rejected') return rejected(status.reject);
  throw new ReplicaError('input', 'expired', 'The call expired before a round took it up.', 'Call again.');
}

/** A plain copy: inside, bytes may be a window into a larger buffer, which some libraries read wrongly. */
function replied(data: Uint8Array): Answer {
  return { kind: 'replied', data: new Uint8Array(data) };
}

function rejected(reject: Reject): Answer {
  const errorCode = reject.error === null ? null : errorCodeText(reject.error);
  return { kind: 'rejected', code: reject.code, message: reject.message, errorCode };
}
