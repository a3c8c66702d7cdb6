// The interface as a `fetch`, so that an agent in the same process needs no socket: give it as the agent's `fetch`
// option.
import { noBytes, textToBytes } from '@tamc/base/bytes';
import type { Handler } from './handler.ts';
import { bodyByteCountMax } from './limits.ts';
import { createTextResponse, type HttpResponse } from './response.ts';

/**
 * The host in the URL does not matter. Like any fetch it rejects when its signal is aborted; every refusal is a
 * Response.
 */
export function createFetch(handler: Handler): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase();
    const signal = init?.signal ?? (input instanceof Request ? input.signal : null);
    signal?.throwIfAborted();
    const answer = answerRequest(handler, method, url.pathname, () => readBody(input, init));
    return responseToFetch(await abortable(answer, signal), method, url);
  };
}

async function answerRequest(
  handler: Handler,
  method: string,
  path: string,
  readBody: () => Promise<Uint8Array>,
): Promise<HttpResponse> {
  const route = handler.find(method, path);
  if (!route.ok) return route.error;
  const body = route.value.takesBody ? await readBody() : noBytes;
  if (body.length > bodyByteCountMax)
    return createTextResponse(413, `The body has more than ${bodyByteCountMax} bytes.`);
  return handler.answer(route.value, body);
}

async function readBody(input: string | URL | Request, init: RequestInit | undefined): Promise<Uint8Array> {
  const body = init?.body;
  // What agents send; everything else is left to the platform to understand.
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (typeof body === 'string') return textToBytes(body);
  if (body === undefined || body === null) {
    return input instanceof Request ? new Uint8Array(await input.arrayBuffer()) : noBytes;
  }
  return new Uint8Array(await new Response(body).arrayBuffer());
}

function abortable<T>(work: Promise<T>, signal: AbortSignal | null): Promise<T> {
  if (signal === null) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function responseToFetch({ status, headers, body }: HttpResponse, method: string, url: URL): Response {
  const isEmpty = body.length === 0 || method === 'HEAD';
  const response = new Response(isEmpty ? null : new Uint8Array(body), { status, headers });
  // A Response that was constructed has no URL, but agents look at it to see which address was not found.
  Object.defineProperty(response, 'url', { value: url.href });
  return response;
}
