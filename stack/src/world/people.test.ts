import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex } from '@tamc/base/bytes';
import { seedOf } from '@tamc/client';
import { principalToHex } from '@tamc/protocol/principal';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { isAssistantName, openPeople } from './people.ts';

const folders: string[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tamc-people-'));
  folders.push(folder);
});
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('the owner', () => {
  it('is made once, sealed, and opened by the passphrase alone', async () => {
    const people = openPeople(folder);
    expect(people.owner()).toBeNull();
    expect(await people.unsealOwner('any')).toMatchObject({ ok: false });
    const made = await people.createOwner('six plain words');
    const id = principalToHex(made.getPrincipal());
    expect(openPeople(folder).owner()?.id).toBe(id);
    const opened = await openPeople(folder).unsealOwner('six plain words');
    expect(opened.ok && principalToHex(opened.value.getPrincipal())).toBe(id);
    expect(await people.unsealOwner('six plain word')).toMatchObject({ ok: false });
    await expect(people.createOwner('another')).rejects.toThrow();
    expect(people.owner()?.id).toBe(id);
  });

  it('can have a new passphrase, and then the old one opens nothing', async () => {
    const people = openPeople(folder);
    const made = await people.createOwner('old');
    await people.resealOwner(made, 'new');
    expect((await people.unsealOwner('new')).ok).toBe(true);
    expect((await people.unsealOwner('old')).ok).toBe(false);
  });

  it('has a file in which neither key nor passphrase stands, and that nobody else reads', async () => {
    const made = await openPeople(folder).createOwner('a secret');
    const path = join(folder, 'people', 'owner.json');
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain(bytesToHex(seedOf(made)));
    expect(text).not.toContain('a secret');
    expect(modeOf(path)).toBe(0o600);
    expect(modeOf(join(folder, 'people'))).toBe(0o700);
  });

  it.each(['', '{', '{"id":"aaaaa-aa"}', 'null', '[]'])(
    'is not made anew over a file that is damaged: %s',
    async (text) => {
      const people = openPeople(folder);
      await people.createOwner('x');
      const path = join(folder, 'people', 'owner.json');
      writeFileSync(path, text);
      expect(() => people.owner()).toThrow(path);
      await expect(people.createOwner('y')).rejects.toThrow();
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  it('is not somebody else because the file names another', async () => {
    const people = openPeople(folder);
    await people.createOwner('x');
    const path = join(folder, 'people', 'owner.json');
    const file = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...file, id: '2vxsx-fae' }));
    expect(await people.unsealOwner('x')).toMatchObject({ ok: false, error: expect.stringContaining('not that of') });
  });
});

describe('assistants', () => {
  it('have each a key and a token, made when first asked for and the same from then on', () => {
    const people = openPeople(folder);
    expect(people.assistants()).toEqual([]);
    const [one, two] = [people.assistant('one'), people.assistant('two')];
    expect(openPeople(folder).assistant('one').token).toBe(one.token);
    expect(openPeople(folder).assistant('one').identity.getPrincipal().toText()).toBe(
      one.identity.getPrincipal().toText(),
    );
    expect(one.token).not.toBe(two.token);
    expect(people.assistants()).toEqual(['one', 'two']);
    expect(modeOf(people.assistantPath('one'))).toBe(0o600);
    expect(readdirSync(join(folder, 'people', 'assistants'))).toEqual(['one.json', 'two.json']);
  });

  it('keep their files to themselves also where a broken-off write left one that was open', () => {
    const people = openPeople(folder);
    people.assistant('one');
    const left = `${people.assistantPath('two')}.${process.pid}.unfinished`;
    writeFileSync(left, '{');
    chmodSync(left, 0o644);
    people.assistant('two');
    expect(modeOf(people.assistantPath('two'))).toBe(0o600);
  });

  it('have a mode that a person says, again whenever it should be another; key and token stay', () => {
    const people = openPeople(folder);
    const { token } = people.assistant('one');
    expect([people.assistant('one').mode, people.modeOf('one'), people.modeOf('nobody')]).toEqual([
      null,
      { ok: true, value: null },
      { ok: true, value: null },
    ]);
    const mode = { toolsets: new Set(['default', 'operate'] as const), isReadOnly: true, isSimulated: false };
    people.setMode('one', mode);
    expect(openPeople(folder).assistant('one')).toMatchObject({ token, mode });
    people.setMode('one', { ...mode, isReadOnly: false });
    expect(people.modeOf('one')).toEqual({ ok: true, value: { ...mode, isReadOnly: false } });
    expect(modeOf(people.assistantPath('one'))).toBe(0o600);
  });

  it.each([
    '{}',
    '{"toolsets":"all","readOnly":true,"simulate":false}',
    '{"toolsets":"default","readOnly":"yes"}',
    'null',
  ])('have no file that allows more because nobody understands it: %s', (mode) => {
    const people = openPeople(folder);
    const { token } = people.assistant('one');
    writeFileSync(people.assistantPath('one'), `{"seed":"${'11'.repeat(32)}","token":"${token}","mode":${mode}}`);
    expect(people.readAssistant('one').ok).toBe(false);
    expect(people.modeOf('one').ok).toBe(false);
  });

  it('have names that are names of files, and nothing else', () => {
    expect(['a', 'my-assistant-2', 'x'.repeat(32)].every(isAssistantName)).toBe(true);
    expect(['', 'A', '../owner', 'a/b', 'a.b', 'x'.repeat(33), 'ä', 'a\n'].some(isAssistantName)).toBe(false);
  });
});
