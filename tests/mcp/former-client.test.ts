// The client of the line before (`@modelcontextprotocol/sdk`), which many hosts still have, unmodified before the real server over
// HTTP with its guards, on a real network.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type ElicitRequest, ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import type { HttpEndpoint } from '@tamc/mcp-server';
import { serveHttp } from '@tamc/mcp-server/http';
import { connectionToWorld, createAssistantServer } from '@tamc/stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMcpWorld, type McpWorld } from './world.ts';

const token = 'the-token-of-the-former-client';
let world: McpWorld;
let endpoint: HttpEndpoint;
let client: Client;
let asked: ElicitRequest['params'][] = [];
let says: ElicitResult = { action: 'accept', content: {} };

beforeAll(async () => {
  world = await createMcpWorld();
  // Lets it bring machines to life for the owner.
  await world.assist('former');
  const { connection } = await world.meet('former');
  const places = { registry: world.registry, owner: world.owner.id };
  const factory = createAssistantServer({ world: connectionToWorld({ connection, ...places }) });
  const onFault = (error: unknown) => {
    throw error;
  };
  endpoint = await serveHttp((given) => (given === token ? factory : null), { port: 0, onFault });
  client = new Client({ name: 'former', version: '0' }, { capabilities: { elicitation: { form: {} } } });
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    asked.push(params);
    return says;
  });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(endpoint.url), { requestInit }));
}, 240_000);
afterAll(async () => {
  await client?.close();
  await endpoint?.close();
  await world?.close();
});

const wanted = { count: 1, kind: 'washer', make: 'Simulated', model: 'W1', place: 'eycs2', actions: ['wash'] };
const create = async () => await client.callTool({ name: 'create_machines', arguments: wanted });
const machines = async () => {
  const { structuredContent } = await client.callTool({ name: 'machines', arguments: {} });
  return (structuredContent as { machines: { id: string }[] }).machines;
};

describe('the client of the line before', () => {
  it('is told the instructions, and lists tools, prompts, templates and skills', async () => {
    expect(client.getInstructions()).toContain('Safety first');
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('create_machines');
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toContain('hire-out-my-washer');
    expect((await client.listResourceTemplates()).resourceTemplates.length).toBeGreaterThan(0);
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toContain('skill://spin-up-a-fleet/SKILL.md');
  });

  it('is asked before an act, and a no changes nothing', async () => {
    says = { action: 'decline' };
    const { structuredContent, isError } = await create();
    expect(asked.at(-1)).toMatchObject({ message: expect.stringContaining('washer') });
    expect(JSON.stringify({ structuredContent, isError })).not.toContain('"born"');
    expect(await machines()).toEqual([]);
  });

  it('acts when the person agrees, and reads what it did as tool and as resource', async () => {
    says = { action: 'accept', content: {} };
    asked = [];
    const { structuredContent } = await create();
    expect(structuredContent).toMatchObject({ status: 'born', count: 1 });
    expect(asked).toHaveLength(1);
    const [machine] = await machines();
    const { contents } = await client.readResource({ uri: `machine://${machine!.id}` });
    const shown = await client.callTool({ name: 'machine', arguments: { machine: machine!.id } });
    expect(shown.structuredContent).toMatchObject({ id: machine!.id });
    expect(contents[0]).toMatchObject({ text: (shown.content as { text: string }[])[0]!.text });
  });

  it('gets a prompt with its answers in place', async () => {
    const { messages } = await client.getPrompt({
      name: 'hire-out-my-washer',
      arguments: { machine: 'aaaaa-aa', price: '0.05' },
    });
    expect(JSON.stringify(messages)).toContain('Hire out the machine aaaaa-aa at 0.05 per minute');
  });

  it('is told what is wrong with its arguments', async () => {
    const { isError, content } = await client.callTool({ name: 'machine', arguments: { machine: 5 } });
    expect(isError).toBe(true);
    expect(JSON.stringify(content)).toContain('machine');
  });
});
