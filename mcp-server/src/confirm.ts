// Confirm tokens: what a plan hands out and the act asks back. A token says which tool, which arguments, who and until when, under a
// key that lives only in this process; it works once. It replaces no mandate: the canister decides, whatever a token says.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ok, type Result, refuse } from '@tamc/base/result';
import { toCanonicalJson } from './canonical.ts';

export interface ConfirmSubject {
  readonly tool: string;
  /** Without the token itself. */
  readonly args: unknown;
  /** The identity of the connection. */
  readonly caller: string;
}

export type ConfirmProblem = 'malformed' | 'other' | 'expired' | 'used';

export interface Confirmations {
  issue(subject: ConfirmSubject): { readonly token: string; readonly expiresMs: number };
  /** Takes the token; a second time it is refused. A refused token is not used up. */
  redeem(token: string, subject: ConfirmSubject): Result<void, ConfirmProblem>;
}

/** Time to read a plan and ask a person; not to sleep over it. */
export const tokenLifeMs = 300_000;
/** Redeemed tokens are remembered until they would have expired; a flood beyond this refuses new redemptions instead of forgetting. */
const usedMax = 100_000;
/** One way to write each: what is hashed is the number, not its digits. */
const tokenForm = /^([0-9a-f]{24})\.([1-9]\d{0,14})\.([0-9a-f]{64})$/;

export function createConfirmations(nowMs: () => number, key: Uint8Array = randomBytes(32)): Confirmations {
  const used = new Map<string, number>();
  const macOf = (nonce: string, expiresMs: number, { tool, args, caller }: ConfirmSubject) =>
    createHmac('sha256', key)
      .update(toCanonicalJson([nonce, expiresMs, tool, caller, args]))
      .digest();

  function forgetExpired(): void {
    for (const [nonce, expiresMs] of used) if (expiresMs <= nowMs()) used.delete(nonce);
  }

  return {
    issue: (subject) => {
      const nonce = randomBytes(12).toString('hex');
      const expiresMs = nowMs() + tokenLifeMs;
      return { token: `${nonce}.${expiresMs}.${macOf(nonce, expiresMs, subject).toString('hex')}`, expiresMs };
    },
    redeem: (token, subject) => {
      const [, nonce = '', expires = '', mac = ''] = tokenForm.exec(token) ?? [];
      if (nonce === '') return refuse('malformed');
      const expiresMs = Number(expires);
      if (!timingSafeEqual(Buffer.from(mac, 'hex'), macOf(nonce, expiresMs, subject))) return refuse('other');
      if (expiresMs <= nowMs()) return refuse('expired');
      forgetExpired();
      if (used.has(nonce) || used.size >= usedMax) return refuse('used');
      used.set(nonce, expiresMs);
      return ok(undefined);
    },
  };
}
