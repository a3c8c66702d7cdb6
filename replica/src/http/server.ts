// Shell (sockets): the interface on a TCP port, for clients that may be slow, broken or hostile.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ok, type Result, refuse } from '@tamc/base/result';
import { createByteBudget } from './body.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { trackConnections } from './connection.ts';
import type { Handler } from './handler.ts';
import { defaultServerLimits, type ServerLimits } from './limits.ts';
import { type Serving, serveRequest } from './serve-request.ts';
import { createWorkQueue } from './work-queue.ts';

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

export interface ListenRefusal {
  readonly problem: string;
  readonly nextStep: string;
}

/** A refusal when the port cannot be had. */
export async function startServer(
  handler: Handler,
  options: ServerOptions = {},
): Promise<Result<RunningServer, ListenRefusal>> {
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
  const accept = (request: IncomingMessage, response: ServerResponse): void => serveRequest(serving, request, response);
  server.on('request', accept);
  // Without this listener Node would invite the body before anything was checked.
  server.on('checkContinue', accept);
  server.on('clientError', answerBrokenRequest);
  const listening = await listen(server, options.port ?? 0, options.address ?? '127.0.0.1');
  if (!listening.ok) return listening;
  // For want of file handles a connection cannot be accepted; that is no reason to stop.
  server.on('error', handler.logBug);
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

function listen(server: Server, port: number, address: string): Promise<Result<AddressInfo, ListenRefusal>> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(refuse(describeListenError(error, port, address))));
    server.listen(port, address, () => {
      const bound = server.address();
      resolve(
        bound === null || typeof bound === 'string'
          ? refuse({ problem: 'the server has no address', nextStep: otherPort })
          : ok(bound),
      );
    });
  });
}

const otherPort = 'Choose another port, or 0 for any free one.';

function describeListenError({ code, message }: NodeJS.ErrnoException, port: number, address: string): ListenRefusal {
  if (code === 'EADDRINUSE')
    return {
      problem: `port ${port} on ${address} is taken`,
      nextStep: 'Choose another port, or 0 for any free one; or end what listens there.',
    };
  if (code === 'EACCES')
    return {
      problem: `port ${port} is reserved to the administrator`,
      nextStep: 'Choose one above 1023, or 0 for any.',
    };
  if (code === 'EADDRNOTAVAIL')
    return { problem: `${address} is not an address of this machine`, nextStep: 'Choose one that is, like 127.0.0.1.' };
  return { problem: `cannot listen on ${address}:${port}: ${message}`, nextStep: otherPort };
}

async function close(server: Server, serving: Serving, graceMs: number): Promise<void> {
  serving.isClosing = true;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  serving.connections.closeIdle();
  const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(deadline);
}
