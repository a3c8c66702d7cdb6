// The plugin for Claude Code, its marketplace file and the project's `.mcp.json`, held to the rules of `claude plugin validate --strict
// --profile directory` without that program; and both ways to start the server, started as a host does.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commands } from '../stack/src/command/commands.ts';
import { parseArguments } from '../stack/src/command/parse-arguments.ts';
import { root } from './program.ts';

const kebab = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const person = z.strictObject({ name: z.string().min(1), email: z.email().optional(), url: z.url().optional() });
const server = z.strictObject({
  type: z.literal('stdio'),
  command: z.literal('node'),
  args: z.array(z.string()).min(1),
});
const servers = z.strictObject({ tamc: server });

/** The fields that we use; the validator knows more, and a word that it does not know is an error. */
const Plugin = z.strictObject({
  $schema: z.literal('https://anthropic.com/claude-code/plugin.schema.json'),
  name: kebab,
  displayName: z.string().min(1),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  description: z.string().min(20),
  author: person,
  license: z.string(),
  keywords: z.array(z.string()).min(1),
  mcpServers: servers,
  network: z.strictObject({ hosts: z.array(z.string()) }),
});
const Marketplace = z.strictObject({
  name: kebab,
  owner: person,
  description: z.string().min(20),
  plugins: z.array(z.strictObject({ name: kebab, source: z.literal('./'), description: z.string().min(20) })).length(1),
});

const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const plugin = Plugin.parse(JSON.parse(textOf('.claude-plugin/plugin.json')));
const marketplace = Marketplace.parse(JSON.parse(textOf('.claude-plugin/marketplace.json')));
const project = z.strictObject({ mcpServers: servers }).parse(JSON.parse(textOf('.mcp.json')));

const scratch = mkdtempSync(join(tmpdir(), 'plugin-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** As the host fills it in: where the plugin lies, and a folder that outlives an update of it. */
const fill = (arg: string) =>
  arg.replace(/\$\{CLAUDE_PLUGIN_ROOT\}/, root).replace(/\$\{CLAUDE_PLUGIN_DATA\}/, join(scratch, 'data'));
const launches = {
  'the plugin, from any folder': { args: plugin.mcpServers.tamc.args.map(fill), cwd: scratch },
  'the project, from the checkout': { args: project.mcpServers.tamc.args, cwd: root },
};

describe('the plugin', () => {
  it('has the version of the product, and the name that the marketplace lists', () => {
    const { version, license } = JSON.parse(textOf('package.json'));
    expect(plugin).toMatchObject({ version, license });
    expect(marketplace.plugins.map(({ name }) => name)).toEqual([plugin.name]);
  });

  it('keeps what it keeps where an update of it does not reach', () => {
    const { args } = plugin.mcpServers.tamc;
    expect(args[args.indexOf('--store') + 1]).toMatch(/^\$\{CLAUDE_PLUGIN_DATA\}\//);
    expect(args.filter((arg) => /\$\{(?!CLAUDE_PLUGIN_(ROOT|DATA)\})/.test(arg))).toEqual([]);
  });

  it('brings skills, each short and in a folder of its name', () => {
    const names = readdirSync(join(root, 'skills'));
    expect(names.length).toBeGreaterThanOrEqual(5);
    for (const name of names) {
      const text = textOf(`skills/${name}/SKILL.md`);
      expect(text).toMatch(new RegExp(`^---\\nname: ${name}\\ndescription: .{40,1024}\\n`));
      expect(text.split('\n').length, name).toBeLessThan(200);
    }
  });

  it('has an icon that the directory takes, and a README that says something', () => {
    const path = join(root, '.claude-plugin/icon.png');
    const bytes = readFileSync(path);
    expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
    const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    expect(width).toBe(height);
    expect(width).toBeGreaterThanOrEqual(512);
    expect(width).toBeLessThanOrEqual(2_048);
    expect(statSync(path).size).toBeLessThan(2_000_000);
    expect(textOf('README.md').split(/\s+/).length).toBeGreaterThan(40);
  });
});

describe.each(Object.entries(launches))('what starts the server for %s', (_, { args, cwd }) => {
  const [script = '', name, ...words] = args;

  it('is a command that there is, with options that it has', () => {
    expect(existsSync(script.startsWith('/') ? script : join(cwd, script))).toBe(true);
    const row = commands.find((command) => command.name === name);
    expect(row?.name).toBe('mcp');
    expect(parseArguments(row!, words)).toMatchObject({ ok: true });
  });

  it('serves tools, prompts and skills, and makes nothing', async () => {
    const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [...args], cwd, stderr: 'ignore' }),
    );
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    expect((await client.listPrompts()).prompts.length).toBeGreaterThanOrEqual(4);
    expect((await client.listResources()).resources.length).toBe(readdirSync(join(root, 'skills')).length);
    await client.close();
    expect(readdirSync(scratch)).toEqual([]);
  });
});
