import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentProcess } from '@tamc/replica/process-identity';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { creationsInFolder } from './creations.ts';
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

it('two that make the key at the same time use the same one', () => {
  const folders = [openNetworkFolder(folder), openNetworkFolder(folder)];
  const [first, second] = folders.map((opened) => opened.identity().getPrincipal().toText());
  expect(first).toBe(second);
});

it.each(['', '{"ledger":"kwc7c', '[]', 'null', '{"ledger":"bkyz2-fmaaa-aaaaa-qaaar-cai"}', '{"ledger":7}'])(
  'damaged ids of canisters are said, and not taken for a network with none: %s',
  (text) => {
    const path = join(folder, 'canisters.json');
    writeFileSync(path, text);
    const opened = openNetworkFolder(folder);
    expect(() => opened.canisters()).toThrow(path);
    expect(() => opened.setCanister('registry', 'bkyz2-fmaaa-aaaaa-qaaaq-cai')).toThrow(path);
    expect(readFileSync(path, 'utf8')).toBe(text);
  },
);

it('what may not be read is not what is not there', () => {
  for (const name of ['identity.json', 'canisters.json', 'creations.json']) mkdirSync(join(folder, name));
  const opened = openNetworkFolder(folder);
  expect(() => opened.identity()).toThrow(/EISDIR/);
  expect(() => opened.canisters()).toThrow(/EISDIR/);
  expect(() => creationsInFolder(folder).of('ledger')).toThrow(/EISDIR/);
});

it.each(['', '[]', '{"url":"here","page":"there","mcp":"x","pid":1}', '{"url":1}'])(
  'nothing runs where what is said of it is damaged: %s',
  (text) => {
    writeFileSync(join(folder, 'running.json'), text);
    expect(openNetworkFolder(folder).running()).toBeNull();
  },
);

it('what killed processes left unfinished goes with the next write, and what a live one writes stays', () => {
  const { pid: ended } = spawnSync(process.execPath, ['--version']);
  const [left, alive] = [`creations.json.${ended}.unfinished`, `canisters.json.${process.pid}.unfinished`];
  for (const name of [left, alive, 'notes.unfinished']) writeFileSync(join(folder, name), '');
  creationsInFolder(folder).begin('ledger', { id: null, subnet: null, createdNs: 1n, cycles: 1n });
  expect(readdirSync(folder).sort()).toEqual([alive, 'creations.json', 'notes.unfinished']);
});

const url = 'http://127.0.0.1:1';
const network = { url, page: `${url}/`, mcp: `${url}/mcp`, pid: process.pid };

it('what runs is known while its process lives, and so is what starts', () => {
  const opened = openNetworkFolder(folder);
  opened.setRunning(network);
  opened.setStarting(true);
  expect([opened.running(), opened.isStarting()]).toEqual([network, true]);
  opened.setRunning(null);
  opened.setStarting(false);
  expect([opened.running(), opened.isStarting()]).toEqual([null, false]);
});

it.each([
  ['of another start of the computer', { boot: 'before' }],
  ['that began at another time', { start: '1' }],
  ['of another machine', { host: 'elsewhere' }],
  ['that is gone', { pid: 2 ** 30 }],
])('a process %s runs nothing here, whatever has its number now', (_what, changed) => {
  const written = { ...network, ...currentProcess(), ...changed };
  for (const name of ['running.json', 'starting.json']) writeFileSync(join(folder, name), JSON.stringify(written));
  const opened = openNetworkFolder(folder);
  expect([opened.running(), opened.isStarting()]).toEqual([null, false]);
});
