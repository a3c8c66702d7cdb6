// `npm start` as a newcomer meets it: on a clone without anything installed, with what npm has in its cache; and once more.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Benchmark, createFigure } from '../figure.ts';

/** What the banner ends with. */
const ready = /Ctrl-C/;

export const firstStart: Benchmark = {
  name: 'first-start',
  about: '`npm start` on a fresh clone with a warm npm cache, and the second one',
  run: async (say) => {
    const folder = mkdtempSync(join(tmpdir(), 'tamc-clone-'));
    try {
      const clone = join(folder, 'clone');
      const { status } = spawnSync('git', ['clone', '--quiet', process.cwd(), clone], { stdio: 'inherit' });
      if (status !== 0) throw new Error('git clone failed');
      say('the first start');
      const first = await start(clone);
      say('the second start');
      const second = await start(clone);
      return [
        createFigure('first `npm start`', 's', first, null, { kind: 'valueAtMost', bound: 90 }),
        createFigure('second `npm start`', 's', second, null, { kind: 'valueAtMost', bound: 5 }),
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Seconds until the banner stands; then it is stopped as by Ctrl-C. */
async function start(cwd: string): Promise<number> {
  const startMs = performance.now();
  const ports = ['--port', '0', '--page-port', '0', '--mcp-port', '0'];
  const child = spawn('npm', ['start', '--', ...ports], { cwd, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const ended = once(child, 'exit');
  let text = '';
  const shown = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
      if (ready.test(text)) resolve();
    });
  });
  await Promise.race([shown, ended]);
  const seconds = (performance.now() - startMs) / 1_000;
  if (!ready.test(text)) throw new Error(`npm start ended without a banner:\n${text}`);
  process.kill(-child.pid!, 'SIGINT');
  await ended;
  return seconds;
}
