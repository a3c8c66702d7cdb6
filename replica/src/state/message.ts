// Messages on their way, and what a canister remembers while it waits for answers.
import type { Principal } from '../codec/principal.ts';
import type { Reject } from '../errors.ts';

/** Request id (SHA-256 of the content) as 64 hex digits. */
export type RequestId = string;

/** Who waits for the answer of a call. */
export type Origin =
  | { readonly kind: 'user'; readonly requestId: RequestId; readonly sender: Principal }
  | {
      readonly kind: 'canister';
      readonly canisterId: Principal;
      readonly callbackId: number;
      /** Best effort: after this time the caller is told SYS_UNKNOWN. 0 = guaranteed response. */
      readonly deadlineNs: bigint;
    }
  | { readonly kind: 'system' };

export interface SenderInfo {
  readonly data: Uint8Array;
  readonly signer: Principal;
}

export type Message =
  | {
      readonly kind: 'request';
      readonly origin: Origin;
      readonly caller: Principal;
      readonly callee: Principal;
      readonly method: string;
      readonly arg: Uint8Array;
      readonly cycles: bigint;
      readonly senderInfo: SenderInfo | null;
      /** The sender's canister version when it sent; null for users. */
      readonly senderVersion: bigint | null;
    }
  | {
      readonly kind: 'response';
      readonly callbackId: number;
      readonly refund: bigint;
      readonly payload: Payload;
    }
  | { readonly kind: 'task'; readonly task: SystemTask };

export type Request = Extract<Message, { kind: 'request' }>;
export type Response = Extract<Message, { kind: 'response' }>;
export type SystemTask = 'heartbeat' | 'globalTimer' | 'lowMemory';

export type Payload =
  | { readonly kind: 'reply'; readonly data: Uint8Array }
  | { readonly kind: 'reject'; readonly reject: Reject };

/** One call being worked on: opened by a request or a system task, kept until answered and unreferenced. */
export interface CallContext {
  readonly id: number;
  readonly origin: Origin;
  readonly senderInfo: SenderInfo | null;
  readonly caller: Principal;
  needsToRespond: boolean;
  /** Cycles that came with the call and were not yet accepted. */
  availableCycles: bigint;
  /** Set by uninstall: late responses only refund. */
  deleted: boolean;
  /** Callbacks that still refer to it. */
  openCallbacks: number;
  /** For performance_counter(1). */
  instructions: bigint;
}

export interface Callback {
  readonly id: number;
  readonly callContextId: number;
  readonly callee: Principal;
  readonly onReply: FunctionReference;
  readonly onReject: FunctionReference;
  readonly onCleanup: FunctionReference | null;
  /** Sent with the call. */
  readonly cyclesSent: bigint;
  /** Set aside for the callback's execution and the response's transmission; what is not used is refunded. */
  readonly prepaidExecution: bigint;
  readonly prepaidTransmission: bigint;
  /** 0 = guaranteed response. */
  readonly deadlineNs: bigint;
  /** The answer is in the inbox; another one (late, best effort) is dropped. */
  answered: boolean;
}

export interface FunctionReference {
  readonly tableIndex: number;
  readonly environment: number | bigint;
}

/** A call that a canister made in an execution that has not ended yet. */
export interface OutgoingCall {
  readonly callee: Principal;
  readonly method: string;
  readonly arg: Uint8Array;
  readonly cycles: bigint;
  readonly onReply: FunctionReference;
  readonly onReject: FunctionReference;
  readonly onCleanup: FunctionReference | null;
  readonly prepaidExecution: bigint;
  readonly prepaidTransmission: bigint;
  /** Null = guaranteed response; 0 is a best-effort call that is late at once. */
  readonly timeoutSeconds: number | null;
}
