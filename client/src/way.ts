// How bytes travel, watched: whether an update may have been taken by the network is known only here, where its request left or could
// not, or came back with its date refused.
import { dateRefusal } from './network-time.ts';
import { resending } from './resend.ts';

type Fetch = typeof globalThis.fetch;

export interface Way {
  readonly fetch: Fetch;
  /**
   * Updates that may have been taken until now; a higher number after a call means that it may have been done. It only grows: of two
   * calls at the same time, one that was not taken must not hide one that was.
   */
  left(): number;
}

export function watchWay(fetch: Fetch = globalThis.fetch): Way {
  let left = 0;
  /** The same bytes are sent again when no answer came. */
  const gone = new WeakSet<object>();
  const mayBeTaken = (body: unknown) => {
    left++;
    if (typeof body === 'object' && body !== null) gone.add(body);
  };
  const hasGone = (body: unknown) => typeof body === 'object' && body !== null && gone.has(body);
  const watched: Fetch = async (input, init) => {
    if (!isUpdate(input)) return await fetch(input, init);
    try {
      const answer = await fetch(input, init);
      if (!(await isDateRefused(answer))) mayBeTaken(init?.body);
      // The refusal is of the second time. Told as one, the request would be made anew, and might be done twice.
      else if (hasGone(init?.body)) throw new TypeError('the answer to an earlier sending was lost');
      return answer;
    } catch (error) {
      if (!isBeforeSending(error)) mayBeTaken(init?.body);
      throw error;
    }
  };
  return { left: () => left, fetch: resending(watched) };
}

async function isDateRefused(answer: Response): Promise<boolean> {
  return answer.status === 400 && (await answer.clone().text()).startsWith(dateRefusal);
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
