// Subscriptions to machines, in both revisions. The library keeps the protocol of them; which addresses are wanted it tells nobody, so
// that is read from the requests on their way to it. What is listened to ends with the session, the stream or the request for it.
import {
  type McpHttpHandler,
  type McpServer,
  type McpServerFactory,
  ProtocolError,
  ProtocolErrorCode,
  type Transport,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Watcher } from './watch.ts';

/** Open ones of one assistant; a host has one or two. */
export const subscriptionsMax = 64;
const listenMethod = 'subscriptions/listen';

const ListenRequest = z.object({
  id: z.union([z.string(), z.number()]),
  method: z.literal(listenMethod),
  params: z.object({ notifications: z.object({ resourceSubscriptions: z.array(z.string().max(200)).max(100) }) }),
});
const CancelledNotice = z.object({
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});

/** The watcher of each factory: whoever serves a factory can see to its subscriptions. */
const watchers = new WeakMap<McpServerFactory, Watcher>();
const served = new WeakSet<McpServerFactory>();

export function keepWatcher(factory: McpServerFactory, watcher: Watcher): void {
  watchers.set(factory, watcher);
}

/** Only what is served can be subscribed to, and only then it is promised. */
export function isServingSubscriptions(factory: McpServerFactory): boolean {
  return served.has(factory);
}

function serveSubscriptions(factory: McpServerFactory): Watcher | null {
  served.add(factory);
  return watchers.get(factory) ?? null;
}

function watchAll(watcher: Watcher | null, uris: readonly string[], changed: (uri: string) => void): () => void {
  const ends = uris.map((uri) => watcher?.watch(uri, () => changed(uri)) ?? null);
  return () => {
    for (const end of ends) end?.();
  };
}

const notWatched =
  'Nothing can be watched there: machine://ID, with or without /statement or /requests, can be, a few machines at a time';

/** 2025-11-25: requests of their own, on a server that lives as long as the session. */
export function registerSubscriptions({ server }: McpServer, watcher: Watcher): void {
  const ends = new Map<string, () => void>();
  const changed = (uri: string) => void server.sendResourceUpdated({ uri }).catch(() => {});
  const end = (uri: string) => {
    ends.get(uri)?.();
    ends.delete(uri);
  };
  server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
    end(uri);
    const ended = ends.size < subscriptionsMax ? watcher.watch(uri, () => changed(uri)) : null;
    if (ended === null) throw new ProtocolError(ProtocolErrorCode.InvalidParams, notWatched);
    ends.set(uri, ended);
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', async ({ params: { uri } }) => {
    end(uri);
    return {};
  });
  server.onclose = () => {
    for (const uri of [...ends.keys()]) end(uri);
  };
}

/** 2026-07-28 over HTTP: one request whose answer goes on. */
export function listeningHandler(factory: McpServerFactory, handler: McpHttpHandler): McpHttpHandler {
  const watcher = serveSubscriptions(factory);
  const fetch: McpHttpHandler['fetch'] = async (request, options) => {
    if (request.headers.get('mcp-method') !== listenMethod) return await handler.fetch(request, options);
    const asked = ListenRequest.safeParse(await readJson(request.clone()));
    const response = await handler.fetch(request, options);
    if (!asked.success || response.body === null || !response.ok) return response;
    const { resourceSubscriptions } = asked.data.params.notifications;
    const end = watchAll(watcher, resourceSubscriptions, (uri) => handler.notify.resourceUpdated(uri));
    request.signal.addEventListener('abort', end, { once: true });
    return new Response(endingStream(response.body, end), response);
  };
  return { ...handler, fetch };
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return null;
  }
}

/** The same bytes; `end` when there are no more, or when nobody reads them any more. */
function endingStream(body: ReadableStream<Uint8Array>, end: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      end();
      controller.close();
    },
    cancel: async (reason) => {
      end();
      await reader.cancel(reason);
    },
  });
}

/** 2026-07-28 over streams: the server of the connection tells, and the library sends it to those who listen. */
export function listeningTransport(
  factory: McpServerFactory,
  inner: Transport,
): { readonly factory: McpServerFactory; readonly transport: Transport } {
  const watcher = serveSubscriptions(factory);
  const ends = new Map<string | number, () => void>();
  let current: McpServer | null = null;
  const end = (id: string | number) => {
    ends.get(id)?.();
    ends.delete(id);
  };
  const changed = (uri: string) => void current?.server.sendResourceUpdated({ uri }).catch(() => {});
  const note = (message: unknown) => {
    const asked = ListenRequest.safeParse(message);
    const cancelled = CancelledNotice.safeParse(message);
    if (cancelled.success) end(cancelled.data.params.requestId);
    if (!asked.success || ends.size >= subscriptionsMax) return;
    const { id, params } = asked.data;
    end(id);
    ends.set(id, watchAll(watcher, params.notifications.resourceSubscriptions, changed));
  };
  const transport: Transport = {
    start: () => inner.start(),
    send: (message, options) => inner.send(message, options),
    close: () => inner.close(),
  };
  inner.onmessage = (message, extra) => {
    transport.onmessage?.(message, extra);
    note(message);
  };
  inner.onerror = (error) => transport.onerror?.(error);
  inner.onclose = () => {
    for (const id of [...ends.keys()]) end(id);
    transport.onclose?.();
  };
  const remembering: McpServerFactory = async (context) => {
    const made = await factory(context);
    if ('server' in made) current = made;
    return made;
  };
  return { factory: remembering, transport };
}
