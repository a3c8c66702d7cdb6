// A person asked through their host, by real clients: over the streams of `tamc mcp` in both revisions, and over HTTP in the newer.
import { resolve } from 'node:path';
import {
  Client,
  InMemoryTransport,
  StreamableHTTPClientTransport,
  withInputRequired,
} from '@modelcontextprotocol/client';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { ok } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createConfirmations, tokenLifeMs } from './confirm.ts';
import { serveHttp } from './http.ts';
import { createRateLimiter } from './rate-limit.ts';
import { createServerFactory, type ServerSettings } from './server.ts';
import { readTexts } from './texts-folder.ts';
import { defineWriteTool } from './tool.ts';

type Action = 'accept' | 'decline' | 'cancel';

let nowMs: number;
let acted: string[];
let outcomes: string[];
let closers: (() => Promise<void>)[];
beforeEach(() => {
  nowMs = 1_000;
  acted = [];
  outcomes = [];
  closers = [];
});
afterEach(async () => {
  for (const close of closers) await close();
});

const spend = defineWriteTool({
  name: 'spend',
  title: 'Spend',
  description: 'Spends.',
  input: z.object({ amount: z.string() }),
  output: z.object({ status: z.string() }),
  plan: async ({ amount }) =>
    ok({ prepared: amount, summary: `Spend ${amount}.`, facts: { amount }, needsConfirmation: Number(amount) > 10 }),
  act: async (amount) => {
    acted.push(amount);
    return ok({ status: 'paid' });
  },
});

const texts = readTexts(resolve(import.meta.dirname, '../..'));
const places = { connection: null as never, registry: 'bb' as PrincipalHex, owner: null, nowNs: () => 0n };

function settingsOf(confirmations = createConfirmations(() => nowMs)): ServerSettings {
  return {
    world: {
      caller: 'aa' as PrincipalHex,
      open: async () => ok(places),
      nowMs: () => nowMs,
      audit: ({ outcome }) => outcomes.push(outcome),
    },
    confirmations,
    limiter: createRateLimiter(() => nowMs),
    isReadOnly: false,
    isSimulated: false,
    version: '0.0.0',
    tools: [spend],
    toolsets: new Set(['default']),
    texts,
    onFault: (error) => {
      throw error;
    },
  };
}

interface Host {
  readonly client: Client;
  /** What the person was asked. */
  readonly questions: readonly string[];
}

const ways = {
  'streams, 2026-07-28': { mode: 'auto', isHttp: false },
  'streams, 2025-11-25': { mode: 'legacy', isHttp: false },
  'HTTP, 2026-07-28': { mode: 'auto', isHttp: true },
  'HTTP, 2025-11-25': { mode: 'legacy', isHttp: true },
} as const;
type Way = keyof typeof ways;

async function connect(way: Way, decide: (question: string) => Action, settings = settingsOf()): Promise<Host> {
  const { mode, isHttp } = ways[way];
  const capabilities = { elicitation: { form: {} } };
  const client = new Client({ name: 'test', version: '0' }, { capabilities, versionNegotiation: { mode } });
  const questions: string[] = [];
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    questions.push(params.message);
    const action = decide(params.message);
    return action === 'accept' ? { action, content: {} } : { action };
  });
  await client.connect(isHttp ? await overHttp(settings) : overStreams(settings));
  closers.push(() => client.close());
  expect(client.getNegotiatedProtocolVersion()).toBe(way.split(' ')[1]);
  return { client, questions };
}

function overStreams(settings: ServerSettings) {
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  const served = serveStdio(createServerFactory(settings), { transport: theirs, onerror: settings.onFault });
  closers.push(() => served.close());
  return mine;
}

/** The real door: only there the older revision has a session, in which a person can be asked. */
async function overHttp(settings: ServerSettings) {
  const factory = createServerFactory(settings);
  const find = (given: string) => (given === 'a-token' ? factory : null);
  const endpoint = await serveHttp(find, { port: 0, onFault: settings.onFault });
  closers.push(() => endpoint.close());
  const requestInit = { headers: { authorization: 'Bearer a-token' } };
  return new StreamableHTTPClientTransport(new URL(endpoint.url), { requestInit });
}

function withoutSession(settings: ServerSettings) {
  const handler = createMcpHandler(createServerFactory(settings));
  closers.push(() => handler.close());
  const fetch = (url: string | URL, init?: RequestInit) => handler.fetch(new Request(url, init));
  return new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch });
}

const wanted = { name: 'spend', arguments: { amount: '50' } };
const all = Object.keys(ways) as Way[];

