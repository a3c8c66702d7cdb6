// Shell (sockets): one request on its way through the server. Each check stands before the dearer ones: host, address,
// declared length, budget, body, and then (in the handler) form, time, target and only last signatures.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { noBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { type BodyRefusal, type ByteBudget, declaredLength, receiveBody } from './body.ts';
import type { Connection, Connections } from './connection.ts';
import type { Handler } from './handler.ts';
import { isHostAllowed, mayControl } from './host-check.ts';
import { bodyByteCountMax } from './limits.ts';
import { closeToPages, createTextResponse, type HttpResponse } from './response.ts';
import type { Route } from './routes.ts';
import { sendEarly, sendResponse } from './send.ts';
import type { WorkQueue } from './work-queue.ts';

/** What all requests of a server share. */
export interface Serving {
  readonly handler: Handler;
  readonly allowedHosts: readonly string[] | 'any';
  readonly budget: ByteBudget;
  readonly queue: WorkQueue;
  readonly connections: Connections;
  isClosing: boolean;
}

/** Serves the request when those before it on its connection are answered. Never throws. */
export function serveRequest(serving: Serving, request: IncomingMessage, response: ServerResponse): void {
  // A socket that breaks while an answer is being written is no news.
  response.on('error', () => undefined);
  const connection = serving.connections.of(request.socket);
  const work = serve.bind(null, serving, connection, request, response);
  const isTaken = connection.enqueue(() => work().catch((bug) => dropConnection(serving, request, bug)));
  if (!isTaken) request.socket.destroy();
}

function dropConnection({ handler }: Serving, request: IncomingMessage, bug: unknown): void {
  handler.logBug(bug);
  request.socket.destroy();
}

async function serve(
  serving: Serving,
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.socket.destroyed) return;
  const route = admit(serving, connection, request);
  if (!route.ok) return finishEarly(connection, request, response, route.error);
  const body = await receive(serving, route.value, request, response);
  if (!body.ok) return finishBody(connection, request, response, body.error);
  connection.noteWhole();
  const { handler, queue, budget } = serving;
  try {
    const answer = await queue.run(connection.lane, () => handler.answer(route.value, body.value));
    connection.noteStatus(answer.status);
    if (serving.isClosing && !response.headersSent) response.setHeader('connection', 'close');
    await sendResponse(response, answer, budget);
  } finally {
    budget.give(body.value.length);
  }
}

/** What can be said before the body. */
function admit(serving: Serving, connection: Connection, request: IncomingMessage): Result<Route, HttpResponse> {
  const { isClosing, allowedHosts, handler, queue } = serving;
  if (isClosing) return refuse(early.closing);
  if (!isHostAllowed(request.headers.host, allowedHosts)) return refuse(early.foreignHost);
  // Under load a connection that sends little but rubbish is not even listened to.
  if (connection.lane === 'suspect' && queue.waitingCount >= busyCountMin) return refuse(early.tooManyRefused);
  const route = handler.find(request.method ?? 'GET', pathOf(request.url ?? '/'));
  if (route.ok && route.value.isControl && !mayControl(request.headers, allowedHosts)) return refuse(early.foreignPage);
  if (!route.ok || (declaredLength(request) ?? 0) <= bodyByteCountMax) return route;
  return refuse(early.tooLarge);
}

function pathOf(target: string): string {
  const path = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '');
  return path.replace(/[?#].*$/s, '') || '/';
}

async function receive({ budget }: Serving, route: Route, request: IncomingMessage, response: ServerResponse) {
  if (!route.takesBody) return ok(noBytes);
  if (!budget.hasRoomFor(declaredLength(request) ?? 0)) return refuse<BodyRefusal>('overBudget');
  if (request.headers.expect !== undefined) response.writeContinue();
  return receiveBody(request, bodyByteCountMax, budget);
}

/** More requests than one slice of work takes are waiting. */
const busyCountMin = 32;

const shortly = { 'retry-after': '1' };
const early = {
  closing: createTextResponse(503, 'The replica is shutting down.'),
  foreignHost: createTextResponse(
    403,
    'This host name is not allowed here: use localhost or 127.0.0.1, or start the server with this name allowed.',
  ),
  foreignPage: closeToPages(
    createTextResponse(
      403,
      'This address is not for web pages: ask from a program that sends no Origin, and name the host localhost or ' +
        'one that the server was told to allow.',
    ),
  ),
  tooManyRefused: createTextResponse(429, 'Most requests of this connection were refused; try again shortly.', shortly),
  tooLarge: createTextResponse(413, `The body has more than ${bodyByteCountMax} bytes, which no request needs.`),
  overBudget: createTextResponse(503, 'Too much is being received at once; try again shortly.', shortly),
};

async function finishBody(
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
  refusal: BodyRefusal,
): Promise<void> {
  if (refusal !== 'aborted') return finishEarly(connection, request, response, early[refusal]);
}

async function finishEarly(
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
  answer: HttpResponse,
): Promise<void> {
  connection.noteStatus(answer.status);
  await sendEarly(request, response, answer);
}
