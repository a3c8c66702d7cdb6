// Shell (files): the checkout and the computer it lies on.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readKeptInputs } from '../kept-inputs.mjs';
import { type Check, fine, warning, wrong } from './check.ts';

const nodeOldest = [20, 19] as const;

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < nodeOldest[0] || (major === nodeOldest[0] && minor < nodeOldest[1]);
  if (isOld) {
    const next = 'Get a current one from https://nodejs.org and run the same command again.';
    return wrong('node', `Node ${version} is too old: ${nodeOldest.join('.')} or newer is needed.`, next);
  }
  if (major % 2 === 0) return fine('node', `Node ${version}.`);
  return warning('node', `Node ${version} is a line without long support.`, 'Node 20, 22 and 24 are tested.');
}

/** As the set-up decides whether to install. */
export function checkPackages(root: string): Check {
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const found = packagesIn(join(root, 'node_modules/.package-lock.json'));
  const next = `In ${root}: npm ci --ignore-scripts`;
  if (wanted === null)
    return wrong('packages', 'package-lock.json is missing or damaged.', 'git checkout package-lock.json');
  if (found === null) return wrong('packages', 'The packages are not installed, or not to the end.', next);
  const missing = Object.entries(wanted).filter(([path, { version, optional, link }]) => {
    if (path === '' || optional === true) return false;
    return link === true ? !(path in found) : found[path]?.version !== version;
  });
  const [first] = missing;
  if (first === undefined)
    return fine('packages', `${Object.keys(wanted).length - 1} packages, as the lock file names them.`);
  return wrong('packages', `${missing.length} packages are not those of the lock file, first ${first[0]}.`, next);
}

type Packages = Readonly<
  Record<string, { readonly version?: string; readonly optional?: boolean; readonly link?: boolean }>
>;

function packagesIn(path: string): Packages | null {
  try {
    const content: { packages?: Packages } = JSON.parse(readFileSync(path, 'utf8'));
    return content.packages ?? null;
  } catch {
    return null;
  }
}

export function checkBundle(root: string): Check {
  const kept = readKeptInputs(join(root, '.tamc/bin/tamc/manifest.json'), root);
  if (kept !== null) return fine('bundle', 'The command is bundled from the source as it is.');
  return warning(
    'bundle',
    'The source has changed since the command was bundled.',
    'The next `npx tamc` bundles it anew.',
  );
}

const gibibyte = 1_073_741_824;
/** A town writes some megabytes an hour; a store that cannot write stops. */
const disk = { careful: 2 * gibibyte, bad: gibibyte / 4 };
/** A network with its canisters takes about one; building and testing two. */
const memory = { careful: 1.5 * gibibyte, bad: gibibyte / 2 };

export function checkDisk(freeBytes: number, folder: string): Check {
  const text = `${size(freeBytes)} free where ${folder} lies.`;
  if (freeBytes < disk.bad) return wrong('disk', text, `Make room: at least ${size(disk.careful)}.`);
  return freeBytes < disk.careful
    ? warning('disk', text, `Make room: ${size(disk.careful)} are good.`)
    : fine('disk', text);
}

export function checkMemory(freeBytes: number): Check {
  const text = `${size(freeBytes)} of memory can be used.`;
  if (freeBytes < memory.bad) return wrong('memory', text, 'End some programs: the network needs about 1 GB.');
  return freeBytes < memory.careful
    ? warning('memory', text, 'End some programs before you build or test.')
    : fine('memory', text);
}

const size = (bytes: number) => `${(bytes / gibibyte).toFixed(1)} GB`;

/** Keys that others could read are others' keys too. */
export function checkKeys(paths: readonly string[]): Check {
  const open = process.platform === 'win32' ? [] : paths.filter((path) => (statSync(path).mode & 0o077) !== 0);
  if (open.length === 0) return fine('keys', `${paths.length} files with keys, for you alone.`);
  return wrong(
    'keys',
    `Others on this computer can read ${open.join(', ')}.`,
    `chmod 600 ${open.map((path) => `'${path}'`).join(' ')}`,
  );
}
