// The README's conversation happens as it is written there: with the network, the town and the MCP server as `npm start` and
// `tamc mcp` run them, and a person who decides with `tamc approve`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Program, root, startProgram, tamc } from './program.ts';

type Names = Map<string, unknown>;

interface Turn {
  readonly tool: string;
  readonly args: unknown;
  readonly expected: unknown;
}

const passphrase = { TAMC_PASSPHRASE: 'of the conversation' };
const names: Names = new Map();
let store = '';
let network: Program;
let host: Client;

beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), 'tamc-conversation-'));
  const ports = ['--port', '0', '--page-port', '0', '--mcp-port', '0'];
  network = startProgram(['scripts/start.mjs', ...ports, '--store', store], passphrase);
  await network.waitFor(/Ctrl-C/);
  host = new Client({ name: 'reader', version: '0' }, { versionNegotiation: { mode: 'auto' } });
  const args = [join(root, 'stack/bin/tamc.mjs'), 'mcp', '--store', store];
  await host.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }));
});
afterAll(async () => {
  await host?.close();
  network?.child.kill('SIGINT');
  await network?.ended;
  rmSync(store, { recursive: true, force: true });
});

/** The block that starts with what the person says. */
function turnsOfReadme(): Turn[] {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const [, block = ''] = /```text\n(You: [\s\S]*?)```/.exec(text) ?? [];
  return [...block.matchAll(/^→ (\w+) (\{.*\})\n← (\{.*\})$/gm)].map(([, tool = '', args = '', expected = '']) => ({
    tool,
    args: JSON.parse(args),
    expected: JSON.parse(expected),
  }));
}

/** `$name` is what stood there before. */
function filled(value: unknown): unknown {
  if (typeof value === 'string') return names.has(value) ? names.get(value) : value;
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item)]));
}

/** Part of what is found; of a list, for each wanted item some item. Null when it does not stand there, else what `$name` is. */
function matched(wanted: unknown, found: unknown): Names | null {
  if (typeof wanted === 'string' && wanted.startsWith('$'))
    return found === undefined ? null : new Map([[wanted, found]]);
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found)) return null;
    return merged(wanted.map((item) => firstOf(found.map((candidate) => matched(item, candidate)))));
  }
  if (typeof wanted !== 'object' || wanted === null) return wanted === found ? new Map() : null;
  if (typeof found !== 'object' || found === null) return null;
  return merged(Object.entries(wanted).map(([key, item]) => matched(item, (found as Record<string, unknown>)[key])));
}

const firstOf = (all: readonly (Names | null)[]): Names | null => all.find((one) => one !== null) ?? null;

function merged(all: readonly (Names | null)[]): Names | null {
  return all.some((one) => one === null) ? null : new Map(all.flatMap((one) => [...(one ?? [])]));
}

/** What only looks is looked at again while the town moves in; a scooter that a customer of the town rides is waited for. */
const looksMax = 60;
const lookMs = 1_000;

async function take({ tool, args, expected }: Turn): Promise<void> {
  const isLook = tool === 'machines' || tool === 'machine' || tool === 'network';
  for (let look = 1; ; look++) {
    const { structuredContent, content } = await host.callTool({
      name: tool,
      arguments: filled(args) as Record<string, unknown>,
    });
    const found = matched(expected, structuredContent);
    if (found !== null) {
      for (const [name, value] of found) names.set(name, value);
      return;
    }
    const isBusy = JSON.stringify(content).includes('MachineBusy');
    if (!(isLook || isBusy) || look >= looksMax) expect.fail(`${tool} gives ${JSON.stringify(content)}`);
    await setTimeout(lookMs);
  }
}

it('the conversation of the README happens as it is written', { timeout: 180_000 }, async () => {
  const turns = turnsOfReadme();
  expect(turns.length).toBeGreaterThan(8);
  for (const turn of turns) await take(turn);
});

it('what was asked for is shown to the owner, and happens by their passphrase alone', { timeout: 60_000 }, async () => {
  const [washer, request] = [String(names.get('$washer')), String(names.get('$request'))];
  const shown = await tamc('approve', '--store', store);
  expect(shown.output).toContain('to give a mandate');
  const wrong = startProgram(['stack/bin/tamc.mjs', 'approve', washer, request, '--store', store], {
    TAMC_PASSPHRASE: 'wrong',
  });
  expect(await wrong.ended).not.toBe(0);
  await take({ tool: 'requests', args: { machine: washer }, expected: { total: 1 } });
  const right = startProgram(['stack/bin/tamc.mjs', 'approve', washer, request, '--store', store], passphrase);
  expect(await right.ended, right.output()).toBe(0);
  await take({
    tool: 'machine',
    args: { machine: washer },
    expected: { your_mandate: [{ budget: '50.00 simUSD', powers: ['tariff', 'command'] }] },
  });
});

it('a stop works at once', async () => {
  const washer = names.get('$washer');
  await take({ tool: 'stop', args: { machine: washer, reason: 'the owner said so' }, expected: { status: 'stopped' } });
  const { structuredContent } = await host.callTool({ name: 'machine', arguments: { machine: washer } });
  expect((structuredContent as { state: string }).state).toMatch(/^stopped since/);
});
