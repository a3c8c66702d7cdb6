// What the referee's scored scenarios need and the product has not: fixtures on top of the real server. Only tests load this.
import { McpServer, type McpServerFactory } from '@modelcontextprotocol/server';
import { assert } from '@tamc/base/assert';
import { registerContent } from './content.ts';
import { registerInputRequired, states } from './input-required.ts';
import { registerNotices, registerTalk } from './talk.ts';

/** The product's own servers, with the fixtures beside their tools. */
export function overlayFixtures(product: McpServerFactory): McpServerFactory {
  return async (context) => {
    const server = await product(context);
    assert(server instanceof McpServer, 'the product makes servers of the high level');
    registerContent(server);
    registerInputRequired(server);
    // The place where the library keeps the check of its option `requestState`: the product needs none, its token checks itself.
    Reflect.set(server.server, '_requestStateVerify', states.verify);
    registerNotices(server);
    if (context.era === 'legacy') registerLegacy(server);
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
