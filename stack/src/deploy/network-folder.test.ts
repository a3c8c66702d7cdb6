import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openNetworkFolder } from './network-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tamc-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('the key of the keeper is made once', () => {
  const made = openNetworkFolder(folder).identity().getPrincipal().toText();
  expect(openNetworkFolder(folder).identity().getPrincipal().toText()).toBe(made);
});

it.each(['', '{', 'null', '{"seed":"11"}'])('a damaged key is said, and never made anew: %s', (text) => {
  const path = join(folder, 'identity.json');
  writeFileSync(path, text);
  expect(() => openNetworkFolder(folder).identity()).toThrow(path);
  expect(readFileSync(path, 'utf8')).toBe(text);
});

it.each(['', '[]', '{"url":"here","page":"there","mcp":"x","pid":1}', '{"url":1}'])(
  'nothing runs where what is said of it is damaged: %s',
  (text) => {
    writeFileSync(join(folder, 'running.json'), text);
    expect(openNetworkFolder(folder).running()).toBeNull();
  },
);
