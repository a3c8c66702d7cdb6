// Streamable HTTP on loopback. Before anything of the protocol is looked at: the Host must be this machine's, an Origin a page of
// this machine, and the bearer token the one that was handed out.
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, type McpServerFactory } from '@modelcontextprotocol/server';

export interface HttpSettings {
  /** 0 takes a free one. */
  readonly port: number;
  /** Who has it may call; it stands in a file that only its owner reads. */
  readonly token: string;
  onFault(error: unknown): void;
}

export interface HttpEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** The longest call of ours is fifty machines with their descriptions: well below. */
const bodyBytesMax = 1_048_576;
/** An assistant has a few; beyond this, somebody floods. */
const connectionsMax = 512;
/** A request that is not sent within this time is not being sent by a program that means it. */
const requestTimeoutMs = 30_000;
const path = '/mcp';

export async function serveHttp(factory: McpServerFactory, settings: HttpSettings): Promise<HttpEndpoint> {
  const handler = createMcpHandler(factory, { maxRequestBodySize: bodyBytesMax, onerror: settings.onFault });
  const serve = toNodeHandler(handler);
  const [isHostFine, isOriginFine] = [localhostHostValidation(), localhostOriginValidation()];
  const isTokenFine = tokenCheck(settings.token);
  const server = createServer((request, response) => {
    if (!isHostFine(request, response) || !isOriginFine(request, response)) return;
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== path)
      return refuse(response, 404, `the endpoint is ${path}`);
    if (!isTokenFine(request))
      return refuse(response, 401, 'send the header Authorization: Bearer TOKEN', bearerChallenge);
    // Node's own request; the library's type only leaves out that fields may be undefined.
    serve(request as Parameters<typeof serve>[0], response).catch(settings.onFault);
  });
  server.maxConnections = connectionsMax;
  server.requestTimeout = requestTimeoutMs;
  const port = await listen(server, settings.port);
  return {
    url: `http://127.0.0.1:${port}${path}`,
    close: async () => {
      await handler.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const bearerChallenge = { 'www-authenticate': 'Bearer realm="tamc"' };

/** Compared as hashes, so that neither length nor content shows in the time it takes. */
function tokenCheck(token: string): (request: IncomingMessage) => boolean {
  const hashOf = (text: string) => createHash('sha256').update(text).digest();
  const wanted = hashOf(`Bearer ${token}`);
  return ({ headers }) => timingSafeEqual(hashOf(headers.authorization ?? ''), wanted);
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
