import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFolderActMemory } from './act-memory.ts';

let folderPath = '';
beforeEach(() => {
  folderPath = mkdtempSync(join(tmpdir(), 'tamc-acts-'));
});
afterEach(() => rmSync(folderPath, { recursive: true, force: true }));

const path = () => join(folderPath, 'acts', 'one.jsonl');
const open = (caller = '01') =>
  createFolderActMemory({ folderPath, name: 'one', caller: () => caller as PrincipalHex });

it('knows what another process began, before it and meanwhile, and how it ended', () => {
  const [first, second] = [open(), open()];
  expect(second.find('a')).toBeNull();
  first.keep('a', { what: 'x', facts: null });
  expect(second.find('a')).toEqual({ what: 'x', facts: null });
  first.keep('a', { what: 'x', facts: { status: 'set', tariff: 5n } });
  second.keep('a', { what: 'x', facts: null });
  expect([first, second, open()].map((one) => one.find('a'))).toEqual(
    Array(3).fill({ what: 'x', facts: { status: 'set', tariff: '5' } }),
  );
});

it('takes nothing of an assistant with another key, and lets nobody else read it', () => {
  open('02').keep('a', { what: 'x', facts: {} });
  expect(open('01').find('a')).toBeNull();
  expect(statSync(path()).mode & 0o077).toBe(0);
});

it('a line that was cut by an interruption costs only itself', () => {
  const memory = open();
  memory.keep('a', { what: 'x', facts: {} });
  appendFileSync(path(), '{"caller":"01","id":"b","wh');
  expect(memory.find('b')).toBeNull();
  appendFileSync(path(), '\n');
  memory.keep('c', { what: 'z', facts: {} });
  expect([memory, open()].map((one) => ['a', 'b', 'c'].map((id) => one.find(id)?.what ?? null))).toEqual([
    ['x', null, 'z'],
    ['x', null, 'z'],
  ]);
});

it('stays bounded, and knows the newer half of what it was told', () => {
  const [writer, reader] = [open(), open()];
  const facts = { text: 'x'.repeat(10_000) };
  for (let i = 0; i < 120; i++) {
    writer.keep(`act ${i}`, { what: 'x', facts });
    expect(reader.find(`act ${i}`)?.facts).toEqual(facts);
  }
  expect(existsSync(`${path()}.1`)).toBe(true);
  const bytes = [path(), `${path()}.1`].map((file) => readFileSync(file).length);
  expect(Math.max(...bytes)).toBeLessThan(600_000);
  expect([open(), reader].map((one) => one.find('act 70')?.what)).toEqual(['x', 'x']);
  expect(open().find('act 0')).toBeNull();
});
