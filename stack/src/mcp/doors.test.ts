import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { assert } from '@tamc/base/assert';
import { createMcpHandler, type McpServerFactory } from '@tamc/mcp-server';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openPeople } from '../world/people.ts';
import { createDoors } from './doors.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tamc-doors-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function open(faults: unknown[]) {
  const people = openPeople(folder);
  const places = { registry: '01' as PrincipalHex, ledger: '02' as PrincipalHex, desk: null };
  const connectAs = async () => {
    throw new Error('nobody calls here');
  };
  const onFault = (fault: unknown) => faults.push(fault);
  return { people, find: createDoors({ folderPath: folder, people, places, connectAs, audit: () => {}, onFault }) };
}

async function namesOf(factory: McpServerFactory | null): Promise<readonly string[]> {
  assert(factory !== null, 'it is let in');
  const handler = createMcpHandler(factory);
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } });
  const fetch = (url: string | URL, init?: RequestInit) => handler.fetch(new Request(url, init));
  await client.connect(new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch }));
  const { tools } = await client.listTools();
  await client.close();
  await handler.close();
  return tools.map(({ name }) => name);
}

/** Files are looked at ten times a second; this is later. */
function passTime(byMs = 60_000): void {
  const now = performance.now() + byMs;
  vi.spyOn(performance, 'now').mockReturnValue(now);
}

it('an assistant whose file is damaged stays outside and is told of once; the others come in', () => {
  const faults: unknown[] = [];
  const { people, find } = open(faults);
  const { token } = people.assistant('one');
  const damaged = people.assistant('two');
  const path = people.assistantPath('two');
  writeFileSync(path, '{broken');
  expect(find('unknown')).toBeNull();
  expect(find(token)).not.toBeNull();
  expect(find(damaged.token)).toBeNull();
  passTime();
  expect(find('unknown')).toBeNull();
  expect(faults).toEqual([expect.stringContaining(path)]);
});

it('an assistant whose file is put back comes in', () => {
  const { people, find } = open([]);
  const { token } = people.assistant('one');
  const path = people.assistantPath('one');
  const whole = JSON.stringify({ seed: '11'.repeat(32), token });
  writeFileSync(path, '');
  expect(find(token)).toBeNull();
  writeFileSync(path, whole);
  passTime();
  expect(find(token)).not.toBeNull();
});

it('a token that was taken away, or exchanged, opens nothing any more; the others are who they were', () => {
  const { people, find } = open([]);
  const [gone, changed, kept] = ['gone', 'changed', 'kept'].map((name) => people.assistant(name));
  const before = find(kept!.token);
  expect([gone, changed].map((one) => find(one!.token) === null)).toEqual([false, false]);
  rmSync(people.assistantPath('gone'));
  const path = people.assistantPath('changed');
  const fresh = 'ab'.repeat(32);
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), token: fresh }));
  passTime();
  expect([gone, changed].map((one) => find(one!.token))).toEqual([null, null]);
  expect(find(fresh)).not.toBeNull();
  expect(find(kept!.token)).toBe(before);
  // Who only looks makes nobody anew.
  expect(people.assistants()).toEqual(['changed', 'kept']);
});

it('an assistant with another mode is who it was, and its tools are those of the new one', async () => {
  const { people, find } = open([]);
  const { token } = people.assistant('one');
  const before = find(token);
  const mode = { toolsets: new Set(['default'] as const), isReadOnly: false, isSimulated: false };
  // Nobody had said anything, which is the same.
  expect(await namesOf(before)).toContain('stop');
  people.setMode('one', { ...mode, isReadOnly: true });
  passTime();
  expect(find(token)).toBe(before);
  expect(await namesOf(before)).not.toContain('stop');
  rmSync(people.assistantPath('one'));
  vi.restoreAllMocks();
  passTime(120_000);
  expect(await namesOf(before)).toEqual([]);
});
