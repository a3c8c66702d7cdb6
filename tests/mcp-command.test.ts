// `tamc mcp` and the door over HTTP as assistants meet them: real programs, both generations of clients, a network that is killed under
// them, and neighbours that behave badly.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as FormerClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as FormerStdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as FormerHttpClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNetworkFolder } from '../stack/src/deploy/network-folder.ts';
import { openPeople } from '../stack/src/world/people.ts';
import { type Program, root, startProgram, tamc } from './program.ts';

/** What both generations of clients have, and what is looked at here. */
interface Host {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

interface Reply {
  readonly isError?: boolean;
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly content: readonly { readonly text?: string }[];
}

let folder = '';
let store = '';
let network: Program;
let early: Host;
/** The machine that was brought to life here. */
let ours = '';
const hosts: Host[] = [];
const info = { name: 'test', version: '0' };
const passphrase = 'of this test';

const words = (...more: readonly string[]) => ['stack/bin/tamc.mjs', 'mcp', '--store', store, ...more];
const stdio = (...more: readonly string[]) => ({ command: process.execPath, args: words(...more), cwd: root });
const open = <T extends Host>(host: T): T => {
  hosts.push(host);
  return host;
};

async function connectStdio(...more: readonly string[]): Promise<Host> {
  const client = new Client(info, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StdioClientTransport({ ...stdio(...more), stderr: 'ignore' }));
  return open(client as Host);
}

async function connectFormerStdio(): Promise<Host> {
  const client = new FormerClient(info);
  await client.connect(new FormerStdioClientTransport({ ...stdio(), stderr: 'ignore' }));
  return open(client as unknown as Host);
}

const door = () => new URL(openNetworkFolder(store).running()!.mcp);
const tokenOf = (name: string) => openPeople(store).assistant(name).token;
const token = () => tokenOf('assistant');
const bearer = (name = 'assistant') => ({ requestInit: { headers: { authorization: `Bearer ${tokenOf(name)}` } } });

async function connectHttp(name?: string): Promise<Host> {
  const client = new Client(info, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(door(), bearer(name)));
  return open(client as Host);
}

async function connectFormerHttp(name?: string): Promise<Host> {
  const client = new FormerClient(info);
  await client.connect(new FormerHttpClientTransport(door(), bearer(name)) as never);
  return open(client as unknown as Host);
}

async function call(host: Host, name: string, args: Record<string, unknown> = {}): Promise<Reply> {
  return (await host.callTool({ name, arguments: args })) as Reply;
}

async function factsOf(host: Host, name: string): Promise<Readonly<Record<string, unknown>>> {
  const { isError, structuredContent, content } = await call(host, name);
  expect(isError, JSON.stringify(content)).not.toBe(true);
  return structuredContent!;
}

async function startNetwork(): Promise<void> {
  const ports = ['--port', '0', '--page-port', '0', '--mcp-port', '0'];
  const env = { TAMC_PASSPHRASE: passphrase };
  network = startProgram(['scripts/start.mjs', ...ports, '--store', store, '--no-town'], env);
  await network.waitFor(/Ctrl-C stops it/);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tamc-mcp-'));
  store = join(folder, 'world');
  early = await connectStdio();
  expect((await early.listTools()).tools.length).toBeGreaterThanOrEqual(15);
  expect(existsSync(store)).toBe(false);
  await startNetwork();
  // Some ten seconds of work, on a computer that may do much else.
}, 300_000);
afterAll(async () => {
  for (const host of hosts) await host.close().catch(() => {});
  await tamc('stop', '--store', store);
  rmSync(folder, { recursive: true, force: true });
});

