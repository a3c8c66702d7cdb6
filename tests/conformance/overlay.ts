// What the referee's scored scenarios need and the product has not: fixtures on top of the real server. Only tests load this.
import type { McpServer, McpServerFactory } from '@modelcontextprotocol/server';
import { registerContent } from './content.ts';
import { registerInputRequired, states } from './input-required.ts';
import { registerNotices, registerTalk } from './talk.ts';

/** The product's own server, made by `create`, with the fixtures beside its tools. */
export function overlayFixtures(create: () => McpServer): McpServerFactory {
  return ({ era }) => {
    const server = create();
    registerContent(server);
    registerInputRequired(server);
    // The place where the library keeps the check of its option `requestState`: the product needs none, its token checks itself.
    Reflect.set(server.server, '_requestStateVerify', states.verify);
    registerNotices(server);
    if (era === 'legacy') registerLegacy(server);
    return server;
  };
}

/** What only revision 2025-11-25 has. */
function registerLegacy(server: McpServer): void {
  server.server.registerCapabilities({ logging: {}, resources: { subscribe: true } });
  registerTalk(server);
  for (const method of ['resources/subscribe', 'resources/unsubscribe'] as const)
    server.server.setRequestHandler(method, async () => ({}));
  server.server.setRequestHandler('logging/setLevel', async () => ({}));
}
