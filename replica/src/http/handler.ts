// From a request to an answer, without any HTTP library: what the server, the in-process fetch and the tests share.
// Never throws and never rejects: a bug becomes a 500, a failing disk a 503 that says so, both a line in the log.
import type { WaitForAnswer } from './call.ts';
import type { Core } from './core.ts';
import { createTextResponse, type HttpResponse } from './response.ts';
import { findRoute, type Route } from './routes.ts';

export interface HandlerOptions {
  readonly replicaVersion: string;
  readonly waitForAnswer: WaitForAnswer;
  /** One line for the operator. */
  readonly log: (line: string) => void;
}

export interface Handler {
  /** What can be answered without the body: unknown addresses, wrong methods, preflights. */
  find: typeof findRoute;
  answer(route: Route, body: Uint8Array): Promise<HttpResponse>;
  logBug(thrown: unknown): void;
}

export function createHandler(core: Core, { replicaVersion, waitForAnswer, log }: HandlerOptions): Handler {
  const context = { core, replicaVersion, waitForAnswer };
  const logBug = (thrown: unknown): void => {
    log(
      `bug while answering a request: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`,
    );
  };
  let told: string | null = null;
  const refuseThrown = (thrown: unknown): HttpResponse => {
    if (isOperational(thrown)) {
      // It stays until the store is opened anew, and clients ask on: one line tells it.
      if (told !== thrown.message) log(`cannot serve: ${thrown.message}`);
      told = thrown.message;
      return createTextResponse(503, `The replica cannot serve this now. ${thrown.message}`);
    }
    logBug(thrown);
    return createTextResponse(500, 'Internal error of the replica; its log says more. Trying again may help.');
  };
  return {
    find: findRoute,
    answer: async (route, body) => {
      try {
        return await route.answer(context, body);
      } catch (thrown) {
        return refuseThrown(thrown);
      }
    },
    logBug,
  };
}

/** An error that says what the operator can do is no bug: the disk is full, say. */
function isOperational(thrown: unknown): thrown is Error & { readonly nextStep: string } {
  return thrown instanceof Error && 'nextStep' in thrown && typeof thrown.nextStep === 'string';
}