describe('an assistant', () => {
  it('that came before there was a network finds it at its first call', async () => {
    expect(await factsOf(early, 'network')).toMatchObject({ kind: 'embedded', machines: 0 });
  });

  it.each([
    ['a client of today over standard streams', connectStdio],
    ['a client of yesterday over standard streams', connectFormerStdio],
    ['a client of today over HTTP', () => connectHttp()],
    ['a client of yesterday over HTTP', () => connectFormerHttp()],
  ])('%s lists the tools, looks at the network and at its machines, and is the same there', async (_, connect) => {
    const host = await connect();
    const names = (await host.listTools()).tools.map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(15);
    expect(names).toEqual((await early.listTools()).tools.map(({ name }) => name));
    const { you } = await factsOf(host, 'network');
    expect(you).toBe((await factsOf(early, 'network')).you);
    expect(await factsOf(host, 'machines')).toMatchObject({ machines: [], total: 0 });
    await host.close();
  });

  it('is told what to type for the network that it is on, and not for the usual one', async () => {
    const client = new Client(info, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StdioClientTransport({ ...stdio('--as', 'unadmitted'), stderr: 'ignore' }));
    open(client as Host);
    expect(client.getInstructions()).toContain(`tamc.mjs approve --store ${store}`);
    const wanted = { count: 1, kind: 'washer', make: 'Simulated', model: 'W1', place: 'eyckpp' };
    const { content } = await call(client as Host, 'create_machines', wanted);
    expect(content[0]?.text).toMatch(/^BirthForOther/);
    expect(content[0]?.text).toContain(`tamc.mjs owner --admit unadmitted --store ${store}`);
  });

  it('that may only look starts nothing where nothing runs', async () => {
    const elsewhere = join(folder, 'elsewhere');
    const args = ['stack/bin/tamc.mjs', 'mcp', '--store', elsewhere, '--read-only'];
    const client = new Client(info, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StdioClientTransport({ ...stdio(), args, stderr: 'ignore' }));
    const { isError, content } = await call(open(client as Host), 'network');
    expect(isError).toBe(true);
    expect(content[0]?.text).toMatch(/^NotRunning: .*\nNext: .*tamc\.mjs start --store /s);
    expect(openNetworkFolder(elsewhere).isStarting()).toBe(false);
    expect(existsSync(join(elsewhere, 'replica'))).toBe(false);
  });

  it('whose network cannot be started is told why, and does not start another at each call', async () => {
    const elsewhere = join(folder, 'broken');
    mkdirSync(elsewhere);
    // A file where the replica would have its folder.
    writeFileSync(join(elsewhere, 'replica'), '');
    const args = ['stack/bin/tamc.mjs', 'mcp', '--store', elsewhere];
    const client = new Client(info, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StdioClientTransport({ ...stdio(), args, stderr: 'ignore' }));
    const host = open(client as Host);
    const first = await call(host, 'network');
    expect(first.content[0]?.text).toMatch(/^StartFailed: .*here is a file/s);
    writeFileSync(join(elsewhere, 'start.log'), 'as it was left');
    const second = await call(host, 'machines');
    expect(second.content[0]?.text).toMatch(/^StartFailed: .*here is a file.*not tried again for \d+ s/s);
    expect(readFileSync(join(elsewhere, 'start.log'), 'utf8')).toBe('as it was left');
  });

  it('brings a machine to life for the owner and has its mandate from birth on', async () => {
    const wanted = { count: 1, kind: 'washer', make: 'Simulated', model: 'W1', place: 'eyckpp' };
    const planned = await call(early, 'create_machines', wanted);
    const { confirm } = planned.structuredContent!;
    const born = await call(early, 'create_machines', { ...wanted, confirm });
    expect(born.structuredContent, JSON.stringify(born.content)).toMatchObject({ status: 'born' });
    const [machine] = born.structuredContent!.machines as string[];
    const seen = await call(early, 'machine', { machine });
    expect(seen.structuredContent?.your_mandate).toMatchObject([{ budget: '20.00 simUSD', ask_above: '5.00 simUSD' }]);
    ours = machine!;
    const owner = JSON.parse((await tamc('owner', '--json', '--store', store)).output);
    const { machines } = await factsOf(early, 'machines');
    expect(machines).toMatchObject([{ operator: owner.owner }]);
  });

  it('is limited by the words on its command line', async () => {
    const reader = await connectStdio('--read-only', '--toolsets', 'default,operate');
    const names = (await reader.listTools()).tools.map(({ name }) => name);
    expect(names).toContain('machines');
    expect(names).not.toContain('pay');
    expect(names).not.toContain('create_machines');
    const other = await connectStdio('--as', 'engineer');
    expect((await factsOf(other, 'network')).you).not.toBe((await factsOf(early, 'network')).you);
    expect(openPeople(store).assistants()).toEqual(['assistant', 'engineer', 'unadmitted']);
    await Promise.all([reader.close(), other.close()]);
  });

  it.each([
    ['--toolsets', 'all', 'There is no toolset "all"'],
    ['--as', '../owner', 'is no name of an assistant'],
    ['--unknown', '', '--unknown'],
  ])('is refused %s %s in words, on standard error alone', async (option, value, text) => {
    const child = spawn(process.execPath, words(option, ...(value === '' ? [] : [value])), { cwd: root });
    const [output, code] = await Promise.all([collect(child), new Promise((end) => child.once('close', end))]);
    expect(code).not.toBe(0);
    expect(output.stdout).toBe('');
    expect(output.stderr).toContain(text);
  });

  it('leaves one line in the audit log for each call, with no secret in it', async () => {
    const path = join(store, 'audit.jsonl');
    const before = readFileSync(path, 'utf8').trim().split('\n').length;
    await call(early, 'machines');
    const text = readFileSync(path, 'utf8');
    expect(text.trim().split('\n')).toHaveLength(before + 1);
    expect(text).not.toContain(token());
    expect(JSON.parse(text.trim().split('\n').at(-1)!)).toMatchObject({ tool: 'machines', outcome: 'answered' });
  });
});

