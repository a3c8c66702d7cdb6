// What waits for a person, in the form of an answer: the text is made here from the payload, not taken from whoever sent it.
import type { RequestReply } from '@tamc/client';
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { parsePayload } from '@tamc/protocol/request';
import { renderRequest } from '@tamc/protocol/request-text';
import { fence } from './fence.ts';
import { isoTime } from './found.ts';
import type { Facts } from './tool.ts';

/** Where a person decides. */
export const decidesNext =
  'Its operator approves or declines it outside this chat, with `npx tamc approve`; you cannot. Do not split it or try another way.';

/** `bytesMax`: of the text; what is longer is cut, and a person is shown all of it. */
export function requestFacts(machine: PrincipalHex, asked: RequestReply, bytesMax: number): Facts {
  const { request, act, delegate, expires_ns } = asked;
  return {
    request,
    act: Object.keys(act)[0],
    text: textOf(machine, asked, bytesMax),
    asked_by: delegate.toText(),
    decide_until: isoTime(expires_ns),
  };
}

function textOf(machine: PrincipalHex, { request, delegate, payload: bytes }: RequestReply, bytesMax: number): string {
  const payload = parsePayload(Uint8Array.from(bytes));
  const isOurs =
    payload.ok &&
    payload.value.machine === machine &&
    payload.value.request === request &&
    payload.value.delegate === principalToHex(delegate);
  if (!isOurs) return 'its payload is not of this request: nobody should approve it';
  // Strangers wrote parts of it: reasons, purposes, labels.
  const text = renderRequest(payload.value).replaceAll('\n', '; ');
  return fence(cut(text, bytesMax), bytesMax);
}

function cut(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  return `${bytes
    .subarray(0, bytesMax)
    .toString()
    .replace(/\uFFFD+$/, '')}…`;
}

/** The answer to an act that became a request. What is asked for may have an end of its own: `until`. */
export function waitingFacts({ request, expires_ns }: RequestReply, more: Facts): Facts {
  return {
    status: 'waiting_for_a_person',
    request,
    ...more,
    decide_until: isoTime(expires_ns),
    next: `Nothing is done yet. ${decidesNext}`,
  };
}
