// `npm start` as its reader meets it: the banner, calls from a terminal, the page, stopping, and going on from there.
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { currentProcess } from '@tamc/replica/process-identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNetworkFolder } from '../stack/src/deploy/network-folder.ts';
import { type Program, root, startProgram, tamc } from './program.ts';

const ports = ['--port', '0', '--page-port', '0', '--mcp-port', '0'];
/** Nobody sits at a terminal here, so the passphrase is given. */
const passphrase = { TAMC_PASSPHRASE: 'of a test' };
let store = '';
let running: Program;
let page = '';

/** The town has tests of its own; here it lives beside in some starts. */
async function start(...words: readonly string[]): Promise<void> {
  running = startProgram(['scripts/start.mjs', ...ports, '--store', store, ...words], passphrase);
  page = (await running.waitFor(/page {6}(http:\S+)[\s\S]*Ctrl-C stops it/))[1]!;
}

async function stop(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null> {
  running.child.kill(signal);
  return await running.ended;
}

/** What a person types who has another store than the usual one. */
const startIt = () => `node ${join(root, 'stack/bin/tamc.mjs')} start --store ${store}`;

beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), 'tamc-start-'));
  await start('--no-town');
  // Some ten seconds of work, on a computer that may do much else.
}, 300_000);
afterAll(async () => {
  await stop('SIGTERM');
  rmSync(store, { recursive: true, force: true });
});

