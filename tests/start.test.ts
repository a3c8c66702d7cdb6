// `npm start` as its reader meets it: the banner, calls from a terminal, the page, stopping, and going on from there.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Program, root, startProgram, tamc } from './program.ts';

let store = '';
let running: Program;
let page = '';

async function start(): Promise<void> {
  running = startProgram(['scripts/start.mjs', '--port', '0', '--page-port', '0', '--store', store]);
  page = (await running.waitFor(/page {6}(http:\S+)[\s\S]*Ctrl-C stops it/))[1]!;
}

async function stop(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null> {
  running.child.kill(signal);
  return await running.ended;
}

beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), 'tamc-start-'));
  await start();
});
afterAll(async () => {
  await stop('SIGTERM');
  rmSync(store, { recursive: true, force: true });
});

/** The commands of the tour in the README, without the `npx tamc` in front. */
function tourCommands(): string[][] {
  const [, block = ''] = /```sh\n(npx tamc call[^`]*)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  return block
    .trim()
    .split('\n')
    .map((line) => line.split(' ').slice(2));
}

describe('npm start', () => {
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
      'tamc: There is no canister "conter".\n  → Give its id, or one of these names: counter.\n',
    );
  });

  it('shows the rejection of a call as one, and a place where nothing answers', async () => {
    const taken = await tamc('call', 'aaaaa-aa', 'raw_rand', '--store', store);
    expect(taken.code).toBe(1);
    expect(taken.output).toMatch(/^tamc: .*aaaaa-aa.*\n {2}→ Check the id/);
    const nowhere = await tamc('call', 'counter', 'count', '--store', store, '--url', 'http://127.0.0.1:1');
    expect(nowhere.output).toBe(
      'tamc: Nothing answers at http://127.0.0.1:1.\n  → Check the address, or `npm start`.\n',
    );
  });

  it('is not started twice on one store', async () => {
    const second = startProgram(['scripts/start.mjs', '--port', '0', '--page-port', '0', '--store', store]);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain('It already runs: the replica at http://127.0.0.1:');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops on %s and goes on with nothing lost', async (signal) => {
    expect(await stop(signal)).toBe(0);
    expect(running.output()).toContain('Stopped. Everything is kept');
    const without = await tamc('call', 'counter', 'count', '--store', store);
    expect(without).toEqual({
      code: 1,
      output: 'tamc: No replica runs here.\n  → Start one with `npm start`, or name one with --url URL.\n',
    });
    await start();
    const { output } = await tamc('call', 'counter', 'count', '--store', store);
    expect(output).toBe('(2)\n');
  });
});
