// What an assistant waits for: a list of tools from a cold start, one that looks, one that acts, and many clients at once; all on
// the product as `tamc start` runs it, over the ways that hosts use, every check left on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type Benchmark, createFigure, type Figure, inTurn, median } from '../figure.ts';

const tamc = resolve(process.cwd(), 'stack/bin/tamc.mjs');
// Within what one assistant may call at once: some hundred looks, thirty acts.
const [readCalls, writeCalls, startRounds, clients, callsEach] = [60, 20, 9, 200, 1];

export const assistant: Benchmark = {
  name: 'assistant',
  about: 'MCP: list from a cold start, tools that look and act, 200 clients at once',
  run: async (say) => {
    const started = await startTown();
    try {
      const one = await connectTo(started);
      const sizes = await listSizes(one);
      say('starts');
      const start = await coldStarts(started.store);
      say(`${readCalls} reads, ${writeCalls} writes`);
      const machine = await bearMachine(one);
      const read = await timed(readCalls, () => call(one, 'machine', { machine }));
      const write = await timed(writeCalls, (i) => act(one, 'set_tariff', { machine, per: 'use', price: `${i + 1}` }));
      await one.close();
      say(`${clients} clients, ${callsEach} calls each`);
      return [...sizes, ...start, ...oneByOne(read, write), ...(await manyAtOnce(started))];
    } finally {
      await started.stop();
    }
  },
};

interface Started {
  readonly store: string;
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

async function startTown(): Promise<Started> {
  const store = mkdtempSync(join(tmpdir(), 'tamc-bench-'));
  const ports = ['--port', '0', '--page-port', '0', '--mcp-port', '0'];
  const child = spawn(process.execPath, [tamc, 'start', '--store', store, ...ports, '--no-town'], {
    stdio: 'ignore',
    env: { ...process.env, TAMC_PASSPHRASE: 'of the bench' },
  });
  const url = await waitFor(() => readJson(join(store, 'running.json')).mcp as string);
  const { token } = readJson(join(store, 'people/assistants/assistant.json'));
  return {
    store,
    url,
    token: String(token),
    stop: async () => {
      child.kill('SIGINT');
      await once(child, 'exit');
      rmSync(store, { recursive: true });
    },
  };
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

async function waitFor<T>(look: () => T | undefined): Promise<T> {
  for (let i = 0; i < 600; i++) {
    try {
      const found = look();
      if (found !== undefined) return found;
    } catch {
      // Not written yet.
    }
    await setTimeout(500);
  }
  throw new Error('`tamc start` did not say that it runs within five minutes');
}

async function connectTo({ url, token }: Started): Promise<Client> {
  const client = new Client({ name: 'bench', version: '0' }, { versionNegotiation: { mode: 'auto' } });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

async function call(client: Client, name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { isError, structuredContent, content } = await client.callTool({ name, arguments: args });
  if (isError === true) throw new Error(`${name}: ${JSON.stringify(content)}`);
  return structuredContent as Record<string, unknown>;
}

async function act(client: Client, name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  const planned = await call(client, name, args);
  return planned.confirm === undefined ? planned : await call(client, name, { ...args, confirm: planned.confirm });
}

async function bearMachine(client: Client): Promise<string> {
  const wanted = { count: 1, kind: 'washer', make: 'Bench', model: 'W1', place: 'eyckpp' };
  const { machines } = await act(client, 'create_machines', wanted);
  return (machines as string[])[0]!;
}

/** What a host sends to a model of each tool. */
async function listSizes(client: Client): Promise<Figure[]> {
  const { tools } = await client.listTools();
  const seen = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  const bytes = new TextEncoder().encode(JSON.stringify(seen)).length;
  return [
    createFigure(`tools/list, ${tools.length} tools`, 'bytes', bytes, null, { kind: 'valueAtMost', bound: 8_192 }),
    createFigure('a tool in it', 'bytes', bytes / tools.length, null, { kind: 'valueAtMost', bound: 480 }),
  ];
}

async function coldStarts(store: string): Promise<Figure[]> {
  const list = () => elapsed(['node', tamc, 'mcp', '--store', store], listRequest);
  const [ours, bare] = await inTurn(startRounds, list, () => elapsed(['node', '-e', '0'], null));
  return [createFigure('start until the first tools/list', 'ms', ours, bare, { kind: 'ratioAtMost', bound: 3 })];
}

const listRequest = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/list',
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '0' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
};

/** From the start of a process until its first answer, or its end where nothing is asked. */
async function elapsed([, ...args]: string[], request: object | null): Promise<number> {
  const startMs = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  if (request !== null) child.stdin.write(`${JSON.stringify(request)}\n`);
  const line = request === null ? null : await firstLine(child.stdout);
  if (line === null) await ended;
  const ms = performance.now() - startMs;
  child.stdin.end();
  await ended;
  if (line !== null && !line.includes('"tools"')) throw new Error(`no list of tools: ${line.slice(0, 300)}`);
  return ms;
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text;
}

async function timed(count: number, work: (i: number) => Promise<unknown>): Promise<number[]> {
  for (let i = 0; i < 5; i++) await work(i);
  const took: number[] = [];
  for (let i = 0; i < count; i++) {
    const startMs = performance.now();
    await work(i);
    took.push(performance.now() - startMs);
  }
  return took;
}

function oneByOne(read: number[], write: number[]): Figure[] {
  return [
    createFigure('a tool that looks (`machine`), median', 'ms', median(read), null, { kind: 'valueAtMost', bound: 15 }),
    createFigure('a tool that acts (`set_tariff`), median', 'ms', median(write), null, {
      kind: 'valueAtMost',
      bound: 60,
    }),
  ];
}

async function manyAtOnce(started: Started): Promise<Figure[]> {
  const open = await Promise.all(Array.from({ length: clients }, () => connectTo(started)));
  const took: number[] = [];
  let failed = 0;
  const work = async (client: Client) => {
    for (let i = 0; i < callsEach; i++) {
      const startMs = performance.now();
      await call(client, 'network', {}).catch(() => failed++);
      took.push(performance.now() - startMs);
    }
  };
  const startMs = performance.now();
  await Promise.all(open.map(work));
  const seconds = (performance.now() - startMs) / 1_000;
  await Promise.all(open.map((client) => client.close()));
  const p99 = took.sort((a, b) => a - b)[Math.floor(took.length * 0.99)]!;
  return [
    createFigure(`${clients} clients at once, calls that failed`, 'calls', failed, null, {
      kind: 'valueAtMost',
      bound: 0,
    }),
    createFigure(`${clients} clients at once, p99 of a call`, 'ms', p99, null, null),
    createFigure(`${clients} clients at once, served`, 'calls/s', took.length / seconds, null, null),
  ];
}
