// A network whose disk takes nothing more, from outside: it ends by itself and says why, and is there again with room. A limit on the
// size of files stands for the disk: the replica answers both alike, and it can be set under a process that runs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startProgram, tamc } from './program.ts';

const store = mkdtempSync(join(tmpdir(), 'tamc-full-disk-'));
afterAll(() => rmSync(store, { recursive: true, force: true }));

const ports = ['--port', '0', '--page-port', '0', '--mcp-port', '0'];
const start = async () => {
  const program = startProgram(['stack/bin/tamc.mjs', 'start', '--no-owner', ...ports, '--store', store]);
  await program.waitFor(/Ctrl-C stops it/);
  return program;
};

it.runIf(process.platform === 'linux')(
  'ends by itself when its disk is full, says so once, and goes on when there is room',
  async () => {
    // Its town acts by itself.
    const network = await start();
    execFileSync('prlimit', ['--pid', String(network.child.pid), '--fsize=1']);
    expect(await network.ended, network.output()).toBe(1);
    const output = network.output();
    expect(output).toMatch(/tamc: The disk is full .*\n {2}→ Free some space and start again/);
    expect(output.match(/cannot serve/g)?.length ?? 0).toBeLessThan(2);
    expect((await tamc('status', '--store', store)).output).toContain('No network runs here');
    const again = await start();
    expect((await tamc('status', '--json', '--store', store)).code).toBe(0);
    again.child.kill();
    expect(await again.ended).toBe(0);
  },
  180_000,
);
