// The factory behind real clients of both revisions, over the web-standard handler; the world here has no network.
import { resolve } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { ok, refuse } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createConfirmations } from './confirm.ts';
import type { Mode } from './mode.ts';
import { createRateLimiter } from './rate-limit.ts';
import { createServerFactory, type ServerSettings } from './server.ts';
import { readTexts } from './texts-folder.ts';
import { defineReadTool, defineWriteTool, type ReadTool, type Tool, type ToolContext, type WriteTool } from './tool.ts';
import type { AuditEntry, World } from './world.ts';

let opened = 0;
let acted: string[] = [];
let audited: AuditEntry[] = [];
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  opened = 0;
  acted = [];
  audited = [];
});

const look = defineReadTool({
  name: 'look',
  title: 'Look',
  description: 'Looks.',
  input: z.object({ what: z.string().max(20) }),
  output: z.object({ seen: z.string() }),
  read: async ({ what }) => ok({ seen: what, amount: 5n }),
});
const spend = defineWriteTool({
  name: 'spend',
  title: 'Spend',
  description: 'Spends.',
  input: z.object({ amount: z.string() }),
  output: z.object({ status: z.string() }),
  plan: async ({ amount }) =>
    ok({ prepared: amount, summary: `spend ${amount}`, facts: { amount }, needsConfirmation: Number(amount) > 10 }),
  act: async (amount, { commandId }) => {
    acted.push(`${amount} ${commandId.length > 0}`);
    return ok({ status: 'paid' });
  },
});
/** Halts at once unless it is asked to go on again. */
const halt = defineWriteTool({
  name: 'halt',
  title: 'Halt',
  description: 'Halts.',
  urgency: ({ what, release }) => (release === true ? null : { machine: what as PrincipalHex, act: 'halt' }),
  input: z.object({ what: z.string(), reason: z.string().max(9).optional(), release: z.boolean().optional() }),
  output: z.object({ status: z.string() }),
  plan: async ({ what, reason, release = false }) =>
    ok({ prepared: { what, reason }, summary: what, facts: {}, needsConfirmation: release }),
  act: async ({ what, reason }) => {
    acted.push(`${what} ${reason}`);
    return ok({ status: 'halted' });
  },
});
const operate: Tool = { ...look, name: 'operate_it', toolset: 'operate' };

const world: World = {
  caller: 'aa' as PrincipalHex,
  open: async () => {
    opened++;
    return ok({
      connection: null as never,
      registry: 'bb' as PrincipalHex,
      owner: 'cc' as PrincipalHex,
      nowNs: () => 0n,
    });
  },
  nowMs: () => 1_000,
  audit: (entry) => audited.push(entry),
};

async function connect(changes: Partial<ServerSettings> = {}, mode: 'auto' | 'legacy' = 'auto') {
  const settings: ServerSettings = {
    world,
    confirmations: createConfirmations(world.nowMs),
    limiter: createRateLimiter(world.nowMs),
    isReadOnly: false,
    isSimulated: false,
    version: '0.0.0',
    tools: [look, spend, halt, operate],
    toolsets: new Set(['default']),
    texts: readTexts(resolve(import.meta.dirname, '../..')),
    onFault: (error) => {
      throw error;
    },
    ...changes,
  };
  const handler = createMcpHandler(createServerFactory(settings));
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), {
    fetch: (url, init) => handler.fetch(new Request(url, init)),
  });
  await client.connect(transport);
  closers.push(async () => {
    await client.close();
    await handler.close();
  });
  return client;
}

const textOf = (result: { content: readonly unknown[] }) => (result.content[0] as { text: string }).text;

