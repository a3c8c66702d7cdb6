// Shell (sockets): the interface on a TCP port, for clients that may be slow, broken or hostile. Each check stands before the dearer
// ones: host, address, declared length, budget, body, and then (in the handler) form, time, target and only last signatures.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { noBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { type BodyRefusal, type ByteBudget, createByteBudget, declaredLength, receiveBody } from './body.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { type Connection, type Connections, trackConnections } from './connection.ts';
import type { Handler } from './handler.ts';
import { isHostAllowed } from './host-check.ts';
import { bodyByteCountMax, defaultServerLimits, type ServerLimits } from './limits.ts';
import { createTextResponse, type HttpResponse } from './response.ts';
import type { Route } from './routes.ts';
import { sendEarly, sendResponse } from './send.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

export interface ServerOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** The address to listen on; 127.0.0.1 unless given. */
  readonly address?: string;
  /** Names besides loopback ones under which browsers may reach it. */
  readonly allowedHosts?: readonly string[] | 'any';
  readonly limits?: Partial<ServerLimits>;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, lets those under way end, then closes every connection. */
  close(): Promise<void>;
}

interface Serving {
  readonly handler: Handler;
  readonly allowedHosts: readonly string[] | 'any';
  readonly budget: ByteBudget;
  readonly queue: WorkQueue;
  readonly connections: Connections;
  isClosing: boolean;
}

/** A refusal when the port cannot be had. */
export async function startServer(
  handler: Handler,
  options: ServerOptions = {},
): Promise<Result<RunningServer, string>> {
  const limits = { ...defaultServerLimits, ...options.limits };
  const server = createServer(nodeOptions(limits));
  const serving: Serving = {
    handler,
    allowedHosts: options.allowedHosts ?? [],
    budget: createByteBudget(limits.bufferedByteCountMax),
    queue: createWorkQueue(),
    connections: trackConnections(server, limits.connectionCountMax),
    isClosing: false,
  };
  server.timeout = limits.idleTimeoutMs;
  const accept = (request: IncomingMessage, response: ServerResponse): void => enqueue(serving, request, response);
  server.on('request', accept);
  // Without this listener Node would invite the body before anything was checked.
  server.on('checkContinue', accept);
  server.on('clientError', answerBrokenRequest);
  const listening = await listen(server, options.port ?? 0, options.address ?? '127.0.0.1');
  if (!listening.ok) return listening;
  const { port, address, family } = listening.value;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  return ok({ url, port, close: () => close(server, serving, limits.closeGraceMs) });
}

function nodeOptions({ headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs }: ServerLimits) {
  return {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // How often Node looks for connections that are over their time.
    connectionsCheckingInterval: Math.min(1000, headersTimeoutMs),
    noDelay: true,
  };
}

function listen(server: Server, port: number, address: string): Promise<Result<AddressInfo, string>> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(refuse(describeListenError(error, port, address))));
    server.listen(port, address, () => {
      const bound = server.address();
      resolve(bound === null || typeof bound === 'string' ? refuse('the server has no address') : ok(bound));
    });
  });
}

function describeListenError({ code, message }: NodeJS.ErrnoException, port: number, address: string): string {
  if (code === 'EADDRINUSE')
    return `port ${port} on ${address} is taken: end what listens there, or choose another port`;
  if (code === 'EACCES') return `port ${port} is reserved to the administrator: choose one above 1023`;
  if (code === 'EADDRNOTAVAIL') return `${address} is not an address of this machine`;
  return `cannot listen on ${address}:${port}: ${message}`;
}

function enqueue(serving: Serving, request: IncomingMessage, response: ServerResponse): void {
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

async function close(server: Server, serving: Serving, graceMs: number): Promise<void> {
  serving.isClosing = true;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  serving.connections.closeIdle();
  const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(deadline);
}