describe.each(all)('a host that can ask its person (%s)', (way) => {
  it('asks what would be done, and then it is done, once', async () => {
    const { client, questions } = await connect(way, () => 'accept');
    const { structuredContent } = await client.callTool(wanted);
    expect(structuredContent).toEqual({ status: 'paid' });
    expect(questions).toEqual([expect.stringMatching(/^Spend 50\.\n/)]);
    expect(acted).toEqual(['50']);
    expect(outcomes).toEqual(['person_asked', 'begun', 'paid']);
  });

  it('says no for its person, and nothing happens', async () => {
    const { client } = await connect(way, () => 'decline');
    const { structuredContent, isError } = await client.callTool(wanted);
    expect(isError).not.toBe(true);
    expect(structuredContent).toMatchObject({ status: 'declined', plan: 'Spend 50.' });
    expect(acted).toEqual([]);
  });

  it('finds nobody to decide: then the plan goes back without a token, and only a person who is asked again decides', async () => {
    const actions: Action[] = ['cancel', 'accept'];
    const { client, questions } = await connect(way, () => actions.shift() ?? 'decline');
    const { structuredContent, content } = await client.callTool(wanted);
    expect(structuredContent).toMatchObject({ status: 'confirmation_needed', plan: 'Spend 50.' });
    expect(structuredContent).not.toHaveProperty('confirm');
    expect(JSON.stringify(content)).not.toMatch(/[0-9a-f]{24}\./);
    expect([questions.length, acted.length]).toEqual([1, 0]);
    expect((await client.callTool(wanted)).structuredContent).toEqual({ status: 'paid' });
    expect([questions.length, acted.length]).toEqual([2, 1]);
  });

  it('is not asked about what needs no confirmation', async () => {
    const { client, questions } = await connect(way, () => 'decline');
    expect((await client.callTool({ name: 'spend', arguments: { amount: '5' } })).isError).not.toBe(true);
    expect([questions, acted]).toEqual([[], ['5']]);
  });

  it('does nothing for a person who decided too late', async () => {
    const { client } = await connect(way, () => {
      nowMs += tokenLifeMs;
      return 'accept';
    });
    const { content, isError } = await client.callTool(wanted);
    expect([isError, acted]).toEqual([true, []]);
    expect(content[0]).toMatchObject({ text: expect.stringMatching(/expired/) });
  });
});

describe('what a host brings back over the newer revision', () => {
  const answered = (action: string) => ({ agree: { action, content: {} } });
  /** One round, without the library's own going on. */
  const round = async (client: Client, amount: string, more: Record<string, unknown>) =>
    await client.request(
      { method: 'tools/call', params: { name: 'spend', arguments: { amount }, ...more } },
      withInputRequired(z.looseObject({})),
      { allowInputRequired: true },
    );
  const textOf = (result: object) => JSON.stringify(result);

  it.each(['streams, 2026-07-28', 'HTTP, 2026-07-28'] as const)(
    'counts once, unaltered, for that call (%s)',
    async (way) => {
      const confirmations = createConfirmations(() => nowMs);
      const { client } = await connect(way, () => 'accept', settingsOf(confirmations));
      const asked = (await round(client, '50', {})) as { requestState?: string };
      const requestState = asked.requestState!;
      const foreign = createConfirmations(() => nowMs).issue({ tool: 'spend', args: { amount: '50' }, caller: 'aa' });
      const other = confirmations.issue({ tool: 'spend', args: { amount: '50' }, caller: 'bb' });
      const altered = requestState.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
      for (const state of [altered, foreign.token, other.token, 'yes']) {
        const refused = await round(client, '50', { requestState: state, inputResponses: answered('accept') });
        expect(textOf(refused), state).toMatch(/ConfirmInvalid/);
      }
      expect(textOf(await round(client, '500', { requestState, inputResponses: answered('accept') }))).toMatch(
        /another/,
      );
      expect(acted).toEqual([]);
      expect(textOf(await round(client, '50', { requestState, inputResponses: answered('accept') }))).toMatch(/paid/);
      expect(textOf(await round(client, '50', { requestState, inputResponses: answered('accept') }))).toMatch(/used/);
      expect(acted).toEqual(['50']);
    },
  );

  it('without a token, or without an answer, is asked for anew', async () => {
    const { client } = await connect('HTTP, 2026-07-28', () => 'accept');
    const { requestState } = (await round(client, '50', {})) as { requestState?: string };
    for (const more of [{ inputResponses: answered('accept') }, { requestState }, { requestState, inputResponses: {} }])
      expect(textOf(await round(client, '50', more))).toMatch(/"resultType":"input_required"/);
    expect(acted).toEqual([]);
  });
});

it('a host that cannot ask gets the plan with a token, as over the stateless HTTP of the older revision', async () => {
  const settings = settingsOf();
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'legacy' } });
  await client.connect(withoutSession(settings));
  closers.push(() => client.close());
  const { structuredContent } = await client.callTool(wanted);
  expect(structuredContent).toMatchObject({ status: 'confirmation_needed', plan: 'Spend 50.' });
});
