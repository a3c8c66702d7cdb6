// Each look of the doctor with its defect really made: it is found, told in one sentence, and the next step is the one that mends it.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createReplica, readLockOwner } from '@tamc/replica';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeKeptInputs } from '../kept-inputs.mjs';
import { plain } from '../show/paint.ts';
import { openPeople } from '../world/people.ts';
import { fine, renderChecks, warning, wrong } from './check.ts';
import { checkBundle, checkDisk, checkKeys, checkMemory, checkNode, checkPackages } from './checkout.ts';
import {
  checkAssistants,
  checkClock,
  checkMcp,
  checkOwner,
  checkPorts,
  checkReplica,
  checkStore,
  checkTown,
  keyFilesOf,
} from './network.ts';

let folder = '';
const closers: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tamc-doctor-'));
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, content: string, mode = 0o600): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

/** The port that it listens at. */
async function listen(answer: RequestListener): Promise<number> {
  const server = createHttpServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}
const runningAt = (port: number) => {
  const url = `http://127.0.0.1:${port}`;
  return { url, page: `${url}/`, mcp: `${url}/mcp`, pid: process.pid };
};
const deadPort = 1;
const nowNs = () => BigInt(Date.now()) * 1_000_000n;

describe('the checkout', () => {
  it('needs a Node that is new enough', () => {
    expect(checkNode(process.versions.node).state).not.toBe('wrong');
    expect(['18.20.8', '20.18.3', '20.19.0', '21.7.0', '24.0.0'].map((version) => checkNode(version).state)).toEqual([
      'wrong',
      'wrong',
      'ok',
      'warning',
      'ok',
    ]);
  });

  it('needs the packages of its lock file', () => {
    const packages = {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    };
    expect(checkPackages(folder)).toMatchObject({ state: 'wrong', text: expect.stringContaining('package-lock.json') });
    put('package-lock.json', JSON.stringify({ packages }));
    expect(checkPackages(folder)).toMatchObject({ state: 'wrong', next: expect.stringContaining('npm ci') });
    put('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.1' } } }));
    expect(checkPackages(folder)).toMatchObject({ state: 'wrong', text: expect.stringContaining('node_modules/a') });
    put('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
    expect(checkPackages(folder).state).toBe('ok');
  });

  it('has a bundle of the source as it is', () => {
    put('source.ts', 'one');
    expect(checkBundle(folder).state).toBe('warning');
    mkdirSync(join(folder, '.tamc/bin/tamc'), { recursive: true });
    writeKeptInputs(join(folder, '.tamc/bin/tamc/manifest.json'), folder, ['source.ts'], {});
    expect(checkBundle(folder).state).toBe('ok');
    put('source.ts', 'another');
    expect(checkBundle(folder).state).toBe('warning');
  });

  it('needs room on the disk and in memory', () => {
    expect([1e8, 1e9, 1e10].map((bytes) => checkDisk(bytes, folder).state)).toEqual(['wrong', 'warning', 'ok']);
    expect([1e8, 1e9, 1e10].map((bytes) => checkMemory(bytes).state)).toEqual(['wrong', 'warning', 'ok']);
  });
});

