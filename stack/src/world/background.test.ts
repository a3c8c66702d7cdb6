import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openNetworkFolder } from '../deploy/network-folder.ts';
import { startInBackground } from './background.ts';

it('a network that somebody began to start is not started twice, from the first moment on', async () => {
  const path = mkdtempSync(join(tmpdir(), 'tamc-background-'));
  const folder = openNetworkFolder(path);
  const words = ['--no-town', '--port', '0', '--page-port', '0', '--mcp-port', '0'];
  const said: string[] = [];
  // Whoever waits no longer leaves it as it is.
  const begin = () => startInBackground(folder, { say: (text) => said.push(text), timeoutMs: 0, words });
  const starting = { ok: false, error: { code: 'Starting' } };
  expect(await begin()).toMatchObject(starting);
  expect(folder.isStarting()).toBe(true);
  const { pid } = JSON.parse(readFileSync(join(path, 'starting.json'), 'utf8'));
  expect(await begin()).toMatchObject(starting);
  expect(said).toEqual([expect.stringContaining('starting one'), 'the network is being started']);
  process.kill(pid, 'SIGTERM');
  while (folder.isStarting()) await delay(50);
  rmSync(path, { recursive: true });
});
