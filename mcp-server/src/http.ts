// Streamable HTTP on loopback. Before anything of the protocol is looked at: the Host must be this machine's, an Origin a page of
// this machine, and the bearer token one that was handed out: it decides who is served. Nothing that a request holds, and nothing that
// fails while it is answered, leaves this file as an error: the process serves others too.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { localhostHostValidation, localhostOriginValidation } from '@modelcontextprotocol/node';
import type { McpServerFactory } from '@modelcontextprotocol/server';
import { trackConnections } from './connections.ts';
import { createDoors, type FindFactory } from './http-doors.ts';

export interface HttpSettings {
  /** 0 takes a free one. */
  readonly port: number;
  /** Left out: 512. */
  readonly connectionsMax?: number;
  onFault(error: unknown): void;
}

export interface HttpEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** The longest call of ours is fifty machines with their descriptions: well below. */
const bodyBytesMax = 1_048_576;
/**
 * An assistant has a few; beyond this, somebody floods. As many as wait at a socket to be accepted in one go (511) have room, so that
 * a new one is heard before the flood that came with it takes its place.
 */
const defaultConnectionsMax = 512;
/** A client on loopback needs milliseconds; a head that is read late, because a round held this process, is no slow one. */
const headersTimeoutMs = 10_000;
/** How often connections are looked for that are over their time. */
const checkEveryMs = 1_000;
/** A request that is not sent within this time is not being sent by a program that means it. */
const requestTimeoutMs = 30_000;
/**
 * A connection that is silent this long is closed. Far longer than a round of the network may hold this process: else the first thing
 * that it did afterwards would be to close connections on which the next call already waits.
 */
const keepAliveTimeoutMs = 120_000;
const nodeOptions = {
  headersTimeout: headersTimeoutMs,
  requestTimeout: requestTimeoutMs,
  keepAliveTimeout: keepAliveTimeoutMs,
  connectionsCheckingInterval: checkEveryMs,
};
const path = '/mcp';

export async function serveHttp(findFactory: FindFactory, settings: HttpSettings): Promise<HttpEndpoint> {
  const { onFault, connectionsMax = defaultConnectionsMax } = settings;
  const doors = createDoors(findFactory, { maxRequestBodySize: bodyBytesMax, onFault });
  const [isHostFine, isOriginFine] = [localhostHostValidation(), localhostOriginValidation()];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (!isHostFine(request, response) || !isOriginFine(request, response)) return;
    if (pathOf(request) !== path) return refuse(response, 404, `the endpoint is ${path}`);
    const token = tokenOf(request);
    const factory = findFactory(token);
    if (factory === null) return refuse(response, 401, 'send the header Authorization: Bearer TOKEN', bearerChallenge);
    connections.noteServed(request, response, factory);
    await doors.serve(token, factory, request, response);
  };
  const server = createServer(nodeOptions, (request, response) => {
    answer(request, response).catch((error) => {
      onFault(error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'the server failed in a way it should not');
    });
  });
  const connections = trackConnections<McpServerFactory>(server, connectionsMax);
  const port = await listen(server, settings.port);
  return {
    url: `http://127.0.0.1:${port}${path}`,
    close: async () => {
      await doors.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const bearerChallenge = { 'www-authenticate': 'Bearer realm="tamc"' };

/** As it was sent: what a library makes of `//` or of another server's address is nothing to decide by. */
function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function tokenOf({ headers }: IncomingMessage): string {
  return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
}

function refuse(response: ServerResponse, status: number, error: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error }));
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
