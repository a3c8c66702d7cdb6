import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Connection } from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { describe, expect, it } from 'vitest';
import { connectionToWorld, createAssistantHandler } from './assistant-server.ts';

describe('the server of an assistant', () => {
  it('lists tools, prompts and resources without a word to the network', async () => {
    const self = '01' as PrincipalHex;
    const connection: Connection = new Proxy({} as Connection, {
      get: (_, name) => {
        if (name === 'self') return self;
        throw new Error(`the network was asked for ${String(name)}`);
      },
    });
    const handler = createAssistantHandler({
      world: connectionToWorld({ connection, registry: '02' as PrincipalHex, owner: '03' as PrincipalHex }),
      isReadOnly: true,
    });
    const client = new Client({ name: 'test', version: '0' });
    const fetch = (url: string | URL, init?: RequestInit) => handler.fetch(new Request(url, init));
    await client.connect(new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch }));
    const { tools } = await client.listTools();
    expect(tools.length).toBeGreaterThan(3);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true);
    expect((await client.listPrompts()).prompts.length).toBeGreaterThan(0);
    await client.close();
    await handler.close();
  });
});
