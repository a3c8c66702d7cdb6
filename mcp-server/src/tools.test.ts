// What every host puts before its model, counted: it is paid for in every conversation. The whole list is kept beside this test, so
// that a change of it shows in review.
import { resolve } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { expect, it } from 'vitest';
import { createConfirmations } from './confirm.ts';
import { instructions } from './instructions.ts';
import { createRateLimiter } from './rate-limit.ts';
import { createServerFactory } from './server.ts';
import { readTexts } from './texts-folder.ts';
import { tools } from './tools/index.ts';
import type { World } from './world.ts';

const toolsMax = 16;
const bytesMax = 8_000;
const averageBytesMax = 480;
/** Where hosts cut. */
const instructionCharsMax = 4_000;

const nowhere: World = {
  caller: 'aa' as PrincipalHex,
  open: () => {
    throw new Error('listing opens nothing');
  },
  nowMs: () => 0,
  audit: () => {},
};

async function connect() {
  const settings = {
    world: nowhere,
    confirmations: createConfirmations(nowhere.nowMs),
    limiter: createRateLimiter(nowhere.nowMs),
    isReadOnly: false,
    isSimulated: false,
    version: '0.0.0',
    tools,
    toolsets: new Set(['default'] as const),
    texts: readTexts(resolve(import.meta.dirname, '../..')),
    onFault: (error: unknown) => {
      throw error;
    },
  };
  const handler = createMcpHandler(createServerFactory(settings));
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } });
  const fetch = (url: string | URL, init?: RequestInit) => handler.fetch(new Request(url, init));
  await client.connect(new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch }));
  const close = async () => {
    await client.close();
    await handler.close();
  };
  return { client, close };
}

async function listTools() {
  const { client, close } = await connect();
  const listed = await client.listTools();
  await close();
  return listed.tools;
}

it('the tools of a conversation are few and short', async () => {
  const listed = await listTools();
  const seen = listed.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  const bytes = Buffer.byteLength(JSON.stringify(seen));
  expect(listed.length).toBeLessThanOrEqual(toolsMax);
  expect(bytes).toBeLessThanOrEqual(bytesMax);
  expect(bytes / listed.length).toBeLessThanOrEqual(averageBytesMax);
});

it('the list of tools is the one that was reviewed', async () => {
  const listed = await listTools();
  await expect(`${JSON.stringify(listed, null, 2)}\n`).toMatchFileSnapshot('./tools.snapshot.json');
});

it('every tool says what a host may expect of it, and what it answers', async () => {
  for (const { name, title, description, annotations, outputSchema } of await listTools()) {
    expect(
      [title, description, outputSchema].filter((part) => part === undefined),
      name,
    ).toEqual([]);
    const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations ?? {};
    for (const hint of [readOnlyHint, destructiveHint, idempotentHint, openWorldHint])
      expect(hint, name).toBeTypeOf('boolean');
  }
});

it('the instructions name every tool that they need and no other, and no host cuts them', async () => {
  const names = (await listTools()).map(({ name }) => name);
  const quoted = [...instructions.matchAll(/`([a-z_]+)`/g)].map(([, word]) => word!);
  const known = [...names, 'confirm', 'command_id', 'waiting_for_a_person', 'declined'];
  expect(quoted.filter((word) => !known.includes(word))).toEqual([]);
  expect(instructions.length).toBeLessThan(instructionCharsMax);
});

it('a prompt is filled with what the person said, and names only tools that are there', async () => {
  const names = (await listTools()).map(({ name }) => name);
  const { client, close } = await connect();
  const { prompts } = await client.listPrompts();
  expect(prompts.length).toBeGreaterThan(0);
  for (const { name, arguments: asked = [] } of prompts) {
    const given = Object.fromEntries(asked.map((one) => [one.name, `<{machine} ${one.name}>`]));
    const { messages } = await client.getPrompt({ name, arguments: given });
    const [message] = messages;
    const text = message?.content.type === 'text' ? message.content.text : '';
    for (const answer of Object.values(given)) expect(text, name).toContain(answer);
    const quoted = [...text.matchAll(/`([a-z_]+)`/g)].map(([, word]) => word!);
    expect(quoted.length, name).toBeGreaterThan(0);
    expect(
      quoted.filter((word) => !names.includes(word)),
      name,
    ).toEqual([]);
  }
  await close();
});
