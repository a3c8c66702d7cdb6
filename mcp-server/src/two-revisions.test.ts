// Sessions of clients of revision 2025-11-25, by real clients: what they are for, and how they end.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { inputRequired, inputResponse, McpServer } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';
import { createHandler, type Handler } from './two-revisions.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function createAsking(): McpServer {
  const server = new McpServer({ name: 'test', version: '0' });
  server.registerTool('ask', { description: 'Asks the person' }, async ({ mcpReq }) => {
    const response = inputResponse(mcpReq.inputResponses, 'agree');
    if (response.kind === 'elicit') return { content: [{ type: 'text', text: response.action }] };
    const requestedSchema = { type: 'object' as const, properties: {} };
    const agree = inputRequired.elicit({ mode: 'form', message: 'Shall I?', requestedSchema });
    return inputRequired({ inputRequests: { agree } });
  });
  return server;
}

function open(): Handler {
  const handler = createHandler(createAsking, {
    maxRequestBodySize: 10_000,
    onFault: (error) => {
      throw error;
    },
  });
  closers.push(handler.close);
  return handler;
}

async function connect(handler: Handler, mode: 'auto' | 'legacy') {
  const client = new Client(
    { name: 'test', version: '0' },
    { versionNegotiation: { mode }, capabilities: { elicitation: { form: {} } } },
  );
  client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: {} }));
  const fetch = (url: string | URL, init?: RequestInit) => handler.fetch(new Request(url, init));
  const transport = new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch });
  await client.connect(transport);
  closers.push(() => client.close());
  return { client, transport };
}

const post = (handler: Handler, body: unknown, headers: Record<string, string> = {}) =>
  handler.fetch(
    new Request('http://localhost/mcp', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: JSON.stringify(body),
    }),
  );
const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };

describe('one handler for both revisions', () => {
  it.each(['auto', 'legacy'] as const)(
    'asks the person of a client in mode %s in the middle of a call',
    async (mode) => {
      const { client, transport } = await connect(open(), mode);
      const { content } = await client.callTool({ name: 'ask' });
      expect(content).toEqual([{ type: 'text', text: 'accept' }]);
      expect(transport.sessionId === undefined).toBe(mode === 'auto');
    },
  );

  it('keeps sessions apart, and ends the one that its client ends', async () => {
    const handler = open();
    const [one, other] = [await connect(handler, 'legacy'), await connect(handler, 'legacy')];
    const [first, second] = [one.transport.sessionId, other.transport.sessionId];
    expect(first).not.toBe(second);
    await one.transport.terminateSession();
    expect((await post(handler, listTools, { 'mcp-session-id': first! })).status).toBe(404);
    expect((await other.client.listTools()).tools).toHaveLength(1);
  });

  it('tells who comes with an unknown session to begin again', async () => {
    const response = await post(open(), listTools, { 'mcp-session-id': 'nobody' });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('initialize');
  });

  it('serves a single request of the former revision without any session', async () => {
    const response = await post(open(), listTools);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('"ask"');
  });

  it('keeps no session of a beginning that was none, or was too long', async () => {
    const handler = open();
    const begin = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: 5 } };
    expect((await post(handler, begin)).headers.get('mcp-session-id')).toBeNull();
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x'.repeat(20_000), version: '0' },
    };
    expect((await post(handler, { ...begin, params })).status).toBe(413);
  });
});
