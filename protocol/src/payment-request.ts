// A payment that exceeds a mandate waits as a request. What the operator approves is the hash of the payload, and what is
// shown is made from the payload alone: nobody can show one thing and have another signed.
import { bytesToHex } from '@tamc/base/bytes';
import { count, encode, list, nat, record, text, type ValueOf } from '@tamc/base/codec';
import { accountToText } from './account-text.ts';
import { sha256 } from './hash.ts';
import { principalToText } from './principal.ts';
import { principal, timeNs } from './principal-codec.ts';
import { account } from './purse.ts';

export const requestPayload = record({
  machine: principal,
  request: count,
  delegate: principal,
  mandate: count,
  ledger: principal,
  symbol: text,
  decimals: count,
  to: account,
  amount: nat,
  fee: nat,
  purpose: text,
  /** Which terms of the mandate it exceeds, as sentences. */
  reasons: list(text),
  createdNs: timeNs,
  expiresNs: timeNs,
});
export type RequestPayload = ValueOf<typeof requestPayload>;

export function payloadToBytes(payload: RequestPayload): Uint8Array {
  return encode(requestPayload, payload);
}

export function payloadHash(payload: RequestPayload): Uint8Array {
  return sha256(payloadToBytes(payload));
}

/** Minor units as people write them: 1234567 with 6 decimals is 1.234567. */
export function renderAmount(amount: bigint, decimals: number, symbol: string): string {
  const digits = amount.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const part = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${part === '' ? whole : `${whole}.${part}`} ${symbol}`;
}

export function renderRequest(payload: RequestPayload): string {
  const money = (amount: bigint) => renderAmount(amount, payload.decimals, payload.symbol);
  return [
    `Machine ${principalToText(payload.machine)} asks to pay ${money(payload.amount)} (fee ${money(payload.fee)})`,
    `to: ${accountToText(payload.to)}`,
    // Quoted: a purpose cannot pretend to be another line of this text.
    `for: ${JSON.stringify(payload.purpose)}`,
    `on ledger: ${principalToText(payload.ledger)}`,
    `asked by: ${principalToText(payload.delegate)} under mandate ${payload.mandate}`,
    ...payload.reasons.map((reason) => `because: ${reason}`),
    `request ${payload.request}, open until ${new Date(Number(payload.expiresNs / 1_000_000n)).toISOString()}`,
    `payload: ${bytesToHex(payloadHash(payload))}`,
  ].join('\n');
}
