// What the HTTP interface asks of the replica. The HTTP layer parses, authenticates and renders; it decides nothing else.
import type { Principal } from '../codec/principal.ts';
import type { Reject } from '../errors.ts';
import type { RequestId, SenderInfo } from '../state/message.ts';
import type { RequestRecord } from '../state/replica-state.ts';

/** A path in the state tree. */
export type Path = readonly Uint8Array[];

export interface Core {
  /** Time of the replica (real or virtual), for expiry checks. */
  nowNs(): bigint;
  readonly subnet: SubnetIdentity;
  canisterExists(id: Principal): boolean;
  controllersOf(id: Principal): readonly Principal[];
  metadataVisibility(id: Principal, name: string): 'public' | 'private' | null;
  requestRecord(id: RequestId): RequestRecord | null;
  /** Checks that a node makes before it takes a call in (frozen, empty, stopped, inspect_message, …), then queues it. */
  submit(call: IngressCall): Submission;
  /** Runs a query (also composite, and management queries) on the newest state. */
  query(call: QueryCall): QueryAnswer | Promise<QueryAnswer>;
  /** A certificate over the newest durable state that shows (presence or absence of) the paths, and `/time`. */
  certificate(paths: readonly Path[]): Promise<Uint8Array>;
  /** Ed25519 by the node key, over bytes that already carry their domain separator. */
  signAsNode(bytes: Uint8Array): Uint8Array;
  /** For turning time by hand; without it time is real. */
  readonly time?: TimePort;
}

export interface TimePort {
  /** What the clock says: the time of the last round, or a later one that was set since. */
  nowNs(): bigint;
  isVirtual(): boolean;
  /** Virtual time only, and never back. Takes effect with the next round. */
  setNs(timeNs: bigint): void;
  /** Executes one round; resolves when it is durable and others had their turn. */
  tick(): Promise<void>;
}

export interface SubnetIdentity {
  readonly subnetId: Principal;
  readonly nodeId: Principal;
  readonly type: 'application' | 'system' | 'verified_application' | 'cloud_engine';
  readonly canisterRanges: readonly { readonly first: Principal; readonly last: Principal }[];
  /** DER; computed when first asked for, because it takes some milliseconds. */
  rootKey(): Promise<Uint8Array>;
}

export interface IngressCall {
  readonly requestId: RequestId;
  readonly sender: Principal;
  readonly senderInfo: SenderInfo | null;
  readonly canisterId: Principal;
  readonly effectiveId: Principal;
  readonly method: string;
  readonly arg: Uint8Array;
  readonly expiryNs: bigint;
}

export type Submission =
  | { readonly kind: 'refused'; readonly reject: Reject }
  /** `answered` resolves when the request has a final status and its round is durable; a known request id gives the same. */
  | { readonly kind: 'accepted'; readonly answered: Promise<void> };

export interface QueryCall {
  readonly sender: Principal;
  readonly senderInfo: SenderInfo | null;
  readonly canisterId: Principal;
  readonly method: string;
  readonly arg: Uint8Array;
}

export type QueryAnswer =
  | { readonly kind: 'replied'; readonly arg: Uint8Array }
  | { readonly kind: 'rejected'; readonly reject: Reject };
