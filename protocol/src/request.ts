// What a delegate may not do by itself waits as a request: a payment beyond its mandate, a mandate, a release. What the operator
// approves is the hash of the payload, and what is shown is made from the payload alone: nobody can show one and have another signed.
import { count, encode, list, nat, optional, parse, record, text, type ValueOf, variant } from '@tamc/base/codec';
import type { Result } from '@tamc/base/result';
import { sha256 } from './hash.ts';
import { mandateTerms } from './mandate.ts';
import { principal, timeNs } from './principal-codec.ts';
import { account } from './purse.ts';

export const requestLimits = {
  /** Two sentences, read by somebody who decides. */
  reasonCharsMax: 256,
} as const;

export const requestedAct = variant({
  pay: record({
    ledger: principal,
    symbol: text,
    decimals: count,
    to: account,
    amount: nat,
    fee: nat,
    purpose: text,
    /** Which terms of the mandate it exceeds, as sentences. */
    reasons: list(text),
  }),
  grantMandate: record({
    delegate: principal,
    terms: mandateTerms,
    symbol: text,
    decimals: count,
    /** The one whose place it takes. */
    replaces: optional(count),
  }),
  /** Of the stop that was in force: another one is not released by it. */
  releaseStop: record({ stopReason: text, stoppedBy: principal, stoppedNs: timeNs }),
});
export type RequestedAct = ValueOf<typeof requestedAct>;
export type RequestedActOf<K extends RequestedAct['kind']> = Extract<RequestedAct, { kind: K }>;

export const requestPayload = record({
  machine: principal,
  request: count,
  delegate: principal,
  /** Under which it is asked. */
  mandate: count,
  act: requestedAct,
  /** In the delegate's own words; empty for a payment, whose purpose says it. */
  reason: text,
  createdNs: timeNs,
  expiresNs: timeNs,
});
export type RequestPayload = ValueOf<typeof requestPayload>;

export function payloadToBytes(payload: RequestPayload): Uint8Array {
  return encode(requestPayload, payload);
}

/** For whoever shows a request to a person and does not trust the text that came with it. */
export function parsePayload(bytes: Uint8Array): Result<RequestPayload, string> {
  return parse(requestPayload, bytes);
}

export function payloadHash(payload: RequestPayload): Uint8Array {
  return sha256(payloadToBytes(payload));
}
