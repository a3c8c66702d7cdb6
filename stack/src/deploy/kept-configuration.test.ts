import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defaultConfiguration } from './configuration.ts';
import { keptConfigurationIn, readKeptConfiguration } from './kept-configuration.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tamc-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is the default where nothing was kept', () => {
  expect(readKeptConfiguration(folder, 'embedded')).toEqual(defaultConfiguration('embedded'));
});

it('stands in for the defaults and names nothing: what is there stays as the governor set it', () => {
  keptConfigurationIn(folder).keep({ engine: true, birthsPerCaller: 5 });
  expect(readKeptConfiguration(folder, 'local')).toMatchObject({ kind: 'engine', birthsPerCaller: 5, named: [] });
});

it.each(['', '[]', '{"ownLegder":null}', '{"birthsPerCaller":"5"}'])('is said where it is damaged: %s', (text) => {
  const { path } = keptConfigurationIn(folder);
  writeFileSync(path, text);
  expect(() => readKeptConfiguration(folder, 'local')).toThrow(path);
});
