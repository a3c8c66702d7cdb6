// The first start in a checkout where nothing was installed, as after the plugin was added: a host waits half a minute for a server, so
// only what serving needs is installed before it answers. Instead of the registry, npm here has the packages of this checkout.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root, startProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'tamc-first-start-'));
const checkout = join(folder, 'checkout');
const npm = { npm_execpath: join(folder, 'npm.js') };
const asked = () => readFileSync(join(folder, 'asked.txt'), 'utf8').trim().split('\n');

/** Installs what `npm ci --workspace=scripts/serving` would; refuses everything else, as where the registry cannot be reached. */
const npmScript = `
const { appendFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const words = process.argv.slice(2).join(' ');
appendFileSync(${JSON.stringify(join(folder, 'asked.txt'))}, words + '\\n');
if (!words.startsWith('ci --omit=dev --workspace=scripts/serving ')) process.exit(1);
import(${JSON.stringify(join(root, 'scripts/packages.mjs'))}).then(({ readPackages, pathsUnder, servingPart }) => {
  const { wanted } = readPackages(process.cwd());
  const binary = 'node_modules/@esbuild/' + process.platform + '-' + process.arch;
  const packages = {};
  for (const path of [...pathsUnder(wanted, servingPart), binary]) {
    packages[path] = wanted[path];
    if (!path.startsWith('node_modules/')) continue;
    mkdirSync(dirname(path), { recursive: true });
    if (wanted[path].link) symlinkSync(join(process.cwd(), wanted[path].resolved), path);
    else cpSync(join(${JSON.stringify(root)}, path), path, { recursive: true });
  }
  writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
});
`;

beforeAll(() => {
  mkdirSync(checkout);
  writeFileSync(npm.npm_execpath, npmScript);
  const kept = ['package.json', 'package-lock.json', 'prompts', 'skills', 'scripts', 'stack'];
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of [...kept, ...workspaces]) {
    cpSync(join(root, name), join(checkout, name), {
      recursive: true,
      filter: (path) => !/node_modules|\.tamc|\.wasm$/.test(path),
    });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tamc = join(checkout, 'stack/bin/tamc.mjs');

async function listTools(): Promise<number> {
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } });
  const env = { ...process.env, ...npm } as Record<string, string>;
  const args = [tamc, 'mcp', '--store', join(folder, 'world')];
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, env, cwd: folder, stderr: 'ignore' }),
  );
  const { tools } = await client.listTools();
  await client.close();
  return tools.length;
}

it('serves after a tenth of the packages was installed, once', async () => {
  expect(await listTools()).toBeGreaterThanOrEqual(15);
  expect(await listTools()).toBeGreaterThanOrEqual(15);
  expect(asked()).toEqual([expect.stringMatching(/^ci --omit=dev --workspace=scripts\/serving /)]);
  for (const name of ['azle', 'typescript', 'vitest'])
    expect(existsSync(join(checkout, 'node_modules', name))).toBe(false);
});

it.each([
  ['was removed', (path: string) => rmSync(path)],
  ['was cut', (path: string) => truncateSync(path, 1_000)],
])('makes the bundle again when it %s', async (_, damage) => {
  const made = join(checkout, '.tamc/bin/tamc');
  const { entry } = JSON.parse(readFileSync(join(made, 'manifest.json'), 'utf8'));
  const size = statSync(join(made, entry)).size;
  damage(join(made, entry));
  expect(await listTools()).toBeGreaterThanOrEqual(15);
  expect(statSync(join(made, entry)).size).toBe(size);
});

it('serves who may not write the checkout for as long as nothing has to be made, and says so then', () => {
  chmodSync(folder, 0o755);
  chmodSync(checkout, 0o555);
  // Rights hold for everybody but root.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const args = [tamc, 'mcp', '--store', join(folder, 'world')];
  const run = () => spawnSync(process.execPath, args, { ...user, env: { ...process.env, ...npm }, encoding: 'utf8' });
  const source = join(checkout, 'stack/src/command/stop.ts');
  utimesSync(source, 1, 1);
  expect(run()).toMatchObject({ status: 0, stderr: '' });
  const [made, aside] = [join(checkout, '.tamc'), join(folder, 'aside')];
  chmodSync(checkout, 0o755);
  renameSync(made, aside);
  chmodSync(checkout, 0o555);
  const refused = run();
  chmodSync(checkout, 0o755);
  renameSync(aside, made);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(
    /^set-up: EACCES: .*\nThis checkout has to be set up anew, for which .* must be writable/,
  );
});

it('leaves nobody with a part of what was installed whole', async () => {
  const record = join(checkout, 'node_modules/.package-lock.json');
  const { packages } = JSON.parse(readFileSync(record, 'utf8'));
  const older = { ...packages, 'node_modules/@tamc/stack': { link: true }, 'node_modules/zod': { version: '1.0.0' } };
  const manifest = join(checkout, '.tamc/bin/tamc/manifest.json');
  const kept = readFileSync(manifest);
  writeFileSync(record, JSON.stringify({ packages: older }));
  rmSync(manifest);
  const program = startProgram([tamc, 'mcp', '--store', join(folder, 'world')], npm);
  expect(await program.ended).toBe(1);
  expect(asked().at(-1)).toMatch(/^ci --ignore-scripts /);
  writeFileSync(record, JSON.stringify({ packages }));
  writeFileSync(manifest, kept);
});

it.each([
  ['said', () => {}],
  ['has written', (lock: string) => writeFileSync(join(lock, 'pid'), '')],
])('waits for no set-up that ended before it %s who it was', async (_, leave) => {
  const lock = join(checkout, '.tamc/set-up.lock');
  mkdirSync(lock);
  leave(lock);
  for (const path of [join(lock, 'pid'), lock]) if (existsSync(path)) utimesSync(path, 1, 1);
  const program = startProgram([tamc, '--version'], npm);
  expect(await program.ended).toBe(1);
  expect(program.output()).toContain('npm could not install the packages');
  expect(existsSync(lock)).toBe(false);
});

it('installs the rest for the first command that needs it, and serves on meanwhile', async () => {
  const program = startProgram([tamc, '--version'], npm);
  expect(await program.ended).toBe(1);
  expect(program.output()).toContain('npm could not install the packages');
  expect(asked().at(-1)).toMatch(/^ci --ignore-scripts /);
  // As npm leaves it for as long as it installs.
  rmSync(join(checkout, 'node_modules'), { recursive: true });
  const before = asked().length;
  expect(await listTools()).toBeGreaterThanOrEqual(15);
  expect(asked()).toHaveLength(before);
});
