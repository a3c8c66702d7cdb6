// The whole state of the network between two rounds. Its hash is what two runs of the same inputs must share.
import type { Principal } from '../codec/principal.ts';
import type { Reject } from '../errors.ts';
import type { Canister } from './canister.ts';
import type { RequestId } from './message.ts';

/** Local tools and their users know the ids that follow from here (the first is bkyz2-fmaaa-aaaaa-qaaaq-cai). */
export const firstCanisterIndex = 0x8000000000100001n;

export interface ReplicaState {
  round: number;
  /** Time of the last round; strictly increasing. */
  timeNs: bigint;
  /** When heartbeats were last given. */
  heartbeatAtNs: bigint;
  /** When every canister was last charged for storage. */
  storageChargedAtNs: bigint;
  /** 32 bytes; every secret and every random byte of the run is derived from it. */
  readonly seed: Uint8Array;
  /** How many times raw_rand was answered in all, so that no answer repeats. */
  randomCalls: bigint;
  nextCanisterIndex: bigint;
  /** Ids that were taken by `specified_id` and deleted, and that counting up has not reached. */
  retiredIds: Principal[];
  readonly canisters: Map<Principal, Canister>;
  /** Ingress requests known and not yet forgotten, oldest first. */
  readonly requests: Map<RequestId, RequestRecord>;
  nextRequestSequence: number;
  /** Updates executed, for the subnet metrics. */
  updateTransactions: bigint;
  /** Cycles that no canister has consumed: those of deleted canisters, and of answers that came too late. */
  consumedByDeleted: bigint;
}

export interface RequestRecord {
  /** Order of arrival over the whole life of the network. */
  readonly sequence: number;
  readonly sender: Principal;
  /** Which canister was called; the management canister for requests that manage one. */
  readonly canisterId: Principal;
  /** The canister or subnet id under which it was submitted; read_state must use the same. */
  readonly effectiveId: Principal;
  readonly expiryNs: bigint;
  status: RequestStatus;
}

export type RequestStatus =
  | { readonly kind: 'received' }
  | { readonly kind: 'processing' }
  | { readonly kind: 'replied'; readonly reply: Uint8Array; readonly sinceNs: bigint }
  | { readonly kind: 'rejected'; readonly reject: Reject; readonly sinceNs: bigint }
  | { readonly kind: 'done' };
