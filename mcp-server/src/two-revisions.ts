// Shell: one HTTP handler for both revisions of the protocol. The current one needs no sessions. A client of the one before gets one
// when it opens with `initialize`, because only then can the server ask its person something in the middle of a call. A session knows
// no callers: whoever serves several has a handler for each.
import { randomUUID } from 'node:crypto';
import {
  createMcpHandler,
  isInitializeRequest,
  isLegacyRequest,
  type McpServerFactory,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { listeningHandler, subscriptionsMax } from './subscriptions.ts';

export interface HandlerSettings {
  readonly maxRequestBodySize: number;
  onFault(error: unknown): void;
}

export interface Handler {
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** As many as there may be connections. Beyond, the one that was silent longest ends; its client begins a new one by itself. */
const sessionsMax = 512;
const currentRevision = '2026-07-28';

export function createHandler(factory: McpServerFactory, { maxRequestBodySize, onFault }: HandlerSettings): Handler {
  const plain = createMcpHandler(factory, {
    maxRequestBodySize,
    maxSubscriptions: subscriptionsMax,
    onerror: onFault,
  });
  const handler = listeningHandler(factory, plain);
  const sessions = createSessions(factory, maxRequestBodySize);
  return {
    fetch: async (request) => {
      // What names the current revision need not be read twice to know that it is of the current revision.
      const isCurrent = request.headers.get('mcp-protocol-version') === currentRevision;
      if (isCurrent || !(await isLegacyRequest(request, undefined, { maxRequestBodySize })))
        return handler.fetch(request);
      const id = request.headers.get('mcp-session-id');
      if (id !== null) return await sessions.serve(id, request);
      return (await opensSession(request)) ? await sessions.open(request) : handler.fetch(request);
    },
    close: async () => {
      await sessions.close();
      await handler.close();
    },
  };
}

async function opensSession(request: Request): Promise<boolean> {
  if (request.method !== 'POST') return false;
  try {
    return isInitializeRequest(await request.clone().json());
  } catch {
    return false;
  }
}

interface Session {
  serve(request: Request): Promise<Response>;
  close(): Promise<void>;
}

function createSessions(factory: McpServerFactory, maxRequestBodySize: number) {
  /** The one that was silent longest is first. */
  const sessions = new Map<string, Session>();
  const touch = (id: string, session: Session) => {
    sessions.delete(id);
    sessions.set(id, session);
  };
  const endSilent = async () => {
    const [oldest] = sessions;
    if (sessions.size <= sessionsMax || oldest === undefined) return;
    sessions.delete(oldest[0]);
    await oldest[1].close();
  };
  const open = async (request: Request): Promise<Response> => {
    const server = await factory({ era: 'legacy', requestInfo: request });
    const transport: WebStandardStreamableHTTPServerTransport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize,
      onsessioninitialized: (id) => touch(id, { serve: (next) => transport.handleRequest(next), close }),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    const close = () => server.close();
    await server.connect(transport);
    const response = await transport.handleRequest(request);
    if (transport.sessionId === undefined) await close();
    await endSilent();
    return response;
  };
  return {
    open,
    serve: async (id: string, request: Request): Promise<Response> => {
      const session = sessions.get(id);
      if (session === undefined) return unknownSession();
      touch(id, session);
      return await session.serve(request);
    },
    close: async () => {
      for (const session of sessions.values()) await session.close();
      sessions.clear();
    },
  };
}

/** By this answer a client knows that it has to begin again. */
function unknownSession(): Response {
  const message = 'There is no such session: open a new one with initialize';
  const error = { jsonrpc: '2.0', id: null, error: { code: -32_001, message } };
  return Response.json(error, { status: 404 });
}