interface Output {
  stdout: string;
  stderr: string;
}

/** All that a program writes until it ends. */
async function collect(child: ChildProcessWithoutNullStreams): Promise<Output> {
  const output: Output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (output[name] += chunk));
  await new Promise((end) => child.once('close', end));
  return output;
}

const message = (id: number, method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id, method, params });
const hello = message(1, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: info });

describe('standard output of tamc mcp', () => {
  it('carries only the protocol, whatever comes in', async () => {
    const child = spawn(process.execPath, words(), { cwd: root });
    const output = collect(child);
    const lines = [
      hello,
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      'this is no JSON',
      '{"jsonrpc":"2.0"}',
      '\u0000\u0001',
      message(2, 'tools/call', { name: 'network', arguments: {} }),
      message(3, 'tools/call', { name: 'no such tool', arguments: {} }),
      message(4, 'tools/call', { name: 'machines', arguments: { cursor: 'far' } }),
    ];
    child.stdin.write(`${lines.join('\n')}\n`);
    await new Promise<void>((answered) => {
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += chunk;
        if ([2, 3, 4].every((id) => text.includes(`"id":${id}`))) answered();
      });
    });
    child.stdin.end();
    const { stdout } = await output;
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers.every(({ jsonrpc }) => jsonrpc === '2.0')).toBe(true);
    expect(answers.find(({ id }) => id === 2).result.structuredContent).toMatchObject({ kind: 'embedded' });
  });
});