/** No client library would send these. The first line of the answer. */
function askRaw(port: number, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const head = `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    const socket = connect(port, '127.0.0.1', () => socket.end(head));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => (answer += chunk));
    socket.once('error', reject);
    socket.once('close', () => resolve(answer.split('\r\n')[0] ?? ''));
  });
}

/** The commands of the tour in the README, without the `npx tamc` in front. */
function tourCommands(): string[][] {
  const [, block = ''] = /```sh\n(npx tamc call[^`]*)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  return block
    .trim()
    .split('\n')
    .map((line) => line.split(' ').slice(2));
}

describe('npm start', () => {
  it('says in few lines what runs where, how an assistant is connected and what to say to it', () => {
    const [banner = ''] = /\n {2}The Autonomous[\s\S]*nothing is lost\./.exec(running.output()) ?? [];
    expect(banner.trim().split('\n').length).toBeLessThanOrEqual(24);
    expect(banner).toContain(`claude mcp add tamc -- node ${join(root, 'stack/bin/tamc.mjs')} mcp --store ${store}`);
    expect(banner).toMatch(/claude mcp add --transport http tamc http:\S+\/mcp -H "Authorization: Bearer \$\(node /);
    expect(banner).toContain('Which machines are here');
  });

  it('has an owner, and shows neither a passphrase that was given nor a token', () => {
    expect(existsSync(join(store, 'people/owner.json'))).toBe(true);
    const { token } = JSON.parse(readFileSync(join(store, 'people/assistants/assistant.json'), 'utf8'));
    expect(running.output()).not.toContain(passphrase.TAMC_PASSPHRASE);
    expect(running.output()).not.toContain(token);
  });

  it('answers the commands of the README in order', async () => {
    const commands = tourCommands();
    expect(commands.map((words) => words[2])).toEqual(['increment', 'greet', 'history']);
    const outputs: string[] = [];
    for (const words of commands) {
      const { code, output } = await tamc(...words, '--store', store);
      expect(code, output).toBe(0);
      outputs.push(output.trim());
    }
    expect(outputs[0]).toBe('(1)');
    expect(outputs[1]).toBe('("Hello, Ana! The count is 1.")');
    expect(JSON.parse(outputs[2]!)).toMatchObject([[{ count: '1' }]]);
  });

  it('shows the page, and the page shows the canister', async () => {
    expect(await (await fetch(page)).text()).toContain('Autonomous Machine Cloud');
    const pressed = await fetch(new URL('/call', page), { method: 'POST', body: '{"method":"increment","words":[]}' });
    expect(await pressed.json()).toEqual({ answer: ['2'] });
    const state = await (await fetch(new URL('/state', page))).json();
    expect(state).toMatchObject({ canister: { name: 'counter', count: '2' } });
  });

  it('tells what is wrong with a call, and what to do', async () => {
    const noMethod = await tamc('call', 'counter', 'fly', '--store', store);
    expect(noMethod).toEqual({
      code: 1,
      output: 'tamc: counter has no method "fly".\n  → It has: count, greet, history, increment.\n',
    });
    const noCanister = await tamc('call', 'conter', 'count', '--store', store);
    expect(noCanister.output).toBe(
      'tamc: There is no canister "conter".\n  → Give its id, or one of these names: ledger, simulated-desk, registry, counter.\n',
    );
  });

  it('shows the rejection of a call as one, and a place where nothing answers', async () => {
    const taken = await tamc('call', 'aaaaa-aa', 'raw_rand', '--store', store);
    expect(taken.code).toBe(1);
    expect(taken.output).toMatch(/^tamc: aaaaa-aa has no method "raw_rand"\.\n {2}→ It has: /);
    const nowhere = await tamc('call', 'counter', 'count', '--store', store, '--url', 'http://127.0.0.1:1');
    expect(nowhere.output).toBe(
      `tamc: Nothing answers at http://127.0.0.1:1.\n  → Check the address, or \`${startIt()}\`.\n`,
    );
  });

  it('is not started twice on one store', async () => {
    const second = startProgram(['scripts/start.mjs', ...ports, '--store', store]);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain('It already runs: the replica at http://127.0.0.1:');
    expect((await tamc('call', 'counter', 'count', '--store', store)).code).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops on %s and goes on with nothing lost', async (signal) => {
    const owner = readFileSync(join(store, 'people/owner.json'), 'utf8');
    expect(await stop(signal)).toBe(0);
    expect(running.output()).toContain('Stopped. Everything is kept');
    const without = await tamc('call', 'counter', 'count', '--store', store);
    expect(without).toEqual({
      code: 1,
      output: `tamc: No replica runs here.\n  → Start one with \`${startIt()}\`, or name one with --url URL.\n`,
    });
    await start();
    const { output } = await tamc('call', 'counter', 'count', '--store', store);
    expect(output).toBe('(2)\n');
    expect(readFileSync(join(store, 'people/owner.json'), 'utf8')).toBe(owner);
  });

  it('ends in the middle of what the town does, is killed there, and goes on', async () => {
    running.child.kill('SIGKILL');
    await running.ended;
    await start();
    const { output } = await tamc('call', 'counter', 'count', '--store', store);
    expect(output).toBe('(2)\n');
    expect(await stop('SIGINT')).toBe(0);
    await start('--no-town');
  });

  it('lives on whatever is asked without a token, and whatever is in the file of one assistant', async () => {
    const assistants = join(store, 'people/assistants');
    writeFileSync(join(assistants, 'bob.json'), '{broken');
    const door = new URL(openNetworkFolder(store).running()!.mcp);
    expect((await fetch(door, { method: 'POST', headers: { authorization: 'Bearer nope' } })).status).toBe(401);
    for (const place of [door, new URL(page)])
      for (const target of ['//', 'http://['])
        expect(await askRaw(Number(place.port), target), `${place.port} ${target}`).toMatch(/^HTTP\/1\.1 4\d\d/);
    const doctor = await tamc('doctor', '--store', store);
    expect(doctor.output).toContain('bob.json');
    expect(doctor.output).not.toContain('Another program');
    expect(await stop('SIGINT')).toBe(0);
    await start('--no-town');
    expect(running.output()).toContain('bob.json');
    rmSync(join(assistants, 'bob.json'));
  });

  it('says all of it in one line of JSON to a program, and the rest beside it', async () => {
    const { owner } = JSON.parse((await tamc('owner', '--json', '--store', store)).output);
    const token = join(store, 'people/assistants/assistant.json');
    const second = await tamc('start', '--json', '--store', store);
    expect(second.code).toBe(1);
    const refused = { message: expect.stringContaining('It already runs'), next: expect.stringContaining('stop') };
    expect(JSON.parse(second.output)).toEqual({ error: refused });
    expect(await stop('SIGTERM')).toBe(0);
    running = startProgram(['stack/bin/tamc.mjs', 'start', '--json', '--no-town', ...ports, '--store', store]);
    await running.waitFor(/"connect".*\n/);
    const line = running.standardOutput();
    const { pid, url, mcp, ...facts } = JSON.parse(line);
    expect(openNetworkFolder(store).running()).toMatchObject({ pid, url, mcp, page: facts.page });
    expect(facts).toMatchObject({
      store,
      owner,
      assistant: { name: 'assistant' },
      canisters: { counter: expect.stringMatching(/-/) },
    });
    expect(facts.connect.http).toEqual({ url: mcp, tokenFile: token });
    const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StdioClientTransport({ ...facts.connect.stdio, cwd: tmpdir(), stderr: 'ignore' }));
    const { structuredContent } = await client.callTool({ name: 'network', arguments: {} });
    expect(structuredContent).toMatchObject({ kind: 'embedded', you: facts.assistant.id });
    await client.close();
    expect(line).not.toContain(JSON.parse(readFileSync(token, 'utf8')).token);
    const stopped = await tamc('stop', '--json', '--store', store);
    expect(stopped).toEqual({ code: 0, output: `${JSON.stringify({ stopped: true, pid })}\n` });
    expect(await running.ended).toBe(0);
    expect(running.output()).toContain('Stopped. Everything is kept');
    expect(running.standardOutput()).toBe(line);
    const nothing = await tamc('stop', '--json', '--store', store);
    expect(nothing).toEqual({ code: 0, output: '{"stopped":false,"pid":null}\n' });
    await start('--no-town');
  });

  it('in the background too says one line of JSON', async () => {
    expect(await stop('SIGTERM')).toBe(0);
    const words = ['stack/bin/tamc.mjs', 'start', '--json', '--background', '--no-town', ...ports, '--store', store];
    const starter = startProgram(words);
    expect(await starter.ended, starter.output()).toBe(0);
    const { pid, connect } = JSON.parse(starter.standardOutput());
    expect(openNetworkFolder(store).running()?.pid).toBe(pid);
    expect(connect.stdio.args).toContain(store);
    // Who stops it needs no assistant, and makes none.
    const [assistants, away] = [join(store, 'people/assistants'), join(store, 'people/away')];
    renameSync(assistants, away);
    expect((await tamc('stop', '--store', store)).code).toBe(0);
    expect(existsSync(assistants)).toBe(false);
    renameSync(away, assistants);
    await start('--no-town');
  });

  it('is ended by tamc stop, which ends nothing else', async () => {
    expect(await tamc('stop', '--store', store)).toMatchObject({ code: 0, output: expect.stringMatching(/^Stopped/) });
    expect(await running.ended).toBe(0);
    expect(await tamc('stop', '--store', store)).toEqual({ code: 0, output: 'Nothing runs here.\n' });
    // What a loss of power leaves, and the number is that of another process by now: of this one.
    const left = {
      url: 'http://127.0.0.1:1',
      page: 'http://127.0.0.1:1/',
      mcp: 'http://127.0.0.1:1/mcp',
      pid: process.pid,
    };
    for (const start of [{}, { ...currentProcess(), start: '1' }, { ...currentProcess(), boot: 'before' }]) {
      writeFileSync(join(store, 'running.json'), JSON.stringify({ ...left, ...start }));
      expect(await tamc('stop', '--store', store)).toEqual({ code: 0, output: 'Nothing runs here.\n' });
    }
    // This process it is, but not with the tokens of the folder.
    writeFileSync(join(store, 'running.json'), JSON.stringify({ ...left, ...currentProcess() }));
    const refused = await tamc('stop', '--store', store);
    expect(refused.code).toBe(1);
    expect(refused.output).toContain('Nothing was ended');
    await start('--no-town');
  });
});
