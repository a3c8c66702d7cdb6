import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Files are looked at ten times a second; this is later. */
function passTime(): void {
  const now = performance.now() + 60_000;
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

it('an assistant with another mode comes in anew, and one with the same is who it was', () => {
  const { people, find } = open([]);
  const { token } = people.assistant('one');
  const before = find(token);
  const mode = { toolsets: new Set(['default'] as const), isReadOnly: false, isSimulated: false };
  people.setMode('one', mode);
  passTime();
  // Nobody had said anything, which is the same.
  expect(find(token)).toBe(before);
  people.setMode('one', { ...mode, isReadOnly: true });
  passTime();
  expect(find(token)).not.toBeNull();
  expect(find(token)).not.toBe(before);
});