describe('the folder of the network', () => {
  it('keeps every key to its owner', () => {
    const files = ['identity.json', 'people/owner.json', 'people/assistants/one.json', 'devices/a.json'];
    const paths = files.map((name) => put(name, '{}'));
    put('running.json', '{}', 0o644);
    expect(keyFilesOf({ path: folder }).toSorted()).toEqual(paths.toSorted());
    expect(checkKeys(paths).state).toBe('ok');
    for (const path of paths) {
      chmodSync(path, 0o640);
      expect(checkKeys(paths)).toMatchObject({ state: 'wrong', next: `chmod 600 '${path}'` });
      chmodSync(path, 0o600);
    }
  });

  it('has an owner whose file is whole', async () => {
    const people = openPeople(folder);
    expect(checkOwner(people)).toMatchObject({ state: 'warning', next: expect.stringContaining('tamc owner') });
    await people.createOwner('a passphrase');
    expect(checkOwner(people).state).toBe('ok');
    put('people/owner.json', '{"id":');
    expect(checkOwner(people)).toMatchObject({ state: 'wrong', text: expect.stringContaining('owner.json') });
  });

  it('has assistants whose files are whole', () => {
    const people = openPeople(folder);
    people.assistant('one');
    expect(checkAssistants(people)).toEqual([]);
    put('people/assistants/two.json', '{broken');
    expect(checkAssistants(people)).toMatchObject([{ state: 'wrong', text: expect.stringContaining('two.json') }]);
  });

  it('has a store that one known process uses', async () => {
    const store = join(folder, 'replica');
    const replica = await createReplica({ store });
    const pid = readLockOwner(store)?.process.pid ?? null;
    expect(pid).toBe(process.pid);
    expect(checkStore(pid, null, false)).toMatchObject({
      state: 'warning',
      next: expect.stringContaining(`kill ${pid}`),
    });
    expect(checkStore(pid, runningAt(deadPort), false).state).toBe('ok');
    expect(checkStore(pid, null, true).state).toBe('ok');
    await replica.close();
    expect(checkStore(readLockOwner(store)?.process.pid ?? null, null, false).state).toBe('ok');
  });

  it('has a town in which something happens', () => {
    expect(checkTown(folder, Date.now()).state).toBe('ok');
    const path = put('town.jsonl', '{}\n');
    expect(checkTown(folder, Date.now()).state).toBe('ok');
    const hourAgo = Date.now() / 1_000 - 3_600;
    utimesSync(path, hourAgo, hourAgo);
    expect(checkTown(folder, Date.now())).toMatchObject({ state: 'warning', text: expect.stringContaining('1 h') });
  });
});

describe('the network', () => {
  it('has ports that are free or its own', async () => {
    const port = await listen((_, response) => response.end());
    expect(await checkPorts([port], null)).toMatchObject({
      state: 'warning',
      text: expect.stringContaining(`${port}`),
    });
    expect((await checkPorts([port], runningAt(port))).state).toBe('ok');
    // Another program has the usual ones, and the network that runs has others.
    expect(await checkPorts([port], runningAt(deadPort))).toMatchObject({
      state: 'ok',
      text: expect.not.stringContaining(`${port}`),
    });
  });

  it('answers, and its clock is that of this computer', async () => {
    const replica = await createReplica({ memory: true });
    closers.push(() => replica.close());
    const { url } = await replica.listen({ port: 0 });
    const running = runningAt(Number(new URL(url).port));
    expect((await checkReplica(running)).state).toBe('ok');
    expect((await checkClock(running, nowNs)).state).toBe('ok');
    expect((await checkClock(running, () => nowNs() + 60_000_000_000n)).state).toBe('warning');
    expect((await checkClock(running, () => nowNs() + 600_000_000_000n)).state).toBe('wrong');
    // Its time never goes back, so a clock that was ahead once leaves it ahead: that is nothing to mend.
    expect(await checkClock(running, () => nowNs() - 7_200_000_000_000n)).toMatchObject({
      state: 'warning',
      text: expect.stringContaining('The network is ahead'),
      next: expect.stringContaining('Nothing has to be done'),
    });
    expect(await checkReplica(runningAt(deadPort))).toMatchObject({
      state: 'wrong',
      next: expect.stringContaining('tamc stop'),
    });
    expect((await checkClock(runningAt(deadPort), nowNs)).state).toBe('warning');
  });

  it('lets the assistant in by its token', async () => {
    const port = await listen(({ headers }, response) => {
      response.writeHead(headers.authorization === 'Bearer right' ? 200 : 401).end();
    });
    const running = runningAt(port);
    expect((await checkMcp(running, 'right')).state).toBe('ok');
    expect(await checkMcp(running, 'wrong')).toMatchObject({ state: 'wrong', text: expect.stringContaining('401') });
    expect(await checkMcp(running, null)).toMatchObject({
      state: 'warning',
      next: expect.stringContaining('`npx tamc owner --admit assistant`'),
    });
    expect((await checkMcp(runningAt(deadPort), 'right')).state).toBe('wrong');
  });
});

describe('what the doctor says', () => {
  it('is a sentence for each look, the next step under it, and a sum', () => {
    const checks = [
      fine('node', 'Node 20.'),
      warning('owner', 'None.', 'Make one.'),
      wrong('disk', 'Full.', 'Make room.'),
    ];
    expect(renderChecks(checks, plain).join('\n')).toMatchInlineSnapshot(`
      "✓ node         Node 20.
      ! owner        None.
                     → Make one.
      ✗ disk         Full.
                     → Make room.

      1 wrong, 1 to look at, 1 fine."
    `);
    expect(renderChecks([fine('node', 'Node 20.')], plain).at(-1)).toBe('All is well.');
  });
});