interface Asked {
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** `fetch` would not let a test choose Host. Null: the connection was closed without an answer. */
function ask({ headers = {}, body = hello }: Asked): Promise<number | null> {
  return new Promise((resolve) => {
    const all = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers };
    const sent = request(door(), { method: 'POST', headers: all }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.once('error', () => resolve(null));
    sent.end(body);
  });
}

describe('the door over HTTP', () => {
  it('is closed to who has no token, or comes by another name or from another page', async () => {
    const authorization = `Bearer ${token()}`;
    expect(await ask({ headers: { authorization } })).toBe(200);
    expect(await ask({})).toBe(401);
    expect(await ask({ headers: { authorization: `Bearer ${'0'.repeat(64)}` } })).toBe(401);
    expect(await ask({ headers: { authorization, host: 'evil.example' } })).toBe(403);
    expect(await ask({ headers: { authorization, origin: 'http://evil.example' } })).toBe(403);
  });

  it('tells who runs it of a request that it refuses in one line', async () => {
    const current = { 'mcp-protocol-version': '2026-07-28' };
    const headers = { ...current, authorization: `Bearer ${token()}`, 'content-type': 'text/plain' };
    expect(await ask({ headers })).toBe(415);
    await network.waitFor(/^mcp: Unsupported Media Type: .*$/m);
    expect(network.output()).not.toMatch(/^ {4}at /m);
  });

  it('opens to an assistant that comes while it is open', async () => {
    const { token: late } = openPeople(store).assistant('late');
    let status: number | null = 401;
    for (let tries = 0; tries < 20 && status === 401; tries++) {
      status = await ask({ headers: { authorization: `Bearer ${late}` } });
      if (status === 401) await new Promise((wait) => setTimeout(wait, 200));
    }
    expect(status).toBe(200);
  });
});

describe('what a person lets an assistant do at all', () => {
  const admit = async (name: string, ...flags: readonly string[]) => {
    process.env.TAMC_PASSPHRASE = passphrase;
    const { code, output } = await tamc('owner', '--admit', name, ...flags, '--store', store);
    delete process.env.TAMC_PASSPHRASE;
    expect(code, output).toBe(0);
    return output;
  };
  const namesOf = async (host: Host) => (await host.listTools()).tools.map(({ name }) => name);
  const stop = (host: Host) => call(host, 'stop', { machine: ours, reason: 'test' });

  it.each([
    ['of today', connectHttp],
    ['of yesterday', connectFormerHttp],
  ])(
    'stands in its file, for a client %s over HTTP: one looks, another runs the network',
    async (generation, connect) => {
      expect(await admit('visitor', '--read-only', '--toolsets', 'default,operate')).toContain('may only look');
      await admit('engineer', '--toolsets', 'operate');
      const [visitor, engineer] = [await connect('visitor'), await connect('engineer')];
      expect(await namesOf(visitor)).toEqual(['network', 'machines', 'machine', 'statement', 'requests', 'job']);
      expect(await factsOf(visitor, 'machines')).toMatchObject({ total: 1 });
      expect(await namesOf(engineer)).toEqual(['stop', 'deploy', 'upgrade', 'top_up', 'fund', 'time']);
      const funded = await call(engineer, 'fund', { to: ours, amount: '5', command_id: `fund ${generation}` });
      expect(funded.structuredContent, JSON.stringify(funded.content)).toMatchObject({ status: 'funded_and_booked' });
      expect((await tamc('owner', '--store', store)).output).toMatch(
        /\(visitor: may only look; toolsets default,operate\)/,
      );
      await Promise.all([visitor.close(), engineer.close()]);
    },
  );

  it('is taken from whoever is connected, over HTTP and standard streams, and no flag gives it back', async () => {
    await admit('narrowed');
    const client = new FormerClient(info);
    const transport = new FormerHttpClientTransport(door(), bearer('narrowed'));
    await client.connect(transport as never);
    const host = open(client as unknown as Host);
    const piped = await connectStdio('--as', 'narrowed');
    expect(await namesOf(host)).toContain('pay');
    expect(await namesOf(piped)).toContain('pay');
    await admit('narrowed', '--read-only');
    // The door looks at the files ten times a second.
    await expect.poll(async () => await namesOf(host), { timeout: 10_000 }).not.toContain('pay');
    expect(await namesOf(piped)).not.toContain('pay');
    const current = await connectHttp('narrowed');
    for (const connected of [host, piped, current]) {
      const { isError, content } = await stop(connected);
      expect([isError, content[0]?.text]).toEqual([true, expect.stringMatching(/^ReadOnly: .*\nNext: /s)]);
      expect((await call(connected, 'network')).isError).not.toBe(true);
    }
    await current.close();
    const flags = ['--as', 'narrowed', '--toolsets', 'default,operate'];
    for (const again of [await connectHttp('narrowed'), await connectStdio(...flags)]) {
      expect(await namesOf(again)).not.toContain('pay');
      await again.close();
    }
    const { machines } = await factsOf(early, 'machines');
    expect(machines).toMatchObject([{ id: ours }]);
    expect((await call(early, 'machine', { machine: ours })).structuredContent).not.toHaveProperty('stopped');
    await Promise.all([host.close(), piped.close()]);
  });

  it('stays as it is where nothing is said, and is widened in words', async () => {
    expect(await admit('narrowed')).toMatch(
      /may only look. To let it act: .*owner --admit narrowed --toolsets default/,
    );
    expect(await admit('narrowed', '--toolsets', 'default')).toContain('may act on machines');
    // The door looks at the files ten times a second.
    const offered = async () => {
      const host = await connectHttp('narrowed');
      const names = await namesOf(host);
      await host.close();
      return names;
    };
    await expect.poll(offered, { timeout: 10_000 }).toContain('pay');
    const words = await tamc('owner', '--read-only', '--store', store);
    expect(words).toMatchObject({ code: 1, output: expect.stringContaining('--admit NAME') });
  });
});

describe('neighbours that behave badly', () => {
  it('harm nobody: one that vanishes in the middle of a call, one that floods, one that talks nonsense', async () => {
    const vanishing = spawn(process.execPath, words('--as', 'vanishing'), { cwd: root });
    const ended = new Promise((end) => vanishing.once('close', end));
    vanishing.stdin.write(`${hello}\n${message(2, 'tools/call', { name: 'network', arguments: {} })}\n`);
    await new Promise((heard) => vanishing.stdout.once('data', heard));
    vanishing.kill('SIGKILL');
    const authorization = `Bearer ${token()}`;
    const floods = Array.from({ length: 60 }, (_, i) => {
      const nonsense = ['', '{', '[]', 'null', '\u0000', '{"jsonrpc":"2.0"}'][i % 6]!;
      return ask({ headers: { authorization }, body: i % 2 === 0 ? hello : nonsense });
    });
    const statuses = await Promise.all([...floods, ...floods.map(() => ask({}))]);
    expect(statuses.every((status) => status !== null && (status === 200 || status >= 400))).toBe(true);
    await ended;
    expect(await factsOf(early, 'machines')).toMatchObject({ total: 1 });
    const host = await connectHttp();
    expect(await factsOf(host, 'machines')).toMatchObject({ total: 1 });
    await host.close();
  });
});

describe('a network that is killed under a live session', () => {
  it('is started again by the next call, with everything there', async () => {
    const { you } = await factsOf(early, 'network');
    network.child.kill('SIGKILL');
    await network.ended;
    // A slow computer may say first that the network is still starting, and what to do.
    let reply = await call(early, 'network');
    const [first] = reply.content;
    for (let tries = 0; tries < 5 && reply.isError === true; tries++) {
      expect(reply.content[0]?.text).toContain('make the same call again');
      reply = await call(early, 'network');
    }
    expect(reply.structuredContent).toMatchObject({ kind: 'embedded', you });
    // Also to who asked for no progress: it stays when they are gone.
    expect(first?.text).toMatch(/started one in the background.*tamc\.mjs stop --store /);
    expect(await factsOf(early, 'network')).not.toHaveProperty('news');
    // Beside those of the town, which a start by an assistant has.
    expect((await call(early, 'machine', { machine: ours })).isError).not.toBe(true);
    expect(openNetworkFolder(store).running()?.pid).not.toBe(network.child.pid);
  });

  it('ends when it is told to, and says so', async () => {
    expect((await tamc('stop', '--store', store)).output).toMatch(/^Stopped/);
    expect(openNetworkFolder(store).running()).toBeNull();
  });
});
