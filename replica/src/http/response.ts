// Answers of the HTTP interface as values, and the headers that every answer carries. Free of any HTTP library.
import { noBytes, textToBytes } from '@tamc/base/bytes';
import { type CborValue, cborMap, encodeCBOR } from '../codec/cbor.ts';

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A refusal on the way to an answer. */
export interface Refusal {
  readonly status: 400 | 403 | 404 | 413;
  readonly text: string;
}

/**
 * A browser page of any origin may call: what a request may do is decided by its signature, never by where it comes
 * from, and the interface knows no cookies. Same headers as the main network's.
 */
const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'Accept, Authorization, Content-Type',
};

export function createCborResponse(fields: Readonly<Record<string, CborValue | undefined>>): HttpResponse {
  const body = encodeCBOR(cborMap(fields), { selfDescribed: true });
  return { status: 200, headers: { ...corsHeaders, 'content-type': 'application/cbor' }, body };
}

export function createTextResponse(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const contentType = { 'content-type': 'text/plain; charset=utf-8' };
  return { status, headers: { ...corsHeaders, ...contentType, ...headers }, body: textToBytes(text) };
}

export function createJsonResponse(value: unknown): HttpResponse {
  const headers = { ...corsHeaders, 'content-type': 'application/json' };
  return { status: 200, headers, body: textToBytes(JSON.stringify(value)) };
}

export function createEmptyResponse(status: 202 | 204): HttpResponse {
  // What a browser asks before a POST with a CBOR body changes never; let it ask once a day.
  const headers = status === 204 ? { ...corsHeaders, 'access-control-max-age': '86400' } : corsHeaders;
  return { status, headers, body: noBytes };
}

/** Without the headers that let pages of other origins read an answer. */
export function closeToPages(response: HttpResponse): HttpResponse {
  const headers = Object.entries(response.headers).filter(([name]) => !name.startsWith('access-control-'));
  return { ...response, headers: Object.fromEntries(headers) };
}

export function refusalToResponse(refusal: Refusal): HttpResponse {
  return createTextResponse(refusal.status, refusal.text);
}

export function badRequest(text: string): Refusal {
  return { status: 400, text };
}
