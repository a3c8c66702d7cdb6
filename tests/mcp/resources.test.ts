// Machines as resources, to real MCP clients of both revisions.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWashers } from './machines.ts';
import { type Assistant, createMcpWorld, type McpWorld } from './world.ts';

let world: McpWorld;
let washers: readonly string[];
beforeAll(async () => {
  world = await createMcpWorld();
  washers = await createWashers(await world.assist('first'), 2);
}, 240_000);
afterAll(() => world?.close());

describe.each(['auto', 'legacy'] as const)('resources, to a client in mode %s', (mode) => {
  let assistant: Assistant;
  beforeAll(async () => {
    assistant = await world.assist(`assistant ${mode}`, mode);
  });

  it('are listed as templates, and listing them asks nothing of the network', async () => {
    const { resourceTemplates } = await assistant.client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'machine://{id}',
      'machine://{id}/statement',
      'machine://{id}/requests',
      'skill://{+path}',
    ]);
    const { resources } = await assistant.client.listResources();
    expect(resources.filter(({ uri }) => !uri.startsWith('skill://'))).toEqual([]);
    expect(assistant.audited).toEqual([]);
  });

  it('hold what the tool of the same name answers, and are in the audit log like it', async () => {
    const [machine] = washers;
    for (const [uri, tool] of [
      [`machine://${machine}`, 'machine'],
      [`machine://${machine}/statement`, 'statement'],
      [`machine://${machine}/requests`, 'requests'],
    ] as const) {
      const { contents } = await assistant.client.readResource({ uri });
      const answer = await assistant.call(tool, { machine });
      expect(contents).toMatchObject([{ uri, mimeType: 'application/json', text: answer.text }]);
      expect(assistant.audited.slice(-2).map((entry) => entry.tool)).toEqual([tool, tool]);
    }
  });

  it('that do not exist are refused with what is wrong', async () => {
    await expect(assistant.client.readResource({ uri: 'machine://nobody' })).rejects.toThrow(/IdInvalid/);
    await expect(assistant.client.readResource({ uri: `machine://${'a'.repeat(64)}` })).rejects.toThrow(/no id/);
    await expect(assistant.client.readResource({ uri: 'money://all' })).rejects.toThrow();
  });

  it('complete the ids of machines', async () => {
    const [machine] = washers;
    const complete = async (value: string) => {
      const ref = { type: 'ref/resource', uri: 'machine://{id}' } as const;
      return (await assistant.client.complete({ ref, argument: { name: 'id', value } })).completion.values;
    };
    expect(await complete('')).toEqual(expect.arrayContaining([...washers]));
    expect(await complete(machine!.slice(0, 8))).toContain(machine);
    expect(await complete('nothing')).toEqual([]);
  });
});
