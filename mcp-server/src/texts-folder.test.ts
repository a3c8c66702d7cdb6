// Folders as they are on disk, through a server that real clients ask.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { SkillsClient } from '@modelcontextprotocol/client/ext/skills';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';
import { registerPrompts } from './prompts.ts';
import { registerSkills } from './skills.ts';
import { readTexts } from './texts-folder.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'texts-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

async function connect(root: string, mode: 'auto' | 'legacy' = 'auto') {
  const said: string[] = [];
  const texts = readTexts(root, (line) => said.push(line));
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'test', version: '0' });
    registerPrompts(server, texts.prompts);
    registerSkills(server, texts.skills);
    return server;
  });
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode } });
  const fetch = (url: string | URL, init?: RequestInit) => handler.fetch(new Request(url, init));
  await client.connect(new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch }));
  closers.push(async () => {
    await client.close();
    await handler.close();
  });
  return { client, skills: new SkillsClient(client), said };
}

const prompt = (name: string) => `---\nname: ${name}\ntitle: T\ndescription: D.\n---\nLook.`;
const skill = (name: string) => `---\nname: ${name}\ndescription: When to do it.\n---\n\n# How\n`;

describe.each(['auto', 'legacy'] as const)('folders of texts, to a client in mode %s', (mode) => {
  it('are served as prompts and skills, each file as it lies there', async () => {
    const root = folderOf({
      'prompts/b.md': prompt('b'),
      'prompts/a.md': prompt('a'),
      'skills/wash/SKILL.md': skill('wash'),
      'skills/wash/references/more.md': 'More.\n',
    });
    const { client, skills, said } = await connect(root, mode);
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['a', 'b']);
    const [wash] = (await skills.list()).skills;
    expect(await skills.read(wash!)).toMatchObject({ text: skill('wash'), verified: true });
    expect(await skills.read(wash!, 'references/more.md')).toMatchObject({ text: 'More.\n', verified: true });
    expect((await client.listResources()).resources).toMatchObject([{ uri: 'skill://wash/SKILL.md', name: 'wash' }]);
    expect(said).toEqual([]);
  });

  it('serve the rest when one is broken, and say which and where', async () => {
    const root = folderOf({
      'prompts/a.md': prompt('a'),
      'prompts/bad.md': '---\nname: bad\ntitle Bad\n---\nLook.',
      'skills/wash/SKILL.md': skill('wash'),
      'skills/dry/SKILL.md': skill('another'),
    });
    const { client, skills, said } = await connect(root, mode);
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['a']);
    expect((await skills.list()).skills.map(({ uri }) => uri)).toEqual(['skill://wash/SKILL.md']);
    expect(said[0]).toMatch(/^prompts\/bad\.md:3: .*; this prompt is left out$/);
    expect(said[1]).toMatch(/^skills\/dry.*another.*left out$/);
    await expect(client.readResource({ uri: 'skill://dry/SKILL.md' })).rejects.toThrow();
  });

  it('may be missing', async () => {
    const { client, skills, said } = await connect(folderOf({}), mode);
    expect((await client.listResources()).resources).toEqual([]);
    expect((await skills.list()).skills).toEqual([]);
    expect(said).toHaveLength(2);
  });

  it('give nothing that lies outside', async () => {
    const root = folderOf({
      'prompts/a.md': prompt('a'),
      'skills/wash/SKILL.md': skill('wash'),
      'secret.md': 'secret',
    });
    const { client } = await connect(root, mode);
    for (const uri of ['skill://../secret.md', 'skill://wash/../../secret.md', 'skill://wash/%2e%2e/%2e%2e/secret.md'])
      await expect(client.readResource({ uri }), uri).rejects.toThrow();
  });
});

describe('the prompts and skills of this checkout', () => {
  it('keep every rule', async () => {
    const { client, skills, said } = await connect(resolve(import.meta.dirname, '../..'));
    expect((await client.listPrompts()).prompts.length).toBeGreaterThanOrEqual(4);
    for (const entry of (await skills.list()).skills) expect((await skills.read(entry)).verified).toBe(true);
    expect(said).toEqual([]);
  });
});
