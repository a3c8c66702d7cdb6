// How bytes travel, watched: whether an update may have reached the network is known only here, where its request left or could not.

import { resending } from './resend.ts';

type Fetch = typeof globalThis.fetch;

export interface Way {
  readonly fetch: Fetch;
  /**
   * Updates that may have left until now; a higher number after a call means that it may have been done. It only grows: of two calls
   * at the same time, one that did not leave must not hide one that did.
   */
  left(): number;
}

export function watchWay(fetch: Fetch = globalThis.fetch): Way {
  let left = 0;
  const watched: Fetch = async (input, init) => {
    if (!isUpdate(input)) return await fetch(input, init);
    try {
      const answer = await fetch(input, init);
      left++;
      return answer;
    } catch (error) {
      if (!isBeforeSending(error)) left++;
      throw error;
    }
  };
  return { left: () => left, fetch: resending(watched) };
}

/** `/api/v2/canister/<id>/call` and its later versions. */
function isUpdate(input: Parameters<Fetch>[0]): boolean {
  const url = typeof input === 'string' ? input : 'url' in input ? input.url : input.href;
  return new URL(url, 'http://localhost').pathname.endsWith('/call');
}

/** No connection was made at all. A browser does not say so, and then the request counts as one that left. */
const beforeSending = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

function isBeforeSending(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : null;
  // Of a name with several addresses each was tried.
  const causes: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
  return causes.length > 0 && causes.every((one) => beforeSending.includes(codeOf(one)));
}

function codeOf(error: unknown): string {
  const { code }: { code?: unknown } = typeof error === 'object' && error !== null ? error : {};
  return typeof code === 'string' ? code : '';
}