describe.each(['auto', 'legacy'] as const)('the server, to a client in mode %s', (mode) => {
  it('lists its tools without opening anything, with all four hints', async () => {
    const client = await connect({}, mode);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['look', 'spend', 'halt']);
    expect(tools[0]!.annotations).toEqual({
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    });
    expect(opened).toBe(0);
  });

  it('answers with the same facts as text and as structure', async () => {
    const client = await connect({}, mode);
    const result = await client.callTool({ name: 'look', arguments: { what: 'washer' } });
    expect(result.structuredContent).toEqual({ seen: 'washer', amount: '5' });
    expect(JSON.parse(textOf(result))).toEqual(result.structuredContent);
  });

  it('answers bad arguments with what is wrong, and does nothing', async () => {
    const client = await connect({}, mode);
    const result = await client.callTool({ name: 'look', arguments: { what: 'x'.repeat(21) } });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(/^ArgumentsInvalid: .*what.*20.*\nNext: .*`look` needs what\./s);
    expect(opened).toBe(0);
    expect(audited.map(({ outcome }) => outcome)).toEqual(['ArgumentsInvalid']);
  });

  it('refuses an argument that a tool does not have, by its name and with those that it has', async () => {
    const client = await connect({}, mode);
    const result = await client.callTool({ name: 'spend', arguments: { amount: '1', limt: '5' } });
    expect(textOf(result)).toBe(
      'ArgumentsInvalid: `spend` has no argument "limt"; nothing was done.\nNext: Correct the call: `spend` needs amount and may have confirm, command_id.',
    );
    expect(acted).toEqual([]);
  });

  it('takes an optional argument that is empty for one that was left out', async () => {
    const client = await connect({}, mode);
    const args = { amount: '5', confirm: '', command_id: null };
    expect((await client.callTool({ name: 'spend', arguments: args })).structuredContent).toEqual({ status: 'paid' });
    expect(textOf(await client.callTool({ name: 'look', arguments: { what: null } }))).toMatch(/what/);
  });

  it('refuses arguments that are nested deeper than anything means, and writes that down', async () => {
    const client = await connect({}, mode);
    let deep: unknown = 'x';
    for (let i = 0; i < 1_000; i++) deep = [deep];
    const result = await client.callTool({ name: 'look', arguments: { what: deep } });
    expect(textOf(result)).toMatch(/^ArgumentsInvalid: .*nested.*\nNext: /s);
    expect(audited).toMatchObject([{ outcome: 'ArgumentsInvalid', argsDigest: 'too deep' }]);
  });

  it('counts a call that is refused for its arguments like any other', async () => {
    const client = await connect({}, mode);
    const answers: string[] = [];
    for (let i = 0; i < 35; i++)
      answers.push(textOf(await client.callTool({ name: 'spend', arguments: { amount: 1 } })));
    expect(answers.filter((text) => text.startsWith('ArgumentsInvalid'))).toHaveLength(30);
    expect(answers.at(-1)).toMatch(/^TooManyCalls/);
    expect(audited).toHaveLength(35);
  });

  it('says of an expected failure outside what it is and what to do, and of a fault that it is one', async () => {
    const faults: unknown[] = [];
    const failing = (error: Error) => ({ ...world, open: () => Promise.reject(error) });
    const onFault = (error: unknown) => faults.push(error);
    const damaged = Object.assign(new Error('the file is damaged'), { name: 'DamagedFile', nextStep: 'Put it back.' });
    const told = await connect({ world: failing(damaged), onFault }, mode);
    const answer = await told.callTool({ name: 'look', arguments: { what: 'a' } });
    expect(textOf(answer)).toBe('DamagedFile: The file is damaged.\nNext: Put it back.');
    const untold = await connect({ world: failing(new Error('secret place')), onFault }, mode);
    expect(textOf(await untold.callTool({ name: 'look', arguments: { what: 'a' } }))).toMatch(/^Fault: (?!.*secret)/s);
    expect(faults).toHaveLength(2);
  });

  it('plans what needs confirmation, and acts once on the token of exactly that plan', async () => {
    const client = await connect({}, mode);
    const planned = await client.callTool({ name: 'spend', arguments: { amount: '50' } });
    const { status, confirm } = planned.structuredContent as { status: string; confirm: string };
    expect(status).toBe('confirmation_needed');
    expect(acted).toEqual([]);
    const other = await client.callTool({ name: 'spend', arguments: { amount: '500', confirm } });
    expect(textOf(other)).toMatch(/^ConfirmInvalid: This token belongs to another plan/);
    const done = await client.callTool({ name: 'spend', arguments: { amount: '50', confirm } });
    expect(done.structuredContent).toEqual({ status: 'paid' });
    const again = await client.callTool({ name: 'spend', arguments: { amount: '50', confirm } });
    expect(again.isError).toBe(true);
    expect(acted).toHaveLength(1);
  });

  it('writes every call to the audit log, also the refused ones', async () => {
    const client = await connect({ isReadOnly: true, tools: [look, { ...spend, toolset: 'default' }] }, mode);
    await client.callTool({ name: 'look', arguments: { what: 'a' } });
    expect(audited.map(({ tool, outcome }) => `${tool} ${outcome}`)).toEqual(['look answered']);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['look']);
  });

  it('keeps to what a person takes away while it runs, also where a plan was confirmed already', async () => {
    const all = { toolsets: new Set(['default', 'operate'] as const), isReadOnly: false, isSimulated: false };
    let now: Mode = all;
    const client = await connect({ ...all, modeNow: () => now }, mode);
    const call = async (name: string, args: Record<string, unknown>) => {
      const result = await client.callTool({ name, arguments: args });
      const { status, seen } = (result.structuredContent ?? {}) as { status?: string; seen?: string };
      return status ?? seen ?? textOf(result);
    };
    const names = async () => (await client.listTools()).tools.map(({ name }) => name);
    expect(await names()).toEqual(['look', 'spend', 'halt', 'operate_it']);
    const planned = await client.callTool({ name: 'spend', arguments: { amount: '50' } });
    const { confirm } = planned.structuredContent as { confirm: string };
    now = { ...all, isSimulated: true };
    expect(await call('spend', { amount: '5' })).toBe('simulated');
    now = { ...all, isReadOnly: true };
    expect(await names()).toEqual(['look', 'operate_it']);
    expect(await call('spend', { amount: '50', confirm })).toMatch(/^ReadOnly: .*\nNext: .*npx tamc owner/);
    expect(await call('halt', { what: 'washer' })).toMatch(/^ReadOnly/);
    now = { ...all, toolsets: new Set(['default']) };
    expect(await call('operate_it', { what: 'a' })).toMatch(/^NotOffered/);
    expect(await call('look', { what: 'a' })).toBe('a');
    expect(acted).toEqual([]);
    now = all;
    expect(await call('spend', { amount: '50', confirm })).toBe('paid');
  });

  it('says of a read whose answer was lost that nothing was changed, also where it was read for a plan', async () => {
    const lost = refuse({ code: 'AnswerLost', message: 'HTTP 500', nextStep: 'It may have been done.' });
    const reading: Tool = { ...(look as ReadTool), read: async () => lost };
    const planning: Tool = { ...(spend as WriteTool), plan: async () => lost };
    const client = await connect({ tools: [reading, planning] }, mode);
    for (const call of [
      { name: 'look', arguments: { what: 'a' } },
      { name: 'spend', arguments: { amount: '5' } },
    ]) {
      const text = textOf(await client.callTool(call));
      expect(text).toMatch(/^ReadFailed: HTTP 500.*\nNext: Nothing was changed/);
      expect(text).not.toContain('may have been done');
    }
  });

  it('tells with one answer what happened to the network meanwhile, in the words of its terminal', async () => {
    const news: string[] = [];
    const changing: World = { ...world, takeNews: () => news.pop() ?? null };
    const inTerminal = (words: string) => `tamc ${words} --store /s`;
    const client = await connect({ world: changing, inTerminal }, mode);
    const seen = async (what: string) =>
      (await client.callTool({ name: 'look', arguments: { what } })).structuredContent;
    news.push('It was started; `npx tamc stop` ends it.');
    expect(await seen('a')).toMatchObject({ seen: 'a', news: 'It was started; `tamc stop --store /s` ends it.' });
    expect(await seen('a')).not.toHaveProperty('news');
    news.push('It was started again.');
    const refused = await client.callTool({ name: 'look', arguments: { what: 'x'.repeat(21) } });
    expect(textOf(refused)).toMatch(/\nNext: .* It was started again\.$/);
  });

  it('does nothing that it cannot write down, but reads and stops', async () => {
    const faults: unknown[] = [];
    const full: World = {
      ...world,
      audit: () => {
        throw new Error('ENOSPC: no space left on device');
      },
    };
    const client = await connect({ world: full, onFault: (error) => faults.push(error) }, mode);
    const refused = await client.callTool({ name: 'spend', arguments: { amount: '5' } });
    expect(refused.isError).toBe(true);
    expect(textOf(refused)).toMatch(/^AuditFailed: Nothing was done, .*ENOSPC/);
    expect(acted).toEqual([]);
    expect((await client.callTool({ name: 'look', arguments: { what: 'a' } })).isError).not.toBe(true);
    const halted = await client.callTool({ name: 'halt', arguments: { what: 'washer' } });
    expect(halted.structuredContent).toEqual({ status: 'halted' });
    expect(faults.length).toBeGreaterThan(2);
  });

  it('writes that an act has begun before it does it', async () => {
    const client = await connect({}, mode);
    await client.callTool({ name: 'spend', arguments: { amount: '5' } });
    expect(audited.map(({ tool, outcome }) => `${tool} ${outcome}`)).toEqual(['spend begun', 'spend paid']);
  });

  it('only simulates when told so', async () => {
    const client = await connect({ isSimulated: true }, mode);
    const result = await client.callTool({ name: 'spend', arguments: { amount: '5' } });
    expect(result.structuredContent).toMatchObject({ status: 'simulated', plan: 'spend 5' });
    expect(acted).toEqual([]);
  });

  it('refuses a loop gone wild with the time to wait', async () => {
    const client = await connect({}, mode);
    let refused = '';
    for (let i = 0; i < 40 && refused === ''; i++) {
      const result = await client.callTool({ name: 'spend', arguments: { amount: '1' } });
      if (result.isError) refused = textOf(result);
    }
    expect(refused).toMatch(/^TooManyCalls: .*\nNext: Wait 1 s/);
    expect(acted).toHaveLength(30);
    const halted = await client.callTool({ name: 'halt', arguments: { what: 'washer' } });
    expect(halted.structuredContent).toEqual({ status: 'halted' });
    const released = await client.callTool({ name: 'halt', arguments: { what: 'washer', release: true } });
    expect(textOf(released)).toMatch(/^TooManyCalls/);
  });

  it('lets a loop of stops hold up nobody: the first of each machine waits for nothing, the rest for the limit', async () => {
    let comeCount = 0;
    let goOn = () => {};
    const allCame = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const slow = {
      ...(halt as WriteTool),
      urgency: (given: Readonly<Record<string, unknown>>) => {
        if (++comeCount === 20) goOn();
        return halt.urgency?.(given) ?? null;
      },
      act: async (prepared: never, context: ToolContext) => {
        await allCame;
        return await (halt as WriteTool).act(prepared, context);
      },
    };
    const client = await connect({ limiter: { take: () => 1 }, tools: [slow] }, mode);
    const call = async (what: string) => await client.callTool({ name: 'halt', arguments: { what } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => call('washer')));
    for (const { structuredContent } of answers) expect(structuredContent).toEqual({ status: 'halted' });
    expect(acted).toEqual(['washer undefined']);
    expect(textOf(await call('washer'))).toMatch(/^TooManyCalls: .*\nNext: .*what you repeat was answered/);
    expect((await call('dryer')).structuredContent).toEqual({ status: 'halted' });
    expect(audited.filter(({ outcome }) => outcome === 'halted')).toHaveLength(21);
  });

  it('holds up what has to happen at once for nothing that it does not need', async () => {
    const client = await connect({}, mode);
    const planned = await client.callTool({ name: 'spend', arguments: { amount: '50' } });
    const { confirm } = planned.structuredContent as { confirm: string };
    const odd = [{ confirm }, { confirm: 'yes' }, { confirm: 5 }, { force: true }, { reason: 'x'.repeat(10) }];
    const odder = [{ command_id: 'x'.repeat(65) }, { release: 'no' }, { reason: null }];
    for (const more of [...odd, ...odder]) {
      const result = await client.callTool({ name: 'halt', arguments: { what: 'washer', ...more } });
      expect(result.structuredContent, JSON.stringify(more)).toEqual({ status: 'halted' });
    }
    expect((await client.callTool({ name: 'halt', arguments: { reason: 'fire' } })).isError).toBe(true);
    // The token is still there for what it is of.
    const done = await client.callTool({ name: 'spend', arguments: { amount: '50', confirm } });
    expect(done.structuredContent).toEqual({ status: 'paid' });
  });

  it('announces no change of lists that never change', async () => {
    const client = await connect({}, mode);
    const { tools, prompts, resources } = client.getServerCapabilities() ?? {};
    expect([tools, prompts, resources]).toMatchObject(Array(3).fill({ listChanged: false }));
  });
});
