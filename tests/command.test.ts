// The `tamc` command from outside: help, refusals, building, and a bare replica.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../stack/src/command/commands.ts';
import { root, startProgram, tamc } from './program.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tamc-command-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('tamc', () => {
  it('shows its commands, and the options of each', async () => {
    const all = await tamc('--help');
    expect(all.code).toBe(0);
    for (const name of ['start', 'replica', 'build', 'call']) {
      expect(all.output).toContain(`\n  ${name} `);
      expect((await tamc(name, '--help')).output).toContain(`Usage: tamc ${name} `);
    }
    expect(await tamc()).toEqual(all);
  });

  it('refuses what it does not know with the next step, and code 2', async () => {
    expect(await tamc('replcia')).toEqual({
      code: 2,
      output: 'tamc: There is no command "replcia". Did you mean "replica"? `tamc --help` lists them.\n',
    });
    expect((await tamc('replica', '--ports', '1')).code).toBe(2);
    expect((await tamc('replica', '--port', 'many')).output).toContain('"many" is not a port');
    expect((await tamc('replica', '--memory', '--store', 'x')).output).toContain('leave one of them out');
  });

  it('says in JSON what is wrong where a program reads, on standard output', async () => {
    const errorOf = async (...words: string[]) => {
      const { code, output } = await tamc(...words);
      return { code, ...JSON.parse(output) };
    };
    expect(await errorOf('replica', '--ports', '1', '--json')).toMatchObject({
      code: 2,
      error: { message: expect.stringContaining('no option --ports') },
    });
    expect(await errorOf('replica', '--port', 'many', '--json')).toMatchObject({
      code: 2,
      error: { message: expect.stringContaining('not a port') },
    });
    expect(await errorOf('build', 'examples/counter', '--out', 'package.json', '--json')).toMatchObject({
      code: 1,
      error: { message: expect.stringContaining('is a file'), next: 'Name a folder: --out DIR.' },
    });
  });

  it('says it on standard error where standard output is a protocol', async () => {
    for (const [words, code, text] of [
      [['--toolsets', 'all'], 1, 'There is no toolset "all"'],
      [['--as', '../owner'], 1, 'is no name of an assistant'],
      [['--unknown'], 2, 'no option --unknown'],
    ] as const) {
      const program = startProgram(['stack/bin/tamc.mjs', 'mcp', '--json', ...words]);
      expect(await program.ended).toBe(code);
      expect(program.standardOutput()).toBe('');
      expect(JSON.parse(program.output()).error.message).toContain(text);
    }
  });

  it('offers JSON with every command that people and programs share', async () => {
    const help = (name: string) => tamc(name, '--help');
    for (const { name } of commands) expect((await help(name)).output, name).toContain('\n  --json ');
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'stack/package.json'), 'utf8'));
    expect(await tamc('--version')).toEqual({ code: 0, output: `tamc ${version}\n` });
  });

  it('builds a canister to files', async () => {
    const { code, output } = await tamc('build', 'examples/counter', '--out', folder, '--json');
    expect(code, output).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ wasm: join(folder, 'counter.wasm') });
    expect(readFileSync(join(folder, 'counter.did'), 'utf8')).toBe(
      readFileSync(join(root, 'examples/counter/counter.did'), 'utf8'),
    );
    await WebAssembly.compile(readFileSync(join(folder, 'counter.wasm')));
  });
});

describe('tamc replica', () => {
  it.each([
    ['in memory', () => ['--memory']],
    ['on a store', () => ['--store', join(folder, 'store')]],
    ['on the same store again', () => ['--store', join(folder, 'store')]],
    ['keeping no inputs', () => ['--store', join(folder, 'store'), '--drop-inputs']],
    ['with virtual time', () => ['--memory', '--virtual-time', '--seed', 'a seed']],
  ])('says where it answers in one line of JSON, answers there, and ends on a signal: %s', async (_, options) => {
    const program = startProgram(['stack/bin/tamc.mjs', 'replica', '--port', '0', '--json', ...options()]);
    const [line] = await program.waitFor(/.*\n/);
    const { url, pid } = JSON.parse(line);
    expect(pid).toBe(program.child.pid);
    const status = await fetch(`${url}/api/v2/status`);
    expect(status.status).toBe(200);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    expect(program.output()).toBe(line);
  });

  it('does not mix its files into a folder of something else', async () => {
    const work = join(folder, 'work');
    mkdirSync(work);
    writeFileSync(join(work, 'thesis.txt'), 'kept');
    const { code, output } = await tamc('replica', '--port', '0', '--store', work);
    expect({ code, output }).toEqual({
      code: 1,
      output:
        `tamc: ${work} holds other files and no store of a replica.\n` +
        `  → Name a folder that is empty or not there yet, like --store ${join(work, 'replica')}.\n`,
    });
    expect(readdirSync(work)).toEqual(['thesis.txt']);
  });

  it('says so when the port is taken', async () => {
    const first = startProgram(['stack/bin/tamc.mjs', 'replica', '--port', '0', '--json', '--memory']);
    const { url } = JSON.parse((await first.waitFor(/.*\n/))[0]);
    const second = await tamc('replica', '--memory', '--port', new URL(url).port);
    expect(second.code).toBe(1);
    expect(second.output).toMatch(/^tamc: .* is taken\.\n {2}→ Choose another port[^\n]*\n$/);
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
  });
});
