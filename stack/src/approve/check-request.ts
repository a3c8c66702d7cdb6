// One request, from its bytes: parsed, compared with what the machine said of it, rendered. The machine's own text is not looked at.
import { bytesEqual, bytesToHex } from '@tamc/base/bytes';
import { parse } from '@tamc/base/codec';
import { ok, type Result, refuse } from '@tamc/base/result';
import { sha256 } from '@tamc/protocol/hash';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { payloadHash, requestPayload } from '@tamc/protocol/request';
import { renderRequest } from '@tamc/protocol/request-text';

export interface CheckedRequest {
  readonly text: string;
  readonly summary: string;
  readonly hash: string;
  readonly expiresNs: bigint;
}

export interface GivenRequest {
  readonly request: number;
  readonly payload: Uint8Array | readonly number[];
  readonly payload_hash: Uint8Array | readonly number[];
}

export function checkRequest(machine: PrincipalHex, given: GivenRequest): Result<CheckedRequest, string> {
  const bytes = Uint8Array.from(given.payload);
  const hash = sha256(bytes);
  if (!bytesEqual(hash, Uint8Array.from(given.payload_hash))) return refuse('its hash is not that of its payload');
  const payload = parse(requestPayload, bytes);
  if (!payload.ok) return refuse(`its payload cannot be read, ${payload.error}`);
  // The same facts in other bytes would be another hash than the one shown in the text.
  if (!bytesEqual(payloadHash(payload.value), hash)) return refuse('its payload is not written as ours are');
  if (payload.value.machine !== machine) return refuse('its payload is of another machine');
  if (payload.value.request !== given.request) return refuse('its payload is of another request');
  const text = renderRequest(payload.value);
  return ok({ text, summary: summaryOf(text), hash: bytesToHex(hash), expiresNs: payload.value.expiresNs });
}

/** `Machine ID asks to pay …`, without who. */
function summaryOf(text: string): string {
  return text.split('\n', 1)[0]!.replace(/^Machine \S+ asks /, '');
}
