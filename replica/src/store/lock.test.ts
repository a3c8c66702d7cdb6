import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { acquireLock, readLockOwner } from './lock.ts';
import { currentProcess } from './process-identity.ts';

const root = fs.mkdtempSync(join(tmpdir(), 'store-lock-'));
let directories = 0;
const newDirectory = () => join(root, String(++directories));
const childPath = fileURLToPath(new URL('./lock-child.ts', import.meta.url));

afterAll(() => fs.rmSync(root, { recursive: true }));

function startChild(directory: string, wins: number, mode: string): ChildProcess {
  const args = ['--import', 'tsx', childPath, directory, String(wins), mode];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function linesOf(child: ChildProcess, stopAt?: string): Promise<string[]> {
  let text = '';
  for await (const chunk of child.stdout!) {
    text += chunk;
    if (stopAt !== undefined && text.includes(stopAt)) break;
  }
  return text.trim().split('\n');
}

/** A lock file as an owner with these facts would have left it. */
function leaveLock(directory: string, facts: object): void {
  fs.mkdirSync(directory, { recursive: true });
  const owner = { process: { ...currentProcess(), ...facts }, url: null };
  fs.writeFileSync(join(directory, 'lock-7'), JSON.stringify({ version: 1, owner }));
}

describe('the lock of a store', () => {
  it('is given to one owner, who is named with its address to the next [durable.lock]', () => {
    const directory = newDirectory();
    const lock = acquireLock(directory);
    if (!lock.ok) throw lock.error;
    lock.value.setURL('http://127.0.0.1:8000');
    const second = acquireLock(directory);
    expect(second).toMatchObject({ ok: false, error: { kind: 'locked', code: 'heldHere' } });
    if (!second.ok) expect(second.error.message).toContain(`process ${process.pid} at http://127.0.0.1:8000`);
    expect(readLockOwner(directory)?.url).toBe('http://127.0.0.1:8000');
    lock.value.release();
    expect(readLockOwner(directory)).toBeNull();
    expect(acquireLock(directory).ok).toBe(true);
  });

  it('passes on from a process that is dead, though its number lives again [durable.lock]', async () => {
    for (const facts of [{ pid: 2 ** 22 + 5 }, { boot: 'another' }, { start: '1' }]) {
      const directory = newDirectory();
      leaveLock(directory, facts);
      expect(acquireLock(directory).ok).toBe(true);
      expect(fs.readdirSync(directory)).toEqual(['lock-8']);
    }
  });

  it('is not taken from another host or from a file that cannot be read, and the file to remove is named [durable.lock]', () => {
    const directory = newDirectory();
    leaveLock(directory, { host: 'elsewhere' });
    const refused = acquireLock(directory);
    if (refused.ok) throw new Error('taken');
    expect(refused.error.nextStep).toContain(join(directory, 'lock-7'));
    fs.writeFileSync(join(directory, 'lock-7'), '{');
    const damaged = acquireLock(directory);
    expect(damaged).toMatchObject({ ok: false, error: { kind: 'locked', code: 'lockDamaged' } });
    const text = `whether another process uses the store, is damaged (${join(directory, 'lock-7')}). If you are sure`;
    if (!damaged.ok) expect(damaged.error.message).toContain(text);
  });

  it('is free again when its owner was killed, and until then not [durable.lock]', async () => {
    const directory = newDirectory();
    const child = startChild(directory, 1, 'stay');
    await linesOf(child, 'staying');
    const refused = acquireLock(directory);
    expect(refused.ok).toBe(false);
    if (!refused.ok) expect(refused.error.message).toContain(`process ${child.pid} at http://127.0.0.1:4943`);
    const gone = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    expect(acquireLock(directory).ok).toBe(true);
  });

  it('is never had by two of many that race, some of which die with it [durable.lock]', async () => {
    const directory = newDirectory();
    const modes = ['release', 'release', 'release', 'die', 'die', 'release'];
    const all = await Promise.all(modes.map((mode) => linesOf(startChild(directory, 25, mode))));
    expect(all.flat()).toEqual(new Array(4 * 25 + 2).fill('won'));
    expect(acquireLock(directory).ok).toBe(true);
  });
});
