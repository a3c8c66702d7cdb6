// Shell (timer): what is open for whom over HTTP: a handler for each factory, so that what one assistant listens to, another does not
// hear. It is open as long as the token that opened it: a stream that goes on by itself would never be asked for its token again.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import type { McpServerFactory } from '@modelcontextprotocol/server';
import { createHandler, type HandlerSettings } from './two-revisions.ts';

/**
 * The server of who has this token; null: nobody has. The same token gives the same factory. Looked up by a hash of the token, so
 * that its content does not show in the time it takes.
 */
export type FindFactory = (token: string) => McpServerFactory | null;

export interface Doors {
  /** By the factory that this token gives. */
  serve(token: string, factory: McpServerFactory, request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

interface Door {
  readonly token: string;
  readonly serve: ReturnType<typeof toNodeHandler>;
  /** Answers under way, and streams. */
  readonly responses: Set<ServerResponse>;
  close(): Promise<void>;
}

/** Whoever takes a token away sees within moments that nothing comes through any more; a look reads a few small files. */
const lookEveryMs = 2_000;

export function createDoors(findFactory: FindFactory, settings: HandlerSettings): Doors {
  const open = new Map<McpServerFactory, Door>();
  const openFor = (factory: McpServerFactory, token: string): Door => {
    const door = createDoor(factory, token, settings);
    open.set(factory, door);
    return door;
  };
  const isGone = (factory: McpServerFactory, { token }: Door): boolean => {
    try {
      return findFactory(token) !== factory;
    } catch (error) {
      settings.onFault(error);
      return true;
    }
  };
  const endGone = () => {
    for (const [factory, door] of open) {
      if (!isGone(factory, door)) continue;
      open.delete(factory);
      for (const response of door.responses) response.destroy();
      door.close().catch(settings.onFault);
    }
  };
  const timer = setInterval(endGone, lookEveryMs).unref();
  return {
    serve: async (token, factory, request, response) => {
      const { serve, responses } = open.get(factory) ?? openFor(factory, token);
      responses.add(response);
      response.once('close', () => responses.delete(response));
      // Node's own request; the library's type only leaves out that fields may be undefined.
      await serve(request as Parameters<Door['serve']>[0], response);
    },
    close: async () => {
      clearInterval(timer);
      await Promise.all([...open.values()].map((door) => door.close()));
    },
  };
}

function createDoor(factory: McpServerFactory, token: string, settings: HandlerSettings): Door {
  const { maxRequestBodySize, onFault } = settings;
  const handler = createHandler(factory, settings);
  const serve = toNodeHandler(handler, { onerror: onFault, maxRequestBodySize });
  return { token, serve, responses: new Set(), close: () => handler.close() };
}
