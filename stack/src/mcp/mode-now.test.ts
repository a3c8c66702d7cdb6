import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Toolset } from '@tamc/mcp-server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPeople } from '../world/people.ts';
import { createModeNow } from './mode-now.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tamc-mode-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (isReadOnly: boolean, ...toolsets: Toolset[]) => ({
  toolsets: new Set(toolsets),
  isReadOnly,
  isSimulated: false,
});
const none = { toolsets: null, isReadOnly: false, isSimulated: false };

it('flags say it all of an assistant of whom nobody said anything, and make none', () => {
  const people = openPeople(folder);
  const flags = { toolsets: new Set(['default', 'operate'] as const), isReadOnly: true, isSimulated: true };
  expect(createModeNow(people, 'new', flags)()).toEqual(flags);
  expect(createModeNow(people, 'new', none)()).toEqual(modeOf(false, 'default'));
  expect(people.assistants()).toEqual([]);
});

it('the file is the most that flags can have, and all of it where they say nothing', () => {
  const people = openPeople(folder);
  people.setMode('one', modeOf(false, 'default'));
  const both = { ...none, toolsets: new Set(['default', 'operate'] as const) };
  expect(createModeNow(people, 'one', both)()).toEqual(modeOf(false, 'default'));
  people.setMode('one', modeOf(false, 'default', 'operate'));
  expect(createModeNow(people, 'one', none)()).toEqual(modeOf(false, 'default', 'operate'));
  people.setMode('one', modeOf(true, 'default'));
  expect(createModeNow(people, 'one', both)()).toEqual(modeOf(true, 'default'));
});

it('what is said of an assistant holds for a server that runs, also when its file is damaged then', () => {
  const people = openPeople(folder);
  const { token } = people.assistant('one');
  const modeNow = createModeNow(people, 'one', none);
  expect(modeNow()).toEqual(modeOf(false, 'default'));
  people.setMode('one', modeOf(true, 'default'));
  expect(modeNow()).toEqual(modeOf(true, 'default'));
  expect(people.assistant('one').token).toBe(token);
  writeFileSync(people.assistantPath('one'), '{');
  expect(modeNow()).toEqual(modeOf(true, 'default'));
});
