// Makes a checkout ready: installs what the lock file names when that is not what is there, and bundles the `tamc`
// command. Needs nothing but Node and npm. Says on stderr what it does; says nothing when there is nothing to do.
// A host that starts `tamc mcp` waits for half a minute and no longer: on an empty checkout that installs only what serving needs, and
// the first command that needs the rest installs it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { assertNodeVersion } from './node-version.mjs';
import { canServe, hasAll, readPackages, servingPart, wasWhole } from './packages.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFolder = join(root, '.tamc', 'set-up.lock');

/** Installs, bundles, and gives the path of the bundled command. */
export async function setUp({ isToServe }) {
  try {
    await installPackages({ isToServe });
    const { bundleCommand } = await import('./bundle-command.mjs');
    return await bundleCommand(root, { isToServe: !hasAll(readPackages(root)) });
  } catch (error) {
    const known = diskProblems.find(({ pattern }) => pattern.test(error.message));
    throw known === undefined ? error : new Error(`set-up: ${error.message}\n${known.next}`);
  }
}

/** As Node and as the bundler say it. */
const diskProblems = [
  {
    pattern: /EACCES|EPERM|EROFS|permission denied|read-only file system/i,
    next: `This checkout has to be set up anew, for which ${root} must be writable. Run it once as the user whose checkout it is, or work in one of your own.`,
  },
  {
    pattern: /ENOSPC|EDQUOT|no space left|quota exceeded/i,
    next: `This checkout has to be set up anew, for which there is no room where ${root} lies. Make room (10 MB are enough, 200 MB to install), then run the same command again.`,
  },
];

/** All that a tool needs that works on the source: a source that cannot be bundled is for it to report. */
export async function installPackages({ isToServe = false } = {}) {
  assertNodeVersion();
  const isInstalled = () => {
    const packages = readPackages(root);
    return hasAll(packages) || (isToServe && canServe(packages));
  };
  if (!isInstalled()) {
    await withLock(async () => {
      if (isInstalled()) return;
      const isPart = isToServe && !wasWhole(readPackages(root));
      await install(isPart ? ['--omit=dev', `--workspace=${servingPart}`] : []);
    });
  }
}

export function say(text) {
  process.stderr.write(`${text}\n`);
}

async function install(which) {
  const startedMs = Date.now();
  const seconds = () => Math.round((Date.now() - startedMs) / 1000);
  say('set-up: installing packages from the npm registry (once; about a minute on a slow line) …');
  const ticker = setInterval(() => say(`set-up: still installing, ${seconds()} s …`), 10_000);
  try {
    const code = await runNpm(['ci', ...which, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
    if (code !== 0) throw new Error(installFailed);
  } finally {
    clearInterval(ticker);
  }
  say(`set-up: packages installed in ${seconds()} s`);
}

const installFailed =
  'set-up: npm could not install the packages; its message is above. Check that the npm registry can be reached, then run the same command again.';

/** npm's output goes to stderr, so that a command's own output stays clean. */
function runNpm(args) {
  const script = process.env.npm_execpath;
  const [command, first] = script?.endsWith('.js') === true ? [process.execPath, [script]] : ['npm', []];
  const isWindowsShim = process.platform === 'win32' && command === 'npm';
  const child = spawn(command, [...first, ...args], { cwd: root, stdio: ['ignore', 2, 2], shell: isWindowsShim });
  // From here on npm holds the lock: it goes on when this process is killed, and a second npm beside it would ruin both.
  if (child.pid !== undefined) writeFileSync(join(lockFolder, 'pid'), String(child.pid));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

const lookEveryMs = 200;
/** Each half minute: installing takes about a minute. */
const triesUntilSaid = 150;
/** The owner of the lock writes its number as soon as it has made the folder, and npm's a moment after it was started. */
const writtenWithinMs = 5_000;

/** Two commands started at once on a fresh clone: one installs, the other waits for it. */
async function withLock(work) {
  mkdirSync(dirname(lockFolder), { recursive: true });
  for (let tries = 0; !tryLock(lockFolder); tries++) {
    if (tries === 0) say('set-up: another command is installing; waiting for it …');
    else if (tries % triesUntilSaid === 0)
      say(`set-up: still waiting; if no other installs here, remove ${lockFolder}`);
    await delay(lookEveryMs);
  }
  try {
    await work();
  } finally {
    rmSync(lockFolder, { recursive: true, force: true });
  }
}

function tryLock(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isAbandoned(folder)) rmSync(folder, { recursive: true, force: true });
    return false;
  }
  try {
    writeFileSync(join(folder, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    // Nobody would know whose it is.
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function isAbandoned(folder) {
  const pidFile = join(folder, 'pid');
  const pid = pidIn(pidFile);
  if (pid === null) return isOld(folder) && (!existsSync(pidFile) || isOld(pidFile));
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Null: none stands there, or not yet. */
function pidIn(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/** What is gone was not left behind. A time to come is one from before the clock was set back. */
function isOld(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && Math.abs(Date.now() - stat.mtimeMs) > writtenWithinMs;
}
