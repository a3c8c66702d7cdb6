// The shape of every rule. A rule reads tables and decides; it changes nothing, waits for nothing and asks no clock. What it
// decided is events (which `apply` turns into changes) and calls to other canisters (which the outbox makes, exactly once).
import type { Result } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';

export interface Context {
  readonly self: PrincipalHex;
  readonly caller: PrincipalHex;
  readonly nowNs: bigint;
}

/** What the rule that takes a call's outcome knows besides. */
export interface OutcomeContext extends Context {
  /** How often the call was sent until now: after one, its answer is the answer to everything that was sent. */
  readonly attempts: number;
  /** No other attempt is open: those before it were answered, or went to the callee before it did. */
  readonly isAlone: boolean;
}

/** A call to another canister as an output of a rule; its reply comes back as the input of another rule. */
export interface OutgoingCall {
  /** Unique in this canister; its first word names who takes the reply: `payment/12/transfer`. */
  readonly id: string;
  readonly callee: PrincipalHex;
  readonly method: string;
  /** Candid-encoded. */
  readonly argument: Uint8Array;
  readonly cycles: bigint;
  /**
   * The callee does it once however often it is asked (deduplicated, or it changes nothing): sent again when no answer comes.
   * What is not repeatable is never sent twice; its unknown outcome is told to the rule.
   */
  readonly isRepeatable: boolean;
  /** Sent so often at most, then its rule is told; without a number, for more than eight hours. */
  readonly attemptsMax?: number;
}

export type CallOutcome =
  | { readonly kind: 'replied'; readonly bytes: Uint8Array }
  | { readonly kind: 'rejected'; readonly code: number; readonly message: string }
  /** Sent, and nobody can know any more whether it was done: a lost reply of a call that must not be repeated. */
  | { readonly kind: 'unknown' };

export interface Decided<Event, Reply> {
  readonly events: readonly Event[];
  readonly calls: readonly OutgoingCall[];
  readonly reply: Reply;
}

export type Decision<Event, Reply> = Result<Decided<Event, Reply>, Refusal>;
