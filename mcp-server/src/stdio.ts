// MCP over standard input and output. Whatever else writes to the console goes to standard error: a single stray line on standard
// output ends a session.
import type { McpServerFactory, Transport } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { listeningTransport, subscriptionsMax } from './subscriptions.ts';

/** Called before anything else is loaded that might write. */
export function keepConsoleOffStdout(): void {
  for (const name of ['log', 'info', 'debug', 'dir', 'table'] as const) {
    console[name] = (...words: unknown[]) => console.error(...words);
  }
}

export interface StdioEndpoint {
  close(): Promise<void>;
}

export function serveStandardStreams(factory: McpServerFactory, onFault: (error: unknown) => void): StdioEndpoint {
  return serveTransport(factory, new StdioServerTransport(), onFault);
}

/** Over any transport: of one connection, as those streams are. */
export function serveTransport(
  given: McpServerFactory,
  inner: Transport,
  onFault: (error: unknown) => void,
): StdioEndpoint {
  const { factory, transport } = listeningTransport(given, inner);
  return serveStdio(factory, { transport, maxSubscriptions: subscriptionsMax, onerror: onFault });
}
