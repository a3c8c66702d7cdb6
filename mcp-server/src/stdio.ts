// MCP over standard input and output. Whatever else writes to the console goes to standard error: a single stray line on standard
// output ends a session.
import type { McpServerFactory } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

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
  return serveStdio(factory, { onerror: onFault });
}
